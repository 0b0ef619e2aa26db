"""A sandbox that is cancelled in the first moments of its life, when its processes are not yet tied to one another."""

import asyncio
import random

from bot.model.command import Command
from bot.sandbox.bubblewrap import Bubblewrap, find_bwrap
from bot.sandbox.launch import execute
from tests.badinput.survivors import adopting, survivors
from tests.sampling import is_full

ROUNDS = 150 if is_full() else 30
LONGEST_START = 0.03
"""Seconds within which a sandbox has come to be."""


async def cancel_starts(chance: random.Random) -> None:
    binary = find_bwrap()
    assert binary is not None
    for _ in range(ROUNDS):
        tasks = [asyncio.create_task(execute(Bubblewrap(binary), Command(("sleep", "60")))) for _ in range(4)]
        for task in tasks:
            await asyncio.sleep(chance.uniform(0, LONGEST_START))
            task.cancel()
        async with asyncio.timeout(20):
            await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)


def test_a_start_that_is_cancelled_leaves_nothing() -> None:
    with adopting() as before:
        asyncio.run(cancel_starts(random.Random(0)))
        assert survivors(before) == ()
