"""Processes that outlive the command that started them: they become children of this process, and are found there.

https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html
"""

import ctypes
import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_PATIENCE = 5.0
"""Seconds that the kernel and dying processes may take."""


@contextmanager
def adopting() -> Generator[set[int]]:
    """Orphans of the processes that are started within the block come to this process; gives its children so far."""
    _subreaper(1)
    try:
        yield set(_children(os.getpid()))
    finally:
        _subreaper(0)


def survivors(before: set[int]) -> tuple[str, ...]:
    """The command lines of adopted processes that do not end by themselves; they are ended here."""
    deadline = time.monotonic() + _PATIENCE
    while left := [pid for pid in _children(os.getpid()) if pid not in before and not _reaped(pid)]:
        if time.monotonic() > deadline:
            found = tuple(_command_line(pid) for pid in left)
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, 9)
                    os.waitpid(pid, 0)
            return found
        time.sleep(0.02)
    return ()


def commands_of(parent: int) -> list[str]:
    """The command lines of a process's children."""
    return [_command_line(pid) for pid in _children(parent)]


def _subreaper(wanted: int) -> None:
    if sys.platform == "linux" and ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, wanted, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "cannot adopt orphans")


def _children(parent: int) -> list[int]:
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _parent(entry) == parent]


def _parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1])
    except OSError:
        return None


def _reaped(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _command_line(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")[:300]
    except OSError:
        return f"process {pid}"
