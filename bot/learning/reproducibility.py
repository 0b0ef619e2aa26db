"""Systematic or chance: how often a failure comes back when a task of its context is done again (R3.5 of the design).

Two different questions share the word. A test whose result flips on the identical commit is flaky: what only it says
is neither a failure nor a success, and never becomes a unit. A coder that fails three times in ten is not flaky: its
reruns are evidence like any other task, never a veto, since a gate of "three of three" would let a habit of that rate
pass once in forty times. So a pattern is called stochastic only when its failure is shown to be rare.
"""

from dataclasses import dataclass
from typing import Literal, cast

from scipy.special import betaincinv

from bot.model.pattern import Table

CONFIDENCE = 0.90
RARE = 0.10
TIMES_OUTSIDE = 2.0

Nature = Literal["systematic", "stochastic", "undecided"]
"""`stochastic`: too rare in its context, or hardly commoner than outside. `systematic`: shown to be neither."""


@dataclass(frozen=True, slots=True)
class Reproducibility:
    """How often the failure comes in its context, with one-sided 90 % bounds."""

    rate: float
    """0 where there is no task yet."""
    low: float
    high: float
    limit: float
    """What the rate has to exceed: a tenth, or twice the rate outside."""
    nature: Nature


def reproducibility(table: Table) -> Reproducibility:
    """Of held-out tasks (those that came after the registration, and reruns): Clopper and Pearson's bounds."""
    tasks, failed = table.inside, table.inside_with
    low = _quantile(failed, tasks - failed + 1, 1 - CONFIDENCE) if failed else 0.0
    high = _quantile(failed + 1, tasks - failed, CONFIDENCE) if failed < tasks else 1.0
    outside = table.outside_with / table.outside if table.outside else 0.0
    limit = max(RARE, TIMES_OUTSIDE * outside)
    return Reproducibility(failed / tasks if tasks else 0.0, low, high, limit, _nature(low, high, limit))


def _nature(low: float, high: float, limit: float) -> Nature:
    if high < limit:
        return "stochastic"
    return "systematic" if low > limit else "undecided"


def _quantile(successes: int, failures: int, probability: float) -> float:
    return float(cast(float, betaincinv(successes, failures, probability)))
