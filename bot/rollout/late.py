"""Whether people accept less of the work that an item had a part in: merged and not taken back, against turned down.

CI is the judge, so this never promotes anything. But an item may satisfy CI by work that nobody wants, and only this
test sees it. It is the conditional e-value of the trials on other tables: in each block, of the tasks whose pull
request was decided, how many were accepted. Blocks count in the order of assignment, when every label in them is final.

*Two tests of harm, one promise.* This test and that of success look at the same tasks at different times, so neither is
an e-process in what both together know, and their mean is none either (Choe & Ramdas 2024, "Combining Evidence Across
Filtrations", arXiv 2402.09698). So the error is split: thresholds 1 / (alpha (1 - share)) and 1 / (alpha share). By
Ville's inequality for each, and the union bound for both, the probability that one of them ever rolls a harmless item
back is at most alpha, however the two depend on each other.

*Harder work.* Only work that came to a pull request can be judged, and an item that brings harder tasks so far has the
harder ones judged. So harm is found only while, of all tasks that ended, no more were accepted with the item than
without: this condition can only make an error rarer.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from bot.model.learning_policy import CanaryPolicy
from bot.model.pattern import Table
from bot.model.protocol import ItemState
from bot.model.rollout import Arm, Decision, TrialTask
from bot.rollout.curves import Curve, block_logs, curve, reached, value
from bot.rollout.fate import Fate
from bot.rollout.trial import ClosedBlock, Tables, closed_blocks, tables
from bot.statistics.odds_ratio import OddsRatio, pooled

ROUNDING: Final = 1e-9
DECIDED: Final = "late_decided"
"""Name among a decision's numbers of the sign that this test made it."""


@dataclass(frozen=True, slots=True)
class LateTask:
    """A task of a trial with what people made of it."""

    stratum: str
    position: int
    arm: Arm
    triggered: bool
    ended: bool
    """Its run; from then on it is known whether the item applied to it."""
    fate: Fate


@dataclass(frozen=True, slots=True)
class LateCounts:
    """One arm's triggered tasks, by what people made of them."""

    accepted: int
    rejected: int
    open: int
    """Not known yet."""
    uncounted: int
    """Decided too late, stopped or begun anew, or without a pull request."""


@dataclass(frozen=True, slots=True)
class Late:
    """What people accept with an item and without, as of now."""

    treated: LateCounts
    control: LateCounts
    odds: OddsRatio | None
    """Of being accepted with the item, over strata, of this look alone; None where there is nothing to compare."""
    e_harm: float
    """At the block that decided, else now; may be looked at at any time."""
    threshold: float
    """Infinite where this decides nothing."""
    harmful: bool
    """Some block met the threshold while no more work was accepted with the item than without."""
    blocks: int

    @property
    def said(self) -> str:
        """One line for people."""
        arms = " against ".join(
            f"{arm.accepted} of {arm.accepted + arm.rejected}" for arm in (self.treated, self.control)
        )
        odds = self.odds
        ratio = "" if odds is None else f" (odds ratio {odds.estimate:.2f}, {odds.low:.2f} to {odds.high:.2f})"
        test = f"e-value of harm {self.e_harm:.3g} of {self.threshold:g}"
        still = f"{self.treated.open + self.control.open} not known yet"
        return f"accepted {arms}{ratio}, {still}, {test if math.isfinite(self.threshold) else 'shown only'}"

    @property
    def numbers(self) -> Mapping[str, float]:
        """For the event of a decision; finite ones alone."""
        arms = {"treated": self.treated, "control": self.control}
        odds = self.odds
        found = {
            "e_late_harm": self.e_harm,
            "e_late_harm_threshold": self.threshold,
            **{f"late_{name}_accepted": float(arm.accepted) for name, arm in arms.items()},
            **{f"late_{name}_rejected": float(arm.rejected) for name, arm in arms.items()},
            **{f"late_{name}_open": float(arm.open) for name, arm in arms.items()},
            **({} if odds is None else {"late_odds": odds.estimate, "late_low": odds.low, "late_high": odds.high}),
        }
        return {name: number for name, number in found.items() if math.isfinite(number)}


