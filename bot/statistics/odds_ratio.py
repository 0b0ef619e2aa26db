"""How strong an effect is, for people: the odds ratio over all strata, with its interval.

Mantel and Haenszel's estimate with the interval of Robins, Breslow and Greenland (Biometrics 1986), which holds for a
few large strata and for many small ones. Nothing is decided by it: it stands beside the e-value, which only says that
there is an effect in some stratum.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.model.pattern import Table
from bot.statistics.conditional import is_degenerate, log_pmf

NORMAL = 1.959963984540054
"""Two-sided 95 %."""
TAIL = 0.025
_WIDEST = 60.0
"""Odds ratios are looked for between e**-60 and e**60."""


@dataclass(frozen=True, slots=True)
class OddsRatio:
    """With the limits of its 95 % interval; infinite where no failure outside, or no success inside, bounds it."""

    estimate: float
    low: float
    high: float


def pooled(tables: Sequence[Table]) -> OddsRatio | None:
    """Of the failure inside against outside, over strata; None where no stratum has anything to compare.

    Where all that could fail inside did (or nothing did), the estimate is infinite (or 0) and its one finite limit is
    the exact conditional one.
    """
    informative = [table for table in tables if not is_degenerate(table)]
    if not informative:
        return None
    cells = [_Cells.of(table) for table in informative]
    for_, against = math.fsum(each.for_ for each in cells), math.fsum(each.against for each in cells)
    if not against:
        return OddsRatio(math.inf, _limit(informative, 1), math.inf)
    if not for_:
        return OddsRatio(0.0, 0.0, _limit(informative, -1))
    log_variance = (
        math.fsum(each.alike * each.for_ for each in cells) / (2 * for_**2)
        + math.fsum(each.alike * each.against + each.unlike * each.for_ for each in cells) / (2 * for_ * against)
        + math.fsum(each.unlike * each.against for each in cells) / (2 * against**2)
    )
    estimate, spread = for_ / against, math.exp(NORMAL * math.sqrt(log_variance))
    return OddsRatio(estimate, estimate / spread, estimate * spread)


@dataclass(frozen=True, slots=True)
class _Cells:
    """A stratum's parts of the sums."""

    for_: float
    against: float
    alike: float
    unlike: float

    @classmethod
    def of(cls, table: Table) -> "_Cells":
        inside_without = table.inside - table.inside_with
        outside_without = table.outside - table.outside_with
        return cls(
            for_=table.inside_with * outside_without / table.tasks,
            against=inside_without * table.outside_with / table.tasks,
            alike=(table.inside_with + outside_without) / table.tasks,
            unlike=(inside_without + table.outside_with) / table.tasks,
        )


def _limit(tables: Sequence[Table], sign: Literal[1, -1]) -> float:
    """The odds ratio at which counts as extreme as these, the most extreme ones possible, are as rare as the tail."""
    low, high = -_WIDEST, _WIDEST
    while high - low > 1e-9:
        middle = (low + high) / 2
        if math.fsum(log_pmf(table, math.exp(sign * middle)) for table in tables) < math.log(TAIL):
            low = middle
        else:
            high = middle
    return math.exp(sign * low)
