"""Running one tool: in a session of its own, with a limit of time, its output shown and its end kept."""

import os
import signal
import subprocess  # argument lists only, never a shell of its own making # nosec B404
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LOG_BYTES = 512 * 1024
"""How much of the end of a tool's output goes into the artifact."""


@dataclass(frozen=True)
class Ran:
    """How a process ended."""

    command: tuple[str, ...]
    exit_code: int | None
    """None where it was ended by the limit, or could not be started."""
    seconds: float
    note: str = ""


def run(
    command: Sequence[str],
    *,
    directory: Path,
    environment: Mapping[str, str],
    seconds: float,
    log: Path,
    output: Path | None = None,
) -> Ran:
    """Run `command` to its end or to the limit; nothing that it started outlives it.

    Its output is passed on and its end written to `log`; with `output`, its standard output goes to that file.
    """
    argv = tuple(command)
    started = time.monotonic()
    sink = output.open("wb") if output is not None else None
    try:
        process = subprocess.Popen(  # what to run is decided by the code next to this # nosec B603
            argv,
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=sink if sink is not None else subprocess.PIPE,
            stderr=subprocess.PIPE if sink is not None else subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return Ran(argv, None, 0.0, f"not started: {error.strerror}")
    finally:
        if sink is not None:
            sink.close()
    stream = process.stderr if output is not None else process.stdout
    assert stream is not None
    tail = _Tail(stream)
    reader = threading.Thread(target=tail.read, daemon=True)
    reader.start()
    try:
        code: int | None = process.wait(seconds)
        note = "" if code >= 0 else f"ended by signal {-code}"
    except subprocess.TimeoutExpired:
        code, note = None, f"ended after {seconds:.0f} s"
    finally:
        _end(process.pid)
        process.wait()
        reader.join()
    log.write_bytes(tail.content())
    return Ran(argv, code, time.monotonic() - started, note)


def _end(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


class _Tail:
    """Passes a stream on and remembers its end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._chunks: deque[bytes] = deque()
        self._size = 0

    def read(self) -> None:
        with self._stream:
            while chunk := os.read(self._stream.fileno(), 65536):
                sys.stdout.buffer.write(chunk)
                sys.stdout.buffer.flush()
                self._chunks.append(chunk)
                self._size += len(chunk)
                while self._size - len(self._chunks[0]) > LOG_BYTES:
                    self._size -= len(self._chunks.popleft())

    def content(self) -> bytes:
        return b"".join(self._chunks)[-LOG_BYTES:]
