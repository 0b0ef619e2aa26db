"""What can be said of a pattern, for people and programs: every number that was used, and what it still lacks.

Nothing is decided here. The odds ratio and the rate stand beside the e-value, because an e-value says only whether
there is an effect, and people ask how large it is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from bot.learning.needed import tasks_needed
from bot.learning.reproducibility import Reproducibility, reproducibility
from bot.learning.threshold import threshold
from bot.model.pattern import (
    EvidencePoint,
    Origin,
    Pattern,
    PatternEvent,
    PatternId,
    PatternKind,
    PatternStatus,
    SignatureLevel,
    Support,
    Table,
)
from bot.statistics.odds_ratio import OddsRatio, pooled


@dataclass(frozen=True, slots=True)
class Course:
    """Where the evidence stood after one block."""

    block: int
    at: datetime
    e_value: float
    threshold: float
    tasks: int
    """Of the block."""


@dataclass(frozen=True, slots=True)
class PatternSummary:
    """A pattern with everything that is known of it."""

    id: PatternId
    text: str
    status: PatternStatus
    kind: PatternKind
    level: SignatureLevel
    signature: str
    origin: Origin
    registered_at: datetime
    quarter: str
    support: Support
    """What the screen saw; no evidence."""
    evidence: Table
    """Tasks since its registration, over all blocks and strata."""
    odds_ratio: OddsRatio | None
    """Of the evidence; None where there is nothing to compare."""
    e_value: float
    threshold: float
    """What the e-value has to reach."""
    needed: int | None
    """About so many more matching tasks; None where it is not known or nothing is waited for."""
    reproducibility: Reproducibility
    history: tuple[Course, ...]
    events: tuple[PatternEvent, ...]


def summarize(pattern: Pattern, proposals: int) -> PatternSummary:
    """`pattern` with all its points, and R as of now, before its first block."""
    registration, points = pattern.registration, pattern.points
    hypothesis = registration.hypothesis
    last = points[-1] if points else None
    evidence = total([stratum.table for point in points for stratum in point.tables])
    waited_for = pattern.status == "watched"
    return PatternSummary(
        id=registration.id,
        text=hypothesis.text,
        status=pattern.status,
        kind=hypothesis.kind,
        level=hypothesis.signature.level,
        signature=hypothesis.signature.value,
        origin=registration.origin,
        registered_at=registration.registered_at,
        quarter=registration.quarter,
        support=registration.support,
        evidence=evidence,
        odds_ratio=pooled([stratum.table for point in points for stratum in point.tables]),
        e_value=pattern.e_value,
        threshold=last.threshold if last else threshold(registration, proposals),
        needed=_needed(pattern, last, total([registration.support.table, evidence])) if waited_for else None,
        reproducibility=reproducibility(evidence),
        history=tuple(_course(point) for point in points),
        events=pattern.events,
    )


def total(tables: Sequence[Table]) -> Table:
    """The sum over tables."""
    return Table(
        inside=sum(table.inside for table in tables),
        outside=sum(table.outside for table in tables),
        inside_with=sum(table.inside_with for table in tables),
        outside_with=sum(table.outside_with for table in tables),
    )


def _needed(pattern: Pattern, last: EvidencePoint | None, seen: Table) -> int | None:
    """Drawn from the pattern's own id, so that the same pattern is always told the same number."""
    generator = np.random.default_rng(int(pattern.registration.id, 16))
    return tasks_needed(pattern.registration, last, seen, generator)


def _course(point: EvidencePoint) -> Course:
    tasks = total([stratum.table for stratum in point.tables]).tasks
    return Course(point.block, point.at, point.e_value, point.threshold, tasks)


BARS = "▁▂▃▄▅▆▇█"
PLAIN_BARS = ".:-=+*%#"


def spark(history: Sequence[Course], bars: str = BARS, width: int = 40) -> str:
    """The course of the evidence as a line of bars: the lowest is no evidence at all, the highest the threshold.

    Of a longer history only the newest `width` blocks.
    """
    return "".join(bars[_height(each, len(bars))] for each in history[-width:])


def _height(course: Course, bars: int) -> int:
    if course.e_value >= course.threshold:
        return bars - 1
    if course.e_value <= 1:
        return 0
    return min(bars - 2, int(math.log(course.e_value) / math.log(course.threshold) * (bars - 1)))
