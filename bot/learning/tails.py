"""Upper tails of many tables at once, for the screen; the exact tests of single tables are those of bot.statistics.

Sums start at the observed count and run away from the mean, where each term is smaller than the one before: a few dozen
steps for all tables together. Their error is that of the logarithms of factorials, below 1e-7 of the value for tables
of a million tasks, and no guarantee hangs on them.
"""

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_ENOUGH = 1e-15
"""A term that adds less than this part of the sum ends it."""


def hypergeometric_at_least(found: Integers, tasks: Integers, having: Integers, inside: Integers) -> Floats:
    """P(at least `found` of the `inside` drawn out of `tasks` are among the `having`), row by row."""
    least, most = np.maximum(0, having + inside - tasks), np.minimum(having, inside)
    tail = np.where(found <= least, 1.0, 0.0)
    upper = (found > least) & (found <= most) & (found * tasks > having * inside)
    lower = (found > least) & (found <= most) & ~upper
    tail[upper] = _outwards(found[upper], tasks[upper], having[upper], inside[upper], upwards=1)
    below = _outwards(found[lower] - 1, tasks[lower], having[lower], inside[lower], upwards=0)
    tail[lower] = 1.0 - below
    return np.clip(tail, 0.0, 1.0)


def binomial_at_least(found: Integers, tasks: Integers, rate: float) -> Floats:
    """P(at least `found` (at least 1) of `tasks`) where each has the failure with probability `rate`."""
    return cast(Floats, betainc(found, tasks - found + 1, rate))


def _outwards(start: Integers, tasks: Integers, having: Integers, inside: Integers, *, upwards: int) -> Floats:
    """Probability of `start` and all counts beyond it, away from the mean."""
    other = tasks - having - inside
    total = np.ones(len(start))
    term, rows = np.ones(len(start)), np.arange(len(start))
    count = start.copy()
    while len(rows):
        k, n, rest = having[rows], inside[rows], other[rows]
        if upwards:
            ratio = (k - count) * (n - count) / ((count + 1.0) * (rest + count + 1.0))
            count = count + 1
        else:
            ratio = count * (rest + count) / ((k - count + 1.0) * (n - count + 1.0))
            count = count - 1
        term = term * ratio
        total[rows] += term
        going = term > _ENOUGH * total[rows]
        rows, term, count = rows[going], term[going], count[going]
    return np.exp(_log_point(start, tasks, having, inside)) * total


def _log_point(found: Integers, tasks: Integers, having: Integers, inside: Integers) -> Floats:
    return (
        _log_choose(having, found) + _log_choose(tasks - having, inside - found) - _log_choose(tasks, inside)
    )  # fmt: skip


def _log_choose(of: Integers, chosen: Integers) -> Floats:
    return gammaln(of + 1.0) - gammaln(chosen + 1.0) - gammaln(of - chosen + 1.0)
