"""Evidence for a registered hypothesis: what each block of new tasks adds to its e-value (R1 to R3 of the design).

A block is a fixed number of tasks, in the order in which they were assigned, and all hypotheses are judged at its end.
Only the order of assignment makes this honest: blocks of tasks that have *ended* would favour whatever ends early.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import assert_never

from bot.learning.matching import table_of
from bot.learning.threshold import threshold
from bot.model.pattern import EvidencePoint, Registration, StratumTable, Unit
from bot.statistics.conditional import log_e
from bot.statistics.frequency import log_bet
from bot.statistics.mixture import mean_exp


def advance(
    registration: Registration,
    before: EvidencePoint | None,
    block: int,
    units: Sequence[Unit],
    *,
    at: datetime,
    proposals: int,
    counted: Collection[str] = frozenset(),
) -> EvidencePoint:
    """Where the evidence stands after a block: `units` are those of its tasks, all of which have ended or timed out.

    `before` is the point of the block before, None for the first one. `counted` are the clusters that tasks of earlier
    blocks belong to: an issue that is tried again is no new witness. Raises ValueError for a block out of turn, because
    evidence counted twice, or chosen after it was seen, is none.
    """
    due = registration.first_position // registration.block if before is None else before.block + 1
    if block != due:
        raise ValueError(f"block {block!r} of pattern {registration.id!r} is out of turn; judge block {due} first")
    own = [unit for unit in units if unit.position // registration.block == block]
    tables = table_of(registration, own, counted)
    logs = before.log_e if before is not None else (0.0,) * len(registration.grid)
    log_e_now = tuple(log + added for log, added in zip(logs, _added(registration, tables), strict=True))
    return EvidencePoint(
        pattern=registration.id,
        block=block,
        at=at,
        tables=tables,
        log_e=log_e_now,
        e_value=mean_exp(log_e_now),
        threshold=threshold(registration, proposals),
        proposals=proposals,
    )


def crossed(point: EvidencePoint) -> bool:
    """Whether there is evidence enough."""
    return point.e_value >= point.threshold


def _added(registration: Registration, tables: Sequence[StratumTable]) -> tuple[float, ...]:
    """Logarithms of the block's e-values, one for each bet."""
    match registration.hypothesis.kind:
        case "rule":
            return tuple(sum(log_e(each.table, odds) for each in tables) for odds in registration.grid)
        case "frequency":
            tasks = sum(each.table.inside for each in tables)
            failed = sum(each.table.inside_with for each in tables)
            return tuple(log_bet(tasks, failed, rate, registration.base_rate) for rate in registration.grid)
        case _ as unreachable:
            assert_never(unreachable)
