"""A process whose start is cancelled is ended and waited for, at whatever point of its start that happens."""

import asyncio
import os

import pytest

from bot.cli.event_loop import run
from tests.badinput.survivors import commands_of

MARK = "86399.25"
"""Seconds that nobody else sleeps."""


async def start_and_cancel(turns: int) -> None:
    """Cancel the start after so many turns of the event loop."""
    pipe = asyncio.subprocess.PIPE
    starting = asyncio.create_task(asyncio.create_subprocess_exec("sleep", MARK, stdin=pipe, stdout=pipe, stderr=pipe))
    for _ in range(turns):
        await asyncio.sleep(0)
    assert not starting.done()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(20):
            await starting


@pytest.mark.parametrize("turns", [1, 2, 3, 4, 5])
def test_no_process_is_lost(turns: int) -> None:
    run(start_and_cancel(turns))
    assert [line for line in commands_of(os.getpid()) if MARK in line] == []