def late_harm(judged: Tables, policy: CanaryPolicy) -> Curve:
    """Evidence after each block that less is accepted with the item; `judged`: of tasks that were decided."""
    return curve(block_logs(judged, policy.harm_odds))


def late_found(judged: Tables, ended: Tables, policy: CanaryPolicy) -> NDArray[np.bool_]:
    """Whether it is harm, block by block; shape (..., blocks). `ended`: of all tasks that ended, those accepted."""
    inside, outside, inside_with, outside_with = np.moveaxis(ended, -1, 0)
    # Mantel and Haenszel's numerator less their denominator: above 0 where more is accepted with the item
    lead = np.cumsum((inside_with * outside - inside * outside_with) / np.maximum(inside + outside, 1), axis=-1)
    return reached(late_harm(judged, policy), policy.late_harm) & (lead <= ROUNDING)


def late_of(parts: Sequence[tuple[int, Sequence[LateTask]]], policy: CanaryPolicy) -> Late:
    """What the tasks of an item's stretches say: (size of their blocks, tasks in the order of assignment) each."""
    judged = _closed(parts, "accepted", "rejected")
    found = late_found(judged, _closed(parts, "accepted", "rejected", "nothing"), policy)
    harmful = bool(found.any())
    count = int(found.argmax()) + 1 if harmful else len(judged)
    every = [task for _, tasks in parts for task in tasks]
    return Late(
        treated=_counts(every, "treated"),
        control=_counts(every, "control"),
        odds=pooled([table for _, tasks in parts for table in _by_stratum(tasks)]),
        e_harm=value(late_harm(judged[:count], policy)),
        threshold=policy.late_harm,
        harmful=harmful,
        blocks=count,
    )


def heeded(decision: Decision, late: Late, state: ItemState) -> Decision:
    """The decision with what people accept in its numbers; where that is harm, it goes before every other but harm."""
    values = {**decision.statistics.values, **late.numbers}
    if not late.harmful or decision.kind == "roll_back":
        return replace(decision, statistics=replace(decision.statistics, values=values))
    then = ": a pull request takes it back, and a fresh canary begins" if state == "production" else ""
    statistics = replace(decision.statistics, values={**values, DECIDED: 1.0})
    return Decision("roll_back", f"people accept less of its work: {late.said}{then}", statistics)


def _closed(parts: Sequence[tuple[int, Sequence[LateTask]]], *counted: Fate) -> Tables:
    """The tables of the blocks that count, oldest first; open ones of an earlier stretch keep later ones waiting."""
    found: list[ClosedBlock] = []
    for size, tasks in parts:
        told = [_trial_task(task, task.triggered and task.fate in counted) for task in tasks]
        closed = closed_blocks(told, size)
        found += closed
        if len(closed) < len(closed_blocks([replace(task, resolved=True) for task in told], size)):
            break
    return tables(found, "success")


def _trial_task(task: LateTask, counts: bool) -> TrialTask:
    known = task.fate != "open" or (task.ended and not task.triggered)
    return TrialTask(task.stratum, task.position, task.arm, counts, known, task.fate == "accepted", targeted=False)


def _counts(tasks: Sequence[LateTask], arm: Arm) -> LateCounts:
    fates = [task.fate for task in tasks if task.triggered and task.arm == arm]
    accepted, rejected, still = (fates.count(fate) for fate in ("accepted", "rejected", "open"))
    return LateCounts(accepted, rejected, still, len(fates) - accepted - rejected - still)


def _by_stratum(tasks: Sequence[LateTask]) -> tuple[Table, ...]:
    """Of one stretch, in which every task of a stratum was drawn at the same odds."""
    strata = dict.fromkeys(task.stratum for task in tasks)
    arms = (
        [_counts([task for task in tasks if task.stratum == stratum], arm) for arm in get_args(Arm)]
        for stratum in strata
    )
    return tuple(
        Table(
            treated.accepted + treated.rejected,
            control.accepted + control.rejected,
            treated.accepted,
            control.accepted,
        )
        for treated, control in arms
    )
