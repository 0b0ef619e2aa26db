"""A command to run in isolation, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Literal


@dataclass(frozen=True, slots=True)
class Mount:
    """A host directory or file that the command may see."""

    host: str
    inside: str
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What a command may use before it is ended."""

    wall: timedelta = timedelta(seconds=120)
    address_space_bytes: int = 4 * 1024**3
    processes: int = 256
    file_bytes: int = 256 * 1024**2
    scratch_bytes: int = 512 * 1024**2
    """Size of the writable in-memory file system."""
    output_bytes: int = 1024**2
    """How much of each of stdout and stderr is kept; the rest is read and thrown away, and counted."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run, on which files, and what to bring back."""

    argv: tuple[str, ...]
    files: Mapping[PurePosixPath, bytes] = field(default_factory=dict[PurePosixPath, bytes])
    """Files laid into the work directory before the start; never a path outside it."""
    archive: bytes | None = None
    """A tar (as `git archive` writes it) unpacked into the work directory before `files`."""
    mounts: tuple[Mount, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """The whole environment; nothing of the caller's is passed on."""
    limits: Limits = Limits()
    network: Literal["none", "host"] = "none"
    collect: tuple[str, ...] = ()
    """Glob patterns, relative to the work directory, of files to bring back after the end."""
    collect_bytes: int = 32 * 1024**2


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command ended."""

    exit_code: int | None
    """None when it was ended by a limit."""
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool
    dropped_output_bytes: int
    collected: Mapping[str, bytes]
    """Path relative to the work directory -> content, of what `collect` asked for."""
    uncollected: tuple[str, ...] = ()
    """Paths that matched but did not fit `collect_bytes`, or were no regular files."""


@dataclass(frozen=True, slots=True)
class Qualified:
    """A sandbox backend whose self-test passed: only such a one may execute anything of a repository."""

    backend: str
    probes: tuple[str, ...]
    """The probes that it withstood."""


@dataclass(frozen=True, slots=True)
class Unqualified:
    """No backend withstood the self-test; nothing of a repository is executed."""

    reason: str
    mend: str
    """What to do about it on this machine, exactly."""
