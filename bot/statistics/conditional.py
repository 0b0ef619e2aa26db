"""The one formula behind every decision: a 2x2 table given its margins, under two odds ratios (R1 of the design).

Given how many tasks are inside, how many outside and how many failed, the number of failures inside has Fisher's
noncentral hypergeometric distribution, and only the odds ratio is unknown: rates, drift and what differs between
repositories cancel. The ratio of two such probabilities is an e-value: its mean is at most 1 where the null is true.

Each probability is the reciprocal of a sum of ratios to the observed count, so that nothing large is ever subtracted
from something large: it is as exact for a million tasks as for ten.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.model.pattern import Table

CACHED = 65_536
"""Blocks are small, so the same few tables come again and again."""


def log_pmf(table: Table, odds: float) -> float:
    """Natural logarithm of P(`inside_with` | margins) where the odds ratio is `odds` (above 0)."""
    return _log_pmf(table.inside, table.outside, table.with_failure, table.inside_with, odds)


def log_e(table: Table, odds: float, null: float = 1.0) -> float:
    """Logarithm of the e-value that bets on `odds` against `null`.

    Tests that the odds ratio is at most `null` where `odds` is above it, and at least `null` where it is below. A table
    that can come out in one way only says nothing: 0.
    """
    if is_degenerate(table):
        return 0.0
    return log_pmf(table, odds) - log_pmf(table, null)


def is_degenerate(table: Table) -> bool:
    """Whether the margins leave one outcome only: an empty side, or none or all of the tasks with the failure."""
    return not (table.inside and table.outside and 0 < table.with_failure < table.tasks)


def log_tail(table: Table, odds: float = 1.0) -> float:
    """Logarithm of P(at least `inside_with` | margins); at odds 1 that of Fisher's exact one-sided p-value."""
    terms = _log_ratios(table.inside, table.outside, table.with_failure, table.inside_with, odds)
    lowest = max(0, table.with_failure - table.outside)
    return min(0.0, _log_sum(terms[table.inside_with - lowest :]) - _log_sum(terms))


@lru_cache(maxsize=CACHED)
def _log_pmf(inside: int, outside: int, with_failure: int, inside_with: int, odds: float) -> float:
    return -_log_sum(_log_ratios(inside, outside, with_failure, inside_with, odds))


def _log_ratios(inside: int, outside: int, with_failure: int, inside_with: int, odds: float) -> NDArray[np.float64]:
    """How much likelier than the observed count each possible one is, from the lowest on, as logarithms."""
    lowest, highest = max(0, with_failure - outside), min(inside, with_failure)
    counts = np.arange(lowest, highest, dtype=np.float64)
    won = (inside - counts) * (with_failure - counts) * odds
    up = np.log(won / ((counts + 1) * (outside - with_failure + counts + 1)))
    here = inside_with - lowest
    return np.concatenate([-np.cumsum(up[:here][::-1])[::-1], np.zeros(1), np.cumsum(up[here:])])


def _log_sum(logs: NDArray[np.float64]) -> float:
    greatest = float(logs.max())
    return greatest + math.log(float(np.exp(logs - greatest).sum()))
