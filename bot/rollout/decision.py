"""What follows from a live trial: promote, hold, roll back, prune, or try again; with every number that was used.

The first rule that any block met decides, so that the answer is the same whenever one looks, and a decision once made
never turns into another one. Harm goes before benefit, benefit before uselessness.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from bot.model.learning_policy import CanaryPolicy
from bot.model.pattern import Table
from bot.model.rollout import Decision, TrialStatistics, TrialTask
from bot.rollout.assignment import HOLDBACK_BLOCK
from bot.rollout.course import EQUAL, Rule, course, first, rules
from bot.rollout.curves import GREATEST, block_logs, detector, value
from bot.rollout.prospects import blocks_to_go, latest, soonest
from bot.rollout.trial import ClosedBlock, Tables, closed_blocks, statistics, tables
from bot.statistics.odds_ratio import pooled


def decide(
    tasks: Sequence[TrialTask], policy: CanaryPolicy, *, since: datetime, now: datetime, factor: float = 1.0
) -> Decision:
    """What follows for an item on live trial from the tasks assigned since the trial began, in that order.

    `since` is the beginning of the trial. `factor` above 1 raises what a promotion takes, for an item that was dropped
    before. A promoted item whose time was over and that is tried again is judged just so: `promote` keeps it.
    """
    blocks = closed_blocks(tasks, policy.block)
    rule = Rule.NONE
    if blocks:
        run = course(tables(blocks, "success"), tables(blocks, "target"), policy)
        found, place = first(rules(run, policy, factor))
        rule = Rule(int(found))
        blocks = blocks if rule is Rule.NONE else blocks[: int(place) + 1]
    seen = _Seen.of(blocks, policy, factor)
    match rule:
        case Rule.HARM:
            return Decision("roll_back", f"it does harm: {seen.harm}; {seen.success}", seen.statistics)
        case Rule.SUCCESS:
            return Decision("promote", f"tasks succeed more often: {seen.success}", seen.statistics, "success")
        case Rule.TARGET:
            no_worse = seen.told("e_not_inferior", "e-value of no harm")
            reason = f"its failure is rarer: {seen.target}; {seen.success}, {no_worse}"
            return Decision("promote", reason, seen.statistics, "target")
        case Rule.USELESS:
            useless = (
                f"{seen.told('e_useless', 'e-value of too little')}, {seen.told('e_useless_target', 'of its failure')}"
            )
            return Decision("prune", f"it does too little: {useless}; {seen.success}; {seen.target}", seen.statistics)
        case Rule.HORIZON:
            seen_so_far = f"{seen.triggered} tasks of at most {policy.horizon} have shown nothing"
            reason = f"{seen_so_far}: {seen.success}; {seen.target}"
            return Decision("prune", reason, seen.statistics)
        case Rule.NONE:
            return _undecided(seen, policy, since, now, factor)
        case _ as unreachable:
            assert_never(unreachable)


def watch(tasks: Sequence[TrialTask], policy: CanaryPolicy, *, since: datetime, now: datetime) -> Decision:
    """What follows for a promoted item from the tasks assigned since the promotion, some of which go without it.

    `roll_back` here is an alarm, and a false one comes about every `alarm` blocks: it opens a pull request that takes
    the item back and a fresh canary, and deletes nothing.
    """
    blocks = closed_blocks(tasks, HOLDBACK_BLOCK)
    levels = detector(block_logs(tables(blocks, "success"), policy.harm_odds))
    over = levels >= math.log(policy.alarm)
    alarmed = bool(over.any())
    if alarmed:
        blocks, levels = blocks[: int(over.argmax()) + 1], levels[: int(over.argmax()) + 1]
    level = math.exp(min(float(levels[-1]), GREATEST)) if len(levels) else 0.0
    values = {"detector": level, "detector_threshold": policy.alarm, **odds_of(tables(blocks, "success"), "odds")}
    counted = statistics(blocks, values)
    seen = f"detector {level:.1f} of {policy.alarm:g}"
    if alarmed:
        reason = f"it has begun to do harm ({seen}): a pull request takes it back, and a fresh canary begins"
        return Decision("roll_back", reason, counted)
    if now - since >= policy.expires:
        return Decision("expire", f"it was promoted {policy.expires.days} days ago: tried again ({seen})", counted)
    return Decision("hold", f"no harm seen ({seen})", counted)


def _undecided(seen: "_Seen", policy: CanaryPolicy, since: datetime, now: datetime, factor: float) -> Decision:
    """Hold, or begin again where the time is over and the evidence leans nowhere that would be lost."""
    values = seen.statistics.values
    so_far = f"{seen.success}; {seen.target}; {seen.harm}"
    over = now - since >= policy.expires
    if over and max(values["e_success"], values["e_target"]) <= 1:
        return Decision(
            "expire", f"{policy.expires.days} days have shown nothing, tried again: {so_far}", seen.statistics
        )
    more = _more(seen, policy, factor)
    needed = "not known yet how many more tasks it takes" if more is None else f"about {more} more tasks needed"
    return Decision("hold", f"{needed}: {so_far}", seen.statistics, more_tasks=more)


def _more(seen: "_Seen", policy: CanaryPolicy, factor: float) -> int | None:
    """Triggered tasks until the first rule is expected to be met; the horizon meets one at last."""
    if not seen.statistics.blocks:
        return None
    promote, success, target = policy.promote * factor, seen.success_tables, seen.target_tables
    reciprocal = [1 / each for each in policy.useless_grid]
    estimates = [
        blocks_to_go(block_logs(success, policy.harm_odds), policy.harm),
        blocks_to_go(block_logs(success, policy.odds), promote),
        latest(
            [
                blocks_to_go(block_logs(target, policy.harm_odds), promote),
                blocks_to_go(block_logs(success, EQUAL, policy.not_inferior_odds), policy.not_inferior),
            ]
        ),
        latest(
            [
                blocks_to_go(block_logs(success, policy.useless_grid, policy.useless_odds), policy.useless),
                blocks_to_go(block_logs(target, reciprocal, 1 / policy.useless_odds), policy.useless),
            ]
        ),
    ]
    blocks = soonest(estimates)
    if blocks is None:
        return None
    more = max(1, math.ceil(blocks * seen.triggered / seen.statistics.blocks))
    left = policy.horizon - seen.triggered
    return min(more, left) if left > 0 else more


@dataclass(frozen=True, slots=True)
class _Seen:
    """A trial's numbers at one block, in figures and in words."""

    statistics: TrialStatistics
    success_tables: Tables
    target_tables: Tables

    @classmethod
    def of(cls, blocks: Sequence[ClosedBlock], policy: CanaryPolicy, factor: float) -> "_Seen":
        success, target = tables(blocks, "success"), tables(blocks, "target")
        run = course(success, target, policy)
        curves = {
            "e_success": (run.success, policy.promote * factor),
            "e_harm": (run.harm, policy.harm),
            "e_target": (run.target, policy.promote * factor),
            "e_not_inferior": (run.not_inferior, policy.not_inferior),
            "e_useless": (run.useless, policy.useless),
            "e_useless_target": (run.useless_target, policy.useless),
        }
        values = {name: value(each) for name, (each, _) in curves.items()}
        values |= {f"{name}_threshold": threshold for name, (_, threshold) in curves.items()}
        values |= {"horizon": float(policy.horizon), **odds_of(success, "odds"), **odds_of(target, "target_odds")}
        return cls(statistics(blocks, values), success, target)

    @property
    def triggered(self) -> int:
        return self.statistics.treated.tasks + self.statistics.control.tasks

    def told(self, name: str, words: str) -> str:
        values = self.statistics.values
        return f"{words} {values[name]:.3g} of {values[f'{name}_threshold']:g}"

    @property
    def success(self) -> str:
        treated, control = self.statistics.treated, self.statistics.control
        told = f"success {treated.succeeded} of {treated.tasks} against {control.succeeded} of {control.tasks}"
        return f"{told}, {self.told('e_success', 'e-value')}"

    @property
    def target(self) -> str:
        treated, control = self.statistics.treated, self.statistics.control
        told = f"its failure {treated.targeted} of {treated.tasks} against {control.targeted} of {control.tasks}"
        return f"{told}, {self.told('e_target', 'e-value')}"

    @property
    def harm(self) -> str:
        return self.told("e_harm", "e-value of harm")


def odds_of(tables: Tables, name: str) -> dict[str, float]:
    """The pooled odds ratio under treatment and its interval, as far as they are finite."""
    found = pooled([Table(*row) for row in tables.tolist()])
    if found is None:
        return {}
    limits = {f"{name}_ratio": found.estimate, f"{name}_low": found.low, f"{name}_high": found.high}
    return {key: number for key, number in limits.items() if math.isfinite(number)}
