"""The rules of a live trial, over its tables: which of them was the first to be met, and by which block.

Nothing here knows of tasks, so that the simulations which prove the guarantees run the very rules that decide.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from bot.model.learning_policy import CanaryPolicy
from bot.rollout.curves import Curve, block_logs, curve, reached
from bot.rollout.trial import Tables

EQUAL = (1.0,)
"""Odds ratio of success that is bet on against `not_inferior_odds`: as good as before."""


class Rule(IntEnum):
    """What was met; where several are met by the same block, the least number counts."""

    NONE = 0
    HARM = 1
    SUCCESS = 2
    TARGET = 3
    USELESS = 4
    HORIZON = 5


@dataclass(frozen=True, slots=True)
class Course:
    """Evidence after each block; shape (..., blocks)."""

    success: Curve
    """Against: success is not likelier under treatment."""
    harm: Curve
    """Against: success is not rarer."""
    target: Curve
    """Against: the targeted failure is not rarer."""
    not_inferior: Curve
    """Against: the odds of success are at most `not_inferior_odds` of what they were."""
    useless: Curve
    """Against: the odds of success are at least `useless_odds` times what they were."""
    useless_target: Curve
    """Against: the odds of the targeted failure fell to at most the reciprocal of `useless_odds`."""
    triggered: NDArray[np.int64]
    targeted: NDArray[np.int64]
    """Tasks so far, with the targeted failure."""


def course(success: Tables, target: Tables, policy: CanaryPolicy) -> Course:
    """Follow the tables of a trial; `success` and `target` are of the same blocks."""
    worth = policy.useless_odds
    return Course(
        success=curve(block_logs(success, policy.odds)),
        harm=curve(block_logs(success, policy.harm_odds)),
        # How much rarer a failure may become is as wide a range as how much harm may be done
        target=curve(block_logs(target, policy.harm_odds)),
        not_inferior=curve(block_logs(success, EQUAL, policy.not_inferior_odds)),
        useless=curve(block_logs(success, policy.useless_grid, worth)),
        useless_target=curve(block_logs(target, [1 / each for each in policy.useless_grid], 1 / worth)),
        triggered=np.cumsum(success[..., 0] + success[..., 1], axis=-1),
        targeted=np.cumsum(target[..., 2] + target[..., 3], axis=-1),
    )


def rules(course: Course, policy: CanaryPolicy, factor: float = 1.0) -> NDArray[np.int64]:
    """The `Rule` that each block meets; shape (..., blocks). `factor` raises what a promotion takes.

    An item that only makes its failure rarer leaves success as it was, and would be pruned long before it is shown to
    be no worse: so it is useless only where it is shown to be so in both.
    """
    promote = policy.promote * factor
    rarer = reached(course.target, promote) & reached(course.not_inferior, policy.not_inferior)
    no_target = reached(course.useless_target, policy.useless) | (course.targeted == 0)
    found = np.select(
        [
            reached(course.harm, policy.harm),
            reached(course.success, promote),
            rarer,
            reached(course.useless, policy.useless) & no_target,
            (course.triggered >= policy.horizon) & ~reached(course.target, promote),
        ],
        [Rule.HARM, Rule.SUCCESS, Rule.TARGET, Rule.USELESS, Rule.HORIZON],
        Rule.NONE,
    )
    return found.astype(np.int64)


def first(found: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rule, number of the block that met it first); the rule is NONE where no block met any. At least one block."""
    place = np.argmax(found != Rule.NONE, axis=-1)
    return np.take_along_axis(found, place[..., None], axis=-1)[..., 0], place
