"""How much memory something takes at its peak, as the kernel counts it for this process (proc_pid_status(5))."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STATUS = Path("/proc/self/status")


@dataclass
class Peak:
    bytes: int = 0
    """Beyond what the process held at the start of the block; known at its end."""


@contextmanager
def peak() -> Generator[Peak]:
    """Measures the block; the kernel's own mark is set back first, so what came before does not count."""
    Path("/proc/self/clear_refs").write_text("5")
    before = _held("VmRSS")
    found = Peak()
    yield found
    found.bytes = max(0, _held("VmHWM") - before)


def _held(name: str) -> int:
    (kilobytes,) = re.findall(rf"^{name}:\s+(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
    return int(kilobytes) * 1024
