"""E-values as they stood after each block, for one trial or for thousands at once.

Everything that is decided is decided by the first block at which a line was crossed, and so by a look after every
block, however rarely anybody looks: what is decided does not hang on when the job ran. All in natural logarithms.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.model.pattern import Table
from bot.rollout.trial import Tables
from bot.statistics.conditional import log_e

Curve = NDArray[np.float64]
"""Shape (..., blocks)."""

GREATEST = 700.0
"""Beyond it an exponential is no number any more."""


def block_logs(tables: Tables, odds: Sequence[float], null: float = 1.0) -> NDArray[np.float64]:
    """Logarithm of each block's e-value for each bet; shape (..., blocks, bets)."""
    base = int(tables.max(initial=0)) + 1
    codes = tables @ np.array([base**3, base**2, base, 1])
    # Small blocks come out in few ways: each is worked out once
    found, places = np.unique(codes, return_inverse=True)
    cells = [[code // base**3, code // base**2 % base, code // base % base, code % base] for code in found.tolist()]
    logs = [[log_e(Table(*cell), bet, null) for bet in odds] for cell in cells]
    return np.array(logs, dtype=np.float64).reshape(len(cells), len(odds))[places.reshape(codes.shape)]


def curve(logs: NDArray[np.float64]) -> Curve:
    """The e-value of the grid after each block: the mean over the bets of their products so far."""
    return mixed(np.cumsum(logs, axis=-2))


def detector(logs: NDArray[np.float64]) -> Curve:
    """Shiryaev and Roberts' e-detector after each block: for each bet R becomes (R + 1) e, and their mean counts.

    About as many blocks as its level pass before a false alarm, whenever the harm begins (Shin, Ramdas & Rinaldo).
    """
    count = logs.shape[-2]
    running = np.full((*logs.shape[:-2], logs.shape[-1]), -np.inf)
    found = np.empty(logs.shape[:-1])
    for block in range(count):
        running = np.logaddexp(running, 0.0) + logs[..., block, :]
        found[..., block] = mixed(running)
    return found


def mixed(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of the mean over the last axis."""
    return np.logaddexp.reduce(logs, axis=-1) - np.log(logs.shape[-1])


def reached(curve: Curve, threshold: float) -> NDArray[np.bool_]:
    """Whether the e-value is at least `threshold`, block by block."""
    return curve >= np.log(threshold)


def value(curve: Curve) -> float:
    """The last e-value of one trial; 1 before the first block."""
    return float(np.exp(min(curve[-1], GREATEST))) if len(curve) else 1.0
