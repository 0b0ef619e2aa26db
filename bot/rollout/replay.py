"""What follows from old tasks done again on both arms, before any live task is told an item.

An item that does harm, or clearly too little against its own failure, is refused. One that has shown its worth goes on
to live tasks, or, where a person approved it for an installation with too few of them, into force. One that has shown
neither when the pairs are spent goes on to live tasks unless it leans towards harm: most items that are worth
something are worth less than a few hundred pairs can show, and live tasks are watched too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from bot.model.learning_policy import ReplayPolicy
from bot.model.rollout import ArmCounts, Decision, ReplayPair, TrialStatistics
from bot.rollout.course import first
from bot.rollout.curves import curve, value
from bot.rollout.gate import WORTH, Gate, GateRule, Signs, gate, gate_rules
from bot.rollout.prospects import blocks_to_go, latest, soonest


def decide_replays(pairs: Sequence[ReplayPair], policy: ReplayPolicy, *, approved: bool) -> Decision:
    """What follows from an item's pairs, in the order in which they were done.

    The tasks are others than those that the item was made from. `approved`: a person has seen what replays cost and
    allows a promotion by them alone. `more_tasks` of the answer are pairs. Several pairs of one task count each, which
    is right where the item does nothing to any task; add tasks rather than pairs.
    """
    rule = GateRule.NONE
    if pairs:
        found, place = first(gate_rules(_gate(pairs, policy), policy, approved=approved))
        rule = GateRule(int(found))
        pairs = pairs if rule is GateRule.NONE else pairs[: int(place) + 1]
    seen = _Seen.of(pairs, policy)
    match rule:
        case GateRule.HARM:
            return Decision("refuse", f"it does harm: {seen.told('e_harm')}; {seen.both}", seen.statistics)
        case GateRule.WORSE:
            return Decision("refuse", f"its failure is commoner: {seen.told('e_worse')}; {seen.both}", seen.statistics)
        case GateRule.PROMOTE:
            no_worse = f"{seen.told('e_not_inferior')} that success is at most {policy.not_inferior_margin:.0%} rarer"
            reason = f"its failure is rarer: {seen.told('e_target')}; {no_worse}; {seen.both}"
            return Decision("promote", reason, seen.statistics, "replay")
        case GateRule.STAGE:
            return Decision("stage", f"it helps: {seen.helps}; {seen.both}", seen.statistics)
        case GateRule.FUTILE:
            reason = f"it does too little against its failure: {seen.told('e_futile')}; {seen.both}"
            return Decision("refuse", reason, seen.statistics)
        case GateRule.NONE:
            return _undecided(seen, policy, approved=approved)
        case _ as unreachable:
            assert_never(unreachable)


def is_spent(pairs: Sequence[ReplayPair], policy: ReplayPolicy, *, approved: bool) -> bool:
    """Whether no further pair may be bought: all are done, or the money is spent that needs nobody's approval."""
    cost = sum(pair.cost_micro_dollars for pair in pairs)
    return len(pairs) >= policy.pairs or (not approved and cost >= policy.cost_micro_dollars)


def _undecided(seen: "_Seen", policy: ReplayPolicy, *, approved: bool) -> Decision:
    values = seen.statistics.values
    if is_spent(seen.pairs, policy, approved=approved):
        spent = f"{len(seen.pairs)} pairs are spent"
        if max(values["e_harm"], values["e_worse"]) > 1:
            leans = f"{seen.told('e_harm')} of harm, {seen.told('e_worse')} of more of its failure"
            return Decision("refuse", f"{spent}, and it leans towards harm: {leans}; {seen.both}", seen.statistics)
        reason = f"{spent}, and live tasks have to tell: {seen.helps}; {seen.both}"
        return Decision("stage", reason, seen.statistics)
    more = _more(seen, policy, approved=approved)
    return Decision("hold", f"about {more} more pairs: {seen.helps}; {seen.both}", seen.statistics, more_tasks=more)


def _more(seen: "_Seen", policy: ReplayPolicy, *, approved: bool) -> int:
    """Pairs until the first rule is expected to be met; the last pair ends it."""
    logs, shown = seen.logs, policy.promote
    helped = [blocks_to_go(logs.target, shown), blocks_to_go(logs.success, shown)]
    if approved:
        helped = [latest([blocks_to_go(logs.target, shown), blocks_to_go(logs.not_inferior, policy.not_inferior)])]
    against = [blocks_to_go(each, policy.harm) for each in (logs.harm, logs.worse)]
    pairs = soonest([*helped, *against, blocks_to_go(logs.futile, shown)])
    left = policy.pairs - len(seen.pairs)
    return left if pairs is None else max(1, min(math.ceil(pairs), left))


@dataclass(frozen=True, slots=True)
class _Seen:
    """The pairs' numbers, in figures and in words."""

    pairs: Sequence[ReplayPair]
    logs: Gate
    statistics: TrialStatistics

    @classmethod
    def of(cls, pairs: Sequence[ReplayPair], policy: ReplayPolicy) -> "_Seen":
        logs = _gate(pairs, policy)
        curves: dict[str, tuple[NDArray[np.float64], float]] = {
            "e_success": (logs.success, policy.promote),
            "e_harm": (logs.harm, policy.harm),
            "e_target": (logs.target, policy.promote),
            "e_worse": (logs.worse, policy.harm),
            "e_not_inferior": (logs.not_inferior, policy.not_inferior),
            "e_futile": (logs.futile, policy.promote),
        }
        values = {name: value(curve(each)) for name, (each, _) in curves.items()}
        values |= {f"{name}_threshold": threshold for name, (_, threshold) in curves.items()}
        values |= {
            "not_inferior_margin": policy.not_inferior_margin,
            "worth": WORTH,
            "cost_micro_dollars": float(sum(pair.cost_micro_dollars for pair in pairs)),
        }
        treated = ArmCounts(
            len(pairs), sum(pair.treated_succeeded for pair in pairs), sum(pair.treated_targeted for pair in pairs)
        )
        control = ArmCounts(
            len(pairs), sum(pair.control_succeeded for pair in pairs), sum(pair.control_targeted for pair in pairs)
        )
        return cls(pairs, logs, TrialStatistics(treated, control, len(pairs), values))

    def told(self, name: str) -> str:
        values = self.statistics.values
        return f"e-value {values[name]:.3g} of {values[f'{name}_threshold']:g}"

    @property
    def helps(self) -> str:
        return f"{self.told('e_target')} that its failure is rarer, {self.told('e_success')} that success is commoner"

    @property
    def both(self) -> str:
        treated, control = self.statistics.treated, self.statistics.control
        failure = f"its failure {treated.targeted} against {control.targeted}"
        return f"{failure}, success {treated.succeeded} against {control.succeeded} of {treated.tasks} pairs"


def _gate(pairs: Sequence[ReplayPair], policy: ReplayPolicy) -> Gate:
    success = [int(pair.treated_succeeded) - int(pair.control_succeeded) for pair in pairs]
    target = [int(pair.control_targeted) - int(pair.treated_targeted) for pair in pairs]
    return gate(_signs(success), _signs(target), policy)


def _signs(values: Sequence[int]) -> Signs:
    return np.array(values, dtype=np.int64)
