"""The rules of the replay gate, over pairs of outcomes: which of them was the first to be met, and by which pair.

The same old task is done on both arms, so that a pair compares like with like. Whether something became commoner is
told by the pairs whose arms differ alone: where the item changes nothing, either arm is as likely to win (a sign test).
That success is no worse is told by all pairs: one in which both arms do alike says that nothing was lost. By odds of
the pairs that differ it would take the longer the less an item changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from bot.model.learning_policy import ReplayPolicy
from bot.rollout.curves import curve, reached

Signs = NDArray[np.int64]
"""Shape (..., pairs): 1 where the treated arm did better, -1 where the other did, 0 where both did alike."""

STAKES = (0.2, 0.4, 0.6, 0.8)
"""What is bet, each time, on success being no worse; in equal parts."""

WORTH = 0.7
"""Share of the differing pairs that an item worth a live trial is taken to win on the failure that it is aimed at."""


class GateRule(IntEnum):
    """What was met; where several are met by the same pair, the least number counts."""

    NONE = 0
    HARM = 1
    WORSE = 2
    PROMOTE = 3
    STAGE = 4
    FUTILE = 5


@dataclass(frozen=True, slots=True)
class Gate:
    """Logarithms of each pair's e-values, shape (..., pairs, bets)."""

    success: NDArray[np.float64]
    harm: NDArray[np.float64]
    target: NDArray[np.float64]
    worse: NDArray[np.float64]
    """The targeted failure became commoner."""
    not_inferior: NDArray[np.float64]
    futile: NDArray[np.float64]
    """The treated arm wins less than `WORTH` of the pairs that differ in the targeted failure."""


def gate(success: Signs, target: Signs, policy: ReplayPolicy) -> Gate:
    """Follow the pairs; in `target` the arm without the failure did better."""
    margin = policy.not_inferior_margin
    return Gate(
        success=sign_logs(success, policy.odds),
        harm=sign_logs(-success, policy.odds),
        target=sign_logs(target, policy.odds),
        worse=sign_logs(-target, policy.odds),
        not_inferior=np.log1p((success[..., None] + margin) * np.array(STAKES)),
        futile=sign_logs(target, (0.5,), WORTH),
    )


def sign_logs(signs: Signs, shares: Sequence[float], null: float = 0.5) -> NDArray[np.float64]:
    """Bets that the treated arm wins such a share of the pairs that differ, against `null`."""
    bets = np.array(shares)
    won, lost = np.log(bets / null), np.log((1 - bets) / (1 - null))
    return np.where(signs[..., None] > 0, won, np.where(signs[..., None] < 0, lost, 0.0))


def gate_rules(gate: Gate, policy: ReplayPolicy, *, approved: bool) -> NDArray[np.int64]:
    """The `GateRule` that each pair meets; shape (..., pairs).

    Where a promotion by replays alone was approved, an item that has earned its live trial goes on to earn that.
    """
    rarer = reached(curve(gate.target), policy.promote)
    shown = rarer | reached(curve(gate.success), policy.promote)
    no_worse = reached(curve(gate.not_inferior), policy.not_inferior)
    found = np.select(
        [
            reached(curve(gate.harm), policy.harm),
            reached(curve(gate.worse), policy.harm),
            rarer & no_worse & approved,
            shown & (not approved),
            reached(curve(gate.futile), policy.promote) & ~shown,
        ],
        [GateRule.HARM, GateRule.WORSE, GateRule.PROMOTE, GateRule.STAGE, GateRule.FUTILE],
        GateRule.NONE,
    )
    return found.astype(np.int64)
