"""About how many more matching tasks a pattern needs: the evidence's own course, drawn many times.

A closed form is too kind, since it knows neither the tasks that say nothing (a block with no failure) nor the price of
not knowing the odds ratio. So the judgement itself is simulated, with the rates that were seen, and the median is told.
"""

import math
from collections.abc import Callable
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from bot.learning.threshold import threshold
from bot.model.pattern import EvidencePoint, Registration, Table
from bot.statistics.conditional import log_e
from bot.statistics.frequency import log_bet

PATHS = 101
FARTHEST = 1000
"""Matching tasks; whoever needs more is told that the number is not known."""
WIDEST = 20
"""Tasks in one simulated table: larger ones say hardly more for each task."""

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


def tasks_needed(
    registration: Registration, point: EvidencePoint | None, seen: Table, generator: np.random.Generator
) -> int | None:
    """The median number of further matching tasks; 0 where there is evidence enough, None where `FARTHEST` are too few.

    `seen` is everything that was ever seen of the hypothesis: its rates are taken for true, a little drawn to the
    middle. `point` is where the evidence stands, None before the first block.
    """
    logs = np.array(point.log_e if point is not None else [0.0] * len(registration.grid))
    goal = math.log(threshold(registration, point.proposals if point is not None else 0))
    if _log_mean(logs) >= goal:
        return 0
    inside_rate = (seen.inside_with + 0.5) / (seen.inside + 1)
    match registration.hypothesis.kind:
        case "frequency":
            matching, added = _frequency(registration, inside_rate, generator)
        case "rule":
            if not seen.outside:
                return None
            outside_rate = (seen.outside_with + 0.5) / (seen.outside + 1)
            share = seen.inside / seen.tasks
            size = _table_size(registration, point)
            matching, added = _rule(registration, size, share, (inside_rate, outside_rate), generator)
        case _ as unreachable:
            assert_never(unreachable)
    arrived = _log_mean(logs + np.cumsum(added, axis=1)) >= goal
    first = np.where(arrived.any(axis=1), arrived.argmax(axis=1), -1)
    spent = np.cumsum(matching, axis=1)[np.arange(PATHS), first]
    median = float(np.median(np.where(first >= 0, spent, np.inf)))
    return math.ceil(median) if median <= FARTHEST else None


def _table_size(registration: Registration, point: EvidencePoint | None) -> int:
    """Tasks in the usual table: a block falls apart into strata, and two tasks at least can be compared."""
    sizes = [each.table.tasks for each in point.tables] if point is not None else []
    usual = round(sum(sizes) / len(sizes)) if sizes else registration.block
    return min(WIDEST, max(2, usual))


def _frequency(registration: Registration, rate: float, generator: np.random.Generator) -> tuple[Counts, Floats]:
    failed = generator.random((PATHS, FARTHEST)) < rate
    bets = [[log_bet(1, had, q, registration.base_rate) for q in registration.grid] for had in (0, 1)]
    return np.ones(failed.shape, np.int64), np.array(bets)[failed.astype(np.int64)]


def _rule(
    registration: Registration, size: int, share: float, rates: tuple[float, float], generator: np.random.Generator
) -> tuple[Counts, Floats]:
    """Tables that have a matching task, for each path until `FARTHEST` matching tasks are there."""
    chances = _binomial(size, min(max(share, 1 / FARTHEST), 1.0))
    chances[0] = 0.0
    chances /= chances.sum()
    count = math.ceil(1.1 * FARTHEST / float(chances @ np.arange(size + 1)))
    inside = generator.choice(size + 1, size=(PATHS, count), p=chances)
    inside_with = generator.binomial(inside, rates[0])
    outside_with = generator.binomial(size - inside, rates[1])
    codes = (inside * (size + 1) + inside_with) * (size + 1) + outside_with
    kinds, places = np.unique(codes, return_inverse=True)
    value = _log_e_of(registration, size)
    return inside, np.array([value(int(code)) for code in kinds])[places.reshape(codes.shape)]


def _log_e_of(registration: Registration, size: int) -> Callable[[int], list[float]]:
    def value(code: int) -> list[float]:
        rest, outside_with = divmod(code, size + 1)
        inside, inside_with = divmod(rest, size + 1)
        table = Table(inside, size - inside, inside_with, outside_with)
        return [log_e(table, odds) for odds in registration.grid]

    return value


def _binomial(size: int, share: float) -> Floats:
    return np.array([math.comb(size, n) * share**n * (1 - share) ** (size - n) for n in range(size + 1)])


def _log_mean(logs: Floats) -> Floats:
    greatest = logs.max(axis=-1, keepdims=True)
    return greatest[..., 0] + np.log(np.exp(logs - greatest).mean(axis=-1))
