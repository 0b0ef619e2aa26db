"""How fast the evidence for a hypothesis may be expected to grow, so that the few registrations go to the quickest.

Nothing is decided by it. A rate that was seen is pulled towards that of the next wider context (Bayes: a beta prior
worth a few tasks), because the highest of many rates is too high; then the bet of the grid that would grow fastest at
those rates says how much the logarithm of the e-value gains with each task that is assigned, inside the context or not.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

PRIOR_TASKS = 4.0


def shrunk(found: Integers, tasks: Integers, prior: Floats) -> Floats:
    """Rates as they are seen after `PRIOR_TASKS` tasks at rate `prior`."""
    return (found + PRIOR_TASKS * prior) / (tasks + PRIOR_TASKS)


def of_frequency(share: Floats, rate: Floats, base_rate: float, bets: Sequence[float]) -> Floats:
    """Gain of the best bet where `share` of all tasks are inside and fail at `rate`; bets are multiples of the base."""
    gains = [
        rate * np.log(bet) + (1 - rate) * (np.log1p(-bet * base_rate) - np.log1p(-base_rate))
        for bet in bets
        if bet * base_rate < 1
    ]
    return share * np.max([np.zeros(len(rate)), *gains], axis=0)


def of_rule(share: Floats, inside: Floats, outside: Floats, odds: Sequence[float]) -> Floats:
    """Gain of the best odds ratio where `share` of all tasks fail at rate `inside`, the others at rate `outside`.

    That of large blocks: with the margins fixed, the rates of a bet are those of its odds ratio that have the same
    total.
    """
    total = share * inside + (1 - share) * outside
    gains: list[Floats] = [np.zeros(len(share))]
    for each in odds:
        # Odds x outside: share * each * x / (1 + each * x) + (1 - share) * x / (1 + x) = total
        second, first = each * (1 - total), share * each + 1 - share - total * (1 + each)
        x = (np.sqrt(first**2 + 4 * second * total) - first) / (2 * second)
        bet_inside, bet_outside = each * x / (1 + each * x), x / (1 + x)
        gains.append(
            share * _gain(inside, bet_inside, total) + (1 - share) * _gain(outside, bet_outside, total)
        )  # fmt: skip
    return np.max(gains, axis=0)


def _gain(rate: Floats, bet: Floats, total: Floats) -> Floats:
    return rate * np.log(bet / total) + (1 - rate) * np.log((1 - bet) / (1 - total))
