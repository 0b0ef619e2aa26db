"""How sure a number of the report is: Wilson's interval of a rate, and the bootstrap of a change by problem.

Tasks about one problem are not independent of each other, so whole problems are drawn, with all of their tasks.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np

Z: Final = 1.959963984540054
"""Of a two-sided interval of 95 %."""
DRAWS: Final = 2_000

Cluster = TypeVar("Cluster")


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval of 95 %."""

    estimate: float
    low: float
    high: float


def wilson(found: int, of: int) -> Interval | None:
    """A rate; None where nothing was looked at. Wilson, JASA 22 (1927) 209."""
    if of == 0:
        return None
    rate = found / of
    spread = Z * math.sqrt(rate * (1 - rate) / of + Z**2 / (4 * of**2))
    middle, scale = rate + Z**2 / (2 * of), 1 + Z**2 / of
    return Interval(rate, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


@dataclass(frozen=True, slots=True)
class Bootstrap(Generic[Cluster]):
    """Draws whole clusters with replacement; the same seed gives the same interval."""

    clusters: Sequence[Cluster]
    seed: int

    def interval(self, statistic: Callable[[Sequence[Cluster]], float | None]) -> Interval | None:
        """Percentiles of `statistic` over the draws where it is defined; None where it is not defined as it stands."""
        estimate = statistic(self.clusters)
        if estimate is None:
            return None
        generator = np.random.default_rng(self.seed)
        count = len(self.clusters)
        drawn = [
            value
            for places in generator.integers(0, count, (DRAWS, count))
            if (value := statistic([self.clusters[int(place)] for place in places])) is not None
        ]
        low, high = np.percentile(drawn, [2.5, 97.5])
        return Interval(estimate, float(low), float(high))
