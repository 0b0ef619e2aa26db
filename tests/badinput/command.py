"""`rmo` as a user runs it: a process of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str


def rmo(*arguments: str | Path, home: Path, timeout: float = 120, **environment: str) -> Said:
    """Run the command with nothing of this process's settings; keys that are not given are not set."""
    passed = {name: os.environ[name] for name in os.environ if name.startswith(("PIP_", "UV_", "SSL_", "REQUESTS_"))}
    coverage = {name: os.environ[name] for name in ("COVERAGE_PROCESS_START", "COVERAGE_FILE") if name in os.environ}
    completed = subprocess.run(
        [sys.executable, "-m", "bot", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        cwd=Path(__file__).parents[2],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "RMO_HOME": str(home / "state"),
            **passed,
            **coverage,
            **environment,
        },
    )
    return Said(completed.returncode, completed.stdout, completed.stderr)


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
