"""Gathering evidence: each registered pattern is judged by the blocks of tasks that have closed since, in their order.

One clock for all of them: blocks are taken one after the other over every registration, so that a proposal made in one
block lowers the threshold of the next (e-LOND), and nothing is ever judged out of turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.failures.features import REGISTRY
from bot.failures.history import TASK_PREFIX
from bot.jobs.learn.learner import Learner
from bot.learning.evidence import advance, crossed
from bot.learning.threshold import together
from bot.model.pattern import EvidencePoint, Pattern, PatternEvent, Registration, Unit
from bot.store import patterns
from bot.store.clock import ClockTask, advance_clock, read_clock
from bot.store.units import read_clusters, read_units


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
    due = [(_first_of(each), each.registration.block) for each in watched]
    for first, size in sorted(set(due)):
        tasks = read_clock(connection, first, size)
        if len(tasks) == size and all(_is_resolved(task, now, learner) for task in tasks):
            units = read_units(connection, [task.task for task in tasks], names=_NAMES)
            judged = [each for each, place in zip(watched, due, strict=True) if place == (first, size)]
            return _judge(connection, judged, units, now)
    return None


def _judge(connection: Connection, judged: Sequence[Pattern], units: Sequence[Unit], now: datetime) -> _Added:
    """The points of one block, for all patterns that are due by it; those that cross in it count for each other."""
    first = _first_of(judged[0])
    earliest = min(each.registration.first_position for each in judged)
    clusters = read_clusters(connection, earliest, first)
    points: list[tuple[Registration, EvidencePoint]] = []
    for each in judged:
        registration = each.registration
        point = advance(
            registration,
            each.points[-1] if each.points else None,
            first // registration.block,
            units,
            at=now,
            proposals=patterns.count_proposals(connection, registration.quarter),
            # An issue that is tried again is no new witness
            counted={cluster for cluster, last in clusters.items() if last >= registration.first_position},
        )
        points.append((registration, point))
    found: list[Pattern] = []
    for each, point in zip(judged, together(points), strict=True):
        patterns.write_point(connection, point)
        if crossed(point):
            patterns.write_pattern_event(connection, _crossing(each.registration, point, now))
            found.append(each)
    return _Added(len(points), tuple(found))


_NAMES = REGISTRY.names("before_executor")


def _first_of(pattern: Pattern) -> int:
    """The position of the first task that it has not been judged by: the beginning of a block."""
    registration = pattern.registration
    return (pattern.points[-1].block + 1) * registration.block if pattern.points else registration.first_position


def _is_resolved(task: ClockTask, now: datetime, learner: Learner) -> bool:
    """Ended, or its time is over; a record of another system was over before it came here."""
    if task.closed_at is not None or task.task.startswith(TASK_PREFIX):
        return True
    return task.assigned_at + learner.policy.propose.unresolved <= now


def _crossing(registration: Registration, point: EvidencePoint, now: datetime) -> PatternEvent:
    numbers = {"e_value": point.e_value, "threshold": point.threshold, "proposals": float(point.proposals)}
    detail = f"e-value {point.e_value:.1f} reached the threshold {point.threshold:.1f}"
    return PatternEvent(registration.id, now, "crossed", "rmo", detail, numbers)
