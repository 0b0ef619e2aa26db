"""macOS: `sandbox-exec` with a profile that denies all but reading the system and writing one directory.

There are no namespaces: files keep their host paths, so a mount must be at its own path, and the work directory is a
temporary one of the host. What leaves its session outlives the command, still inside the profile, and there is no
limit on memory; the self-test on macOS therefore has fewer probes, and `Qualified.probes` says which were withstood.

The profile language is Apple's sandbox(7); later rules win.
"""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from bot.model.command import Command
from bot.sandbox.channel import program
from bot.sandbox.errors import MountUnusable
from bot.sandbox.identity import check_mounts
from bot.sandbox.launch import Launch

_READABLE = ("/System", "/usr", "/bin", "/sbin", "/Library/Developer", "/private/etc/ssl", "/private/var/db/timezone")


def find_sandbox_exec() -> str | None:
    """The program, on macOS only."""
    return shutil.which("sandbox-exec") if sys.platform == "darwin" else None


def _real(path: str) -> str:
    """The path as the profile must name it: /tmp is a link on macOS."""
    return os.path.realpath(path)


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def profile(command: Command, *, work: str, python_home: str) -> str:
    """The sandbox profile of one command."""
    readable = [*_READABLE, python_home, work, *(os.path.realpath(mount.host) for mount in command.mounts)]
    writable = [work, *(os.path.realpath(mount.host) for mount in command.mounts if mount.writable)]
    lines = [
        "(version 1)",
        "(deny default)",
        "(allow process-fork)",
        "(allow process-exec)",
        "(allow signal (target same-sandbox))",
        "(allow sysctl-read)",
        "(allow file-read-metadata)",
        '(allow file-read* file-write-data (literal "/dev/null") (literal "/dev/zero"))',
        '(allow file-read* (literal "/") (literal "/dev/random") (literal "/dev/urandom"))',
        *(f"(allow file-read* (subpath {_quoted(path)}))" for path in readable),
        *(f"(allow file-write* (subpath {_quoted(path)}))" for path in writable),
    ]
    if command.network == "host":
        lines += ["(allow network*)", '(allow file-read* (literal "/private/etc/resolv.conf"))']
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Seatbelt:
    """The backend; `binary` is a path of `sandbox-exec`."""

    binary: str
    name: str = "seatbelt"

    @property
    def python(self) -> str:
        return os.path.realpath(sys.executable)

    def mend(self) -> str:
        return "choose docker or podman"

    @contextlib.asynccontextmanager
    async def opened(self, command: Command) -> AsyncGenerator[Launch, None]:
        """Raises MountUnusable, also for a mount at another path than its own."""
        for mount in command.mounts:
            if mount.inside != mount.host:
                raise MountUnusable(f"{mount.inside!r} differs from the host's path; choose docker or podman for that")
        check_mounts(command.mounts)
        with tempfile.TemporaryDirectory(prefix="rmo-") as directory:
            work, python_home = _real(directory), _real(sys.base_prefix)
            rules = profile(command, work=work, python_home=python_home)
            yield Launch(
                argv=(self.binary, "-p", rules, self.python, "-I", "-S", "-c", program()),
                work=work,
                uid=None,
                own_processes=False,
                environment={},
            )
