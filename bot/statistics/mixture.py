"""One e-value out of a grid of bets: their mean, which is an e-value too, whatever the true odds ratio is."""

import math
from collections.abc import Sequence

GREATEST = 700.0
"""Of a logarithm; an e-value of e**700 stands for all beyond it, so that every number stays finite."""


def mean_exp(logs: Sequence[float]) -> float:
    """Mean of the exponentials of `logs` (at least one), in equal parts; finite however large they are."""
    greatest = max(logs)
    if greatest == -math.inf:
        return 0.0
    log_mean = greatest + math.log(math.fsum(math.exp(log - greatest) for log in logs) / len(logs))
    return math.exp(min(log_mean, GREATEST))
