"""How much memory a sandbox holds as a whole: the address space limit counts one process at a time.

Read from the host, where nothing inside can stop the reading; the processes of a sandbox are the descendants of its
launcher, because what is orphaned inside falls to the namespace's own init, which is one of them.
"""

import os
from pathlib import Path
from typing import Final

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def resident_bytes(root: int) -> int:
    """Private resident memory of a process and all below it; 0 where /proc is missing.

    Shared pages are left out: libraries would be counted once a process, and what is shared by choice lies in a
    sized file system.
    """
    total, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        directory = Path("/proc") / str(process)
        try:
            _, resident, shared, *_ = (directory / "statm").read_text().split()
            total += (int(resident) - int(shared)) * _PAGE
            waiting += children(process)
        except (OSError, ValueError):
            continue  # it ended while being read
    return total


def children(process: int) -> list[int]:
    """The processes right below one; none where it has ended or /proc is missing."""
    found: list[int] = []
    try:
        for thread in (Path("/proc") / str(process) / "task").iterdir():
            found += [int(child) for child in (thread / "children").read_text().split()]
    except OSError:
        return found
    return found
