"""The evidence of many streams of tasks at once: arrays of the numbers that `bot.learning.evidence` finds one by one.

Only the counting is another; every table is judged by the program's own formulas. A test shows that the two agree.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.model.pattern import Table
from bot.statistics.conditional import log_e
from bot.statistics.frequency import log_bet

Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


def rule_logs(
    inside: Flags, failed: Flags, stratum: Counts, block: Counts, blocks: int, grid: Sequence[float]
) -> Floats:
    """What each block adds, (blocks, grid), from one entry a task: its block and its stratum, both from 0."""
    strata = int(stratum.max()) + 1
    place = block * strata + stratum
    cells = [
        np.bincount(place[chosen], minlength=blocks * strata)
        for chosen in (inside, ~inside, inside & failed, ~inside & failed)
    ]
    tables = np.stack(cells, axis=1)
    some = (tables[:, 0] > 0) & (tables[:, 1] > 0)
    kinds, which = np.unique(tables[some], axis=0, return_inverse=True)
    values = np.array([[log_e(Table(*row), odds) for odds in grid] for row in kinds.tolist()]).reshape(-1, len(grid))
    added = np.zeros((blocks * strata, len(grid)))
    added[some] = values[which.reshape(-1)]
    return added.reshape(blocks, strata, len(grid)).sum(axis=1)


def frequency_logs(
    inside: Flags, failed: Flags, block: Counts, blocks: int, rates: Sequence[float], base_rate: float
) -> Floats:
    """The same for bets on a rate."""
    tasks = np.bincount(block[inside], minlength=blocks)
    had = np.bincount(block[inside & failed], minlength=blocks)
    won = np.array([log_bet(1, 1, rate, base_rate) for rate in rates])
    lost = np.array([log_bet(1, 0, rate, base_rate) for rate in rates])
    return np.multiply.outer(had, won) + np.multiply.outer(tasks - had, lost)


def log_e_values(added: Floats) -> Floats:
    """Logarithm of the e-value after each block: (..., blocks, grid) to (..., blocks)."""
    logs: Floats = np.cumsum(added, axis=-2)
    greatest: Floats = logs.max(axis=-1, keepdims=True)
    return greatest[..., 0] + np.log(np.exp(logs - greatest).mean(axis=-1))
