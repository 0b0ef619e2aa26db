"""`rmo` as a user runs it: a process of its own, in a process group of its own, as a shell gives it one."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.badinput.survivors import adopting, commands_of, survivors

CACHE = Path(os.environ.get("RMO_TEST_CACHE") or Path(tempfile.gettempdir()) / "rmo-test-environments")
"""Installed dependencies, shared by all tests."""

ROOT = Path(__file__).parents[2]
LONGEST = 240.0
"""Seconds that a command may take on a machine that has other things to do."""


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it left behind."""

    code: int
    out: str
    err: str
    survivors: tuple[str, ...] = ()
    """Command lines of processes that were still alive."""
    stray: tuple[str, ...] = ()
    """What lies in its directory for temporary files."""
    peak_bytes: int = 0
    """Memory of the largest process that it consisted of."""


class Running:
    """A command under way."""

    def __init__(self, process: subprocess.Popen[bytes], home: Path) -> None:
        self._process = process
        self._home = home

    def until_it_says(self, text: str, within: float = 60) -> None:
        """Return as soon as it has written `text`."""
        self._until(lambda: text in self._said(), f"it says {text!r}", within)

    def until_it_runs(self, program: str, within: float = 60) -> None:
        """Return as soon as one of its own children is `program`."""
        self._until(
            lambda: any(program in line for line in commands_of(self._process.pid)), f"it runs {program}", within
        )

    def _until(self, condition: Callable[[], bool], what: str, within: float) -> None:
        deadline = time.monotonic() + within
        while not condition():
            assert self._process.poll() is None, f"it ended before {what}:\n{self._said()}"
            assert time.monotonic() < deadline, f"not in time: {what}\n{self._said()}"
            time.sleep(0.02)

    def _said(self) -> str:
        return self._read("out") + self._read("err")

    def interrupt(self) -> None:
        """What a terminal does at Ctrl-C."""
        os.killpg(self._process.pid, signal.SIGINT)

    def ended(self, before: set[int], within: float) -> Said:
        """How it ended; after `within` seconds it is killed and the test fails."""
        late = threading.Event()

        def kill() -> None:
            late.set()
            os.killpg(self._process.pid, signal.SIGKILL)

        timer = threading.Timer(within, kill)
        timer.start()
        _, status, usage = os.wait4(self._process.pid, 0)
        timer.cancel()
        self._process.returncode = os.waitstatus_to_exitcode(status)
        said = Said(
            code=self._process.returncode,
            out=self._read("out"),
            err=self._read("err"),
            survivors=survivors(before),
            stray=tuple(sorted(path.name for path in (self._home / "tmp").iterdir())),
            peak_bytes=usage.ru_maxrss * 1024,
        )
        assert not late.is_set(), f"it did not end within {within} s: {said}"
        return said

    def _read(self, name: str) -> str:
        return (self._home / f"said.{name}").read_text("utf-8", "replace")


def start(*arguments: str | Path, home: Path, **environment: str) -> Running:
    """Start the command with nothing of this process's settings; keys that are not given are not set."""
    return _start((sys.executable, "-m", "bot", *map(str, arguments)), ROOT, home, environment)


def rmo(*arguments: str | Path, home: Path, **environment: str) -> Said:
    """Run the command to its end."""
    with adopting() as before:
        return start(*arguments, home=home, **environment).ended(before, LONGEST)


def installed_rmo(program: Path, *arguments: str | Path, home: Path) -> Said:
    """Run an installed `rmo` to its end, away from the checkout."""
    with adopting() as before:
        return _start((str(program), *map(str, arguments)), home, home, {}).ended(before, LONGEST)


def _start(argv: tuple[str, ...], directory: Path, home: Path, environment: Mapping[str, str]) -> Running:
    kept = ("PIP_", "UV_", "SSL_", "REQUESTS_", "COVERAGE_")
    passed = {name: os.environ[name] for name in os.environ if name.startswith(kept)}
    (home / "tmp").mkdir(parents=True, exist_ok=True)
    (home / "state").mkdir(exist_ok=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    if not (home / "state" / "environments").is_symlink():
        (home / "state" / "environments").symlink_to(CACHE)
    with (home / "said.out").open("wb") as out, (home / "said.err").open("wb") as err:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            cwd=directory,
            start_new_session=True,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "RMO_HOME": str(home / "state"),
                "TMPDIR": str(home / "tmp"),
                **passed,
                **environment,
            },
        )
    return Running(process, home)


def git(directory: Path, *arguments: str) -> str:
    """What git prints; the identity is a test's."""
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(
        ["git", *identity, *arguments], cwd=directory, check=True, capture_output=True, text=True
    ).stdout.strip()


def make_repository(directory: Path, files: dict[str, str]) -> Path:
    """A git repository with one commit of `files` on `main`."""
    directory.mkdir(parents=True)
    git(directory, "init", "--quiet", "--initial-branch=main")
    for path, text in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text)
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--message", "First")
    return directory
