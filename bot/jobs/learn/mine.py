"""Mining: what has failed where, counted; what stands out, screened; the best of it, registered before it is judged.

A day costs a day's data: the counts are kept, and only what is new since the last time is read. Once a week everything
is counted anew, so that nothing that came late or was merged by a person is missed for longer.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import Connection

from bot.failures.features import REGISTRY
from bot.jobs.learn.learner import Learner
from bot.learning.guard import retry_factors
from bot.learning.registering import quarter_of, register
from bot.learning.screen import candidates, with_witnesses
from bot.learning.transfer import transferred
from bot.mining.miner import Miner
from bot.model.pattern import (
    Candidate,
    Hypothesis,
    PatternEvent,
    PatternId,
    Registration,
    Signature,
    SignatureLevel,
    Unit,
)
from bot.model.protocol import Remedy
from bot.store import patterns
from bot.store.clock import advance_clock
from bot.store.learning_state import read_reset
from bot.store.units import read_units_after

Extent = Literal["frequency", "rules", "everything"]
"""What common failures there are; rules with their contexts too; all of it counted anew, with trees and transfers."""

PAGE = 2_000
"""Units that are read at once."""


@dataclass(frozen=True, slots=True)
class Mined:
    """What a pass has found."""

    units: int
    """Read since the last time."""
    tasks: int
    """That the counts know."""
    candidates: int
    """That passed the screen."""
    registered: tuple[Registration, ...]


async def mine(learner: Learner, extent: Extent) -> Mined:
    """Count, screen and register. Raises CountsInUse where another process is mining, and StoreUnavailable."""
    await learner.database.transact(advance_clock, learner.now())
    known = await learner.database.transact(patterns.list_patterns)
    miner = await asyncio.to_thread(Miner, learner.counts)
    try:
        if extent == "everything":
            await asyncio.to_thread(miner.clear)
        units = await _read(learner, miner)
        seen = units if extent == "everything" else []
        hypotheses = [each.registration.hypothesis for each in known]
        tasks, found = await asyncio.to_thread(_screened, miner, learner, extent, hypotheses, seen)
    finally:
        await asyncio.to_thread(miner.close)
    if extent == "everything":
        found = (*found, *transferred(known, learner.catalogue.nodes))
    registered = await learner.database.transact(register_candidates, learner, found)
    return Mined(len(units), tasks, len(found), registered)


async def _read(learner: Learner, miner: Miner) -> list[Unit]:
    """Everything that the counts do not know yet, counted from now on."""
    names = REGISTRY.names("before_executor")
    found: list[Unit] = []
    while True:
        page = await learner.database.transact(read_units_after, miner.cursor, PAGE, names)
        if page.cursor == miner.cursor:
            return found
        await asyncio.to_thread(miner.add, page.units, cursor=page.cursor)
        found += page.units


def _screened(
    miner: Miner, learner: Learner, extent: Extent, known: Sequence[Hypothesis], units: Sequence[Unit]
) -> tuple[int, tuple[Candidate, ...]]:
    """How many tasks are counted, and what stands out among them."""
    counts = miner.counts()
    screen, propose = learner.policy.screen, learner.policy.propose
    answered = answered_by(learner.catalogue.remedies)
    found = candidates(counts, screen, propose, known=known, answered=answered)
    if extent == "frequency":
        found = tuple(each for each in found if each.hypothesis.kind == "frequency")
    if units:
        # Loads in seconds what is needed once a week
        from bot.mining.trees import suggest

        said = {each.hypothesis for each in found}
        trees = candidates(counts, screen, propose, known=known, suggested=suggest(units), origin="tree")
        found = (*found, *(each for each in trees if each.hypothesis not in said))
    return counts.tasks, with_witnesses(found, miner.witnesses([each.hypothesis for each in found]), screen)


def answered_by(remedies: Sequence[Remedy]) -> frozenset[Signature]:
    """The signatures that some remedy is against."""
    pairs = [answer.split("=", 1) for remedy in remedies for answer in remedy.answers]
    return frozenset(Signature(cast("SignatureLevel", level), value) for level, value in pairs)


def register_candidates(
    connection: Connection, learner: Learner, found: Sequence[Candidate], first: int | None = None
) -> tuple[Registration, ...]:
    """The best of what was found, as far as today's and the quarter's places go.

    Tasks count from the position `first` on, where what was found rests on earlier ones alone; else from the next task.
    """
    now = learner.now()
    policy = learner.policy.propose
    histories = _histories(connection)
    factors = retry_factors(histories, now, policy)
    chosen = register(
        found,
        known=frozenset(histories),
        in_quarter=patterns.count_registered(connection, quarter_of(now)),
        today=patterns.count_registered_on(connection, now.date()),
        next_position=advance_clock(connection, now) if first is None else first,
        now=now,
        policy=policy,
        factors=factors,
        watched=[each.registration.hypothesis for each in patterns.list_patterns(connection, "watched")],
    )
    new = patterns.write_registrations(connection, chosen)
    return tuple(each for each in chosen if each.id in new)


def _histories(connection: Connection) -> Mapping[PatternId, tuple[PatternEvent, ...]]:
    """What happened to every pattern there ever was; what was given up because learning began anew has no history."""
    begun = read_reset(connection)
    known = {each.registration.id: each.events for each in patterns.list_patterns(connection)}
    return {
        pattern: () if events and (events[-1].act, events[-1].at) == ("deleted", begun) else events
        for pattern, events in known.items()
    }
