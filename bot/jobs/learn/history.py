"""Judging what is recorded already: the first half of the tasks suggests, the second is evidence, in their order.

Records that were imported are all old when they are first looked at, so no new task would ever judge what they suggest.
Splitting them in time keeps the promise: what is registered rests on the first half alone, and is judged by the rest.
"""

import asyncio
from dataclasses import replace

from sqlalchemy import Connection

from bot.failures.features import REGISTRY
from bot.jobs.learn.gather import Gathered, gather_evidence
from bot.jobs.learn.learner import Learner
from bot.jobs.learn.mine import Mined, answered_by, register_candidates
from bot.learning.screen import candidates, with_witnesses
from bot.mining.miner import Miner
from bot.model.pattern import Candidate, Unit
from bot.store import patterns
from bot.store.clock import advance_clock, read_clock
from bot.store.units import read_units

TASKS_AT_ONCE = 2_000


async def mine_history(learner: Learner) -> tuple[Mined, Gathered]:
    """Register what the first half of all recorded tasks suggests, and judge it by the second. Raises StoreUnavailable.

    A second time finds the same patterns registered, and judges by what has come since.
    """
    end = await learner.database.transact(advance_clock, learner.now())
    half = end // 2
    units = await _units_before(learner, half)
    known = await learner.database.transact(patterns.list_patterns)
    hypotheses = [each.registration.hypothesis for each in known]

    def screened() -> tuple[int, tuple[Candidate, ...]]:
        miner = Miner(None)
        try:
            miner.add(units)
            counts = miner.counts()
            # Of imported records only the order is known: the day is that of their import
            screen = replace(learner.policy.screen, days=1)
            answered = answered_by(learner.catalogue.remedies)
            found = candidates(counts, screen, learner.policy.propose, known=hypotheses, answered=answered)
            witnesses = miner.witnesses([each.hypothesis for each in found])
            return counts.tasks, with_witnesses(found, witnesses, screen)
        finally:
            miner.close()

    tasks, found = await asyncio.to_thread(screened)
    registered = await learner.database.transact(register_candidates, learner, found, half)
    gathered = await gather_evidence(learner)
    return Mined(len(units), tasks, len(found), registered), gathered


async def _units_before(learner: Learner, position: int) -> list[Unit]:
    names = REGISTRY.names("before_executor")

    def read(connection: Connection, first: int) -> tuple[Unit, ...]:
        clock = read_clock(connection, first, min(TASKS_AT_ONCE, position - first))
        return read_units(connection, [task.task for task in clock], names)

    found: list[Unit] = []
    for first in range(0, position, TASKS_AT_ONCE):
        found += await learner.database.transact(read, first)
    return found
