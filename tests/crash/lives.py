"""Leading the lives of the dying bot from a test: start one, hear where it listens, see how it ended."""

import asyncio
import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.crash.order import Order

LONGEST_LIFE = 120.0
"""Seconds after which a life that neither died nor came to its end has failed."""
LOG_TAIL = 6_000


async def until(condition: Callable[[], bool]) -> None:
    """Return as soon as `condition` holds."""
    deadline = time.monotonic() + LONGEST_LIFE
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Death:
    """How a life ended."""

    code: int
    """Exit code, or minus the number of the signal."""

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Cradle:
    """The process that all lives are forked from; one at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.dying_bot"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        self._buffer = b""
        self._order: Order | None = None
        self.pid = 0
        """Of the life under way."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.kill()
        self._process.stdin.close()
        self._process.wait(LONGEST_LIFE)
        self._process.stdout.close()

    async def bear(self, order: Order) -> str | Death:
        """Begin a life; the URL where it listens, or its death if it did not come to listen."""
        assert self._process.stdin is not None
        assert self._order is None, "one life at a time"
        self._order = order
        self._process.stdin.write(order.encode().encode() + b"\n")
        self._process.stdin.flush()
        self.pid = 0
        self.pid = int((await self._hear())["born"])
        heard = await self._hear()
        return str(heard["ready"]) if "ready" in heard else self._over(heard)

    async def death(self) -> Death:
        """How the life ended; one that does not end is killed, and the test fails."""
        heard = await self._hear()
        return self._over(heard)

    def kill(self) -> None:
        """End the life under way by SIGKILL; nothing if it has just ended."""
        if self._order is not None and self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def clear(self) -> None:
        """End the life that a test which failed has left under way, if there is one."""
        if self._order is not None:
            self.kill()
            while "ended" not in await self._hear():
                continue
            self._order = None

    def _over(self, heard: dict[str, Any]) -> Death:
        assert self._order is not None
        death = Death(int(heard["ended"]))
        log = _tail(self._order)
        self._order = None
        if death.code not in (0, -signal.SIGKILL):
            raise AssertionError(f"a life ended with {death.code}:\n{log}")
        return death

    async def _hear(self) -> dict[str, Any]:
        line = await asyncio.to_thread(self._line, time.monotonic() + LONGEST_LIFE)
        if line is not None:
            return json.loads(line)
        assert self._order is not None
        raise AssertionError(f"a life came to no end in {LONGEST_LIFE:.0f} s; its log:\n{_tail(self._order)}")

    def _line(self, deadline: float) -> bytes | None:
        """The next line that the process says; None at the deadline."""
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                if not selector.select(max(deadline - time.monotonic(), 0)):
                    return None
                heard = os.read(self._process.stdout.fileno(), 65536)
                assert heard, "the process that lives are forked from has ended"
                self._buffer += heard
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line


def _tail(order: Order) -> str:
    log = order.home / "log"
    return log.read_text("utf-8", "replace")[-LOG_TAIL:] if log.exists() else "(none)"
