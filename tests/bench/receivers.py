"""The receivers that are measured: `rmo serve --web-only` as it is shipped, and Probot, which keeps nothing.

Both are processes of their own on loopback. Probot is fetched by npm into the folder that `RMO_TEST_CACHE` names, else
among the temporary files.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.bench.sender import SECRET

PROBOT: Final = "14.3.2"
INSTALL_SECONDS: Final = 300
START_SECONDS: Final = 60
TICKS: Final = os.sysconf("SC_CLK_TCK")


class NotHere(Exception):
    """A receiver that can't be had on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Running:
    """A receiver that listens."""

    url: str
    process: "subprocess.Popen[bytes]"

    def cpu_seconds(self) -> float:
        """What it has used so far, in all threads, in user space and in the kernel."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_bytes(self) -> int:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def ours(home: Path) -> Generator[Running]:
    """The receiver with its database in `home`; killed at the end, as a crash would end it."""
    port = _free_port()
    settings = {"RMO_HOME": str(home), "RMO_WEBHOOK_SECRET": SECRET, "RMO_PORT": str(port), "DATABASE_URL": ""}
    command = [str(Path(sys.executable).with_name("rmo")), "serve", "--web-only"]
    with _running(command, settings, port, "/webhook", home) as running:
        yield running


@contextmanager
def probot(home: Path) -> Generator[Running]:
    """Probot with one handler; raises NotHere where it can't be had."""
    folder = _installed()
    shutil.copy(Path(__file__).with_name("probot_app.mjs"), folder / "app.mjs")
    key = home / "key.pem"
    key.write_bytes(
        rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    port = _free_port()
    settings = {"APP_ID": "1", "PRIVATE_KEY_PATH": str(key), "WEBHOOK_SECRET": SECRET, "PORT": str(port)}
    settings |= {"HOST": "127.0.0.1", "NODE_ENV": "production", "LOG_LEVEL": "warn"}
    with _running(["node", str(folder / "app.mjs")], settings, port, "/api/github/webhooks", home) as running:
        yield running


def _installed() -> Path:
    root = Path(os.environ.get("RMO_TEST_CACHE") or Path(tempfile.gettempdir()) / "rmo-test-environments")
    folder = root / f"probot-{PROBOT}"
    if (folder / "node_modules" / "probot" / "package.json").is_file():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--silent", f"probot@{PROBOT}"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        raise NotHere(f"npm can't install probot@{PROBOT}: {error}") from error
    return folder


@contextmanager
def _running(command: list[str], settings: Mapping[str, str], port: int, path: str, home: Path) -> Generator[Running]:
    log = home / "log.txt"
    with (
        log.open("wb") as written,
        subprocess.Popen(command, env={**os.environ, **settings}, stdout=written, stderr=subprocess.STDOUT) as process,
    ):
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise NotHere(f"{command[0]} did not start: {log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.05)
            yield Running(f"http://127.0.0.1:{port}{path}", process)
        finally:
            process.kill()


def _listens(port: int) -> bool:
    with socket.socket() as probing:
        return probing.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]
