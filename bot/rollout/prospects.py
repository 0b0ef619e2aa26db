"""About how long a trial still takes, for the person who waits: from how its evidence has grown so far.

The logarithm of each bet walks with a drift; if it goes on as it went, their mean crosses its line at a time that can
be solved for. The drift is the one that was seen, so early on it says little, and nothing is said.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LEAST = 10
"""Blocks in which something could be seen, before anything is said."""


def blocks_to_go(logs: NDArray[np.float64], threshold: float) -> float | None:
    """Blocks until the e-value is expected to reach `threshold`.

    `logs` are of shape (blocks, bets). 0 where it has; None where no bet has grown, or too little was seen.
    """
    if np.count_nonzero(logs.any(axis=1)) < LEAST:
        return None
    grown, count = logs.sum(axis=0), len(logs)
    line = math.log(threshold * logs.shape[1])

    def level(more: float) -> float:
        return float(np.logaddexp.reduce(grown * (1 + more / count)))

    if level(0) >= line:
        return 0.0
    if grown.max() <= 0:
        return None
    # A bet that grows carries the whole line alone at the latest
    early, late = 0.0, (line / grown.max() - 1) * count
    while late - early > 0.5:
        middle = (early + late) / 2
        early, late = (early, middle) if level(middle) >= line else (middle, late)
    return late


def soonest(estimates: Sequence[float | None]) -> float | None:
    """The least of those that are known."""
    return min((each for each in estimates if each is not None), default=None)


def latest(estimates: Sequence[float | None]) -> float | None:
    """The greatest; None where one is not known, because all are needed."""
    known = [each for each in estimates if each is not None]
    return max(known) if len(known) == len(estimates) else None
