"""Gathering evidence: each registered pattern is judged by the blocks of tasks that have closed since, in their order.

One clock for all of them: blocks are taken one after the other over every registration, so that a proposal made in one
block lowers the threshold of the next (e-LOND), and nothing is ever judged out of turn.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.failures.features import REGISTRY
from bot.failures.history import TASK_PREFIX
from bot.jobs.learn.learner import Learner
from bot.learning.evidence import advance, crossed
from bot.model.pattern import EvidencePoint, Pattern, PatternEvent, Registration
from bot.store import patterns
from bot.store.clock import ClockTask, advance_clock, read_clock
from bot.store.units import read_units


@dataclass(frozen=True, slots=True)
class Gathered:
    blocks: int
    """Evidence points that were added."""
    crossed: tuple[Pattern, ...]


async def gather_evidence(learner: Learner) -> Gathered:
    """Judge what can be judged; safe to repeat, and beside other workers. Raises StoreUnavailable."""
    now = learner.now()
    await learner.database.transact(advance_clock, now)
    points, found = 0, list[Pattern]()
    while True:
        added = await learner.database.transact(_next_block, learner, now)
        if added is None:
            return Gathered(points, tuple(found))
        points += added.points
        found += added.crossed


@dataclass(frozen=True, slots=True)
class _Added:
    points: int
    crossed: tuple[Pattern, ...]


def _next_block(connection: Connection, learner: Learner, now: datetime) -> _Added | None:
    """Judge everyone who is due by the earliest block that is due; None where none is."""
    watched = patterns.list_patterns(connection, "watched")
    due = {each.registration.id: _due(each) for each in watched}
    found: list[Pattern] = []
    points = 0
    for first, size in sorted(
        {
            (block * each.registration.block, each.registration.block)
            for each in watched
            for block in (due[each.registration.id],)
        }
    ):
        tasks = read_clock(connection, first, size)
        if len(tasks) < size or not all(_is_resolved(task, now, learner) for task in tasks):
            continue
        units = read_units(connection, [task.task for task in tasks], names=_NAMES)
        for each in watched:
            registration = each.registration
            if (due[registration.id] * registration.block, registration.block) != (first, size):
                continue
            before = each.points[-1] if each.points else None
            proposals = patterns.count_proposals(connection, registration.quarter)
            point = advance(registration, before, first // size, units, at=now, proposals=proposals)
            patterns.write_point(connection, point)
            points += 1
            if crossed(point):
                patterns.write_pattern_event(connection, _crossing(registration, point, now))
                found.append(each)
        return _Added(points, tuple(found))
    return None


_NAMES = REGISTRY.names("before_executor")


def _due(pattern: Pattern) -> int:
    """The number of the first block that it has not been judged by."""
    registration = pattern.registration
    return pattern.points[-1].block + 1 if pattern.points else registration.first_position // registration.block


def _is_resolved(task: ClockTask, now: datetime, learner: Learner) -> bool:
    """Ended, or its time is over; a record of another system was over before it came here."""
    if task.closed_at is not None or task.task.startswith(TASK_PREFIX):
        return True
    return task.assigned_at + learner.policy.propose.unresolved <= now


def _crossing(registration: Registration, point: EvidencePoint, now: datetime) -> PatternEvent:
    numbers = {"e_value": point.e_value, "threshold": point.threshold, "proposals": float(point.proposals)}
    detail = f"e-value {point.e_value:.1f} reached the threshold {point.threshold:.1f}"
    return PatternEvent(registration.id, now, "crossed", "rmo", detail, numbers)
