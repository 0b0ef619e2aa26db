"""Deciding about the items on trial: from the arms that their tasks were given and how those tasks ended.

A decision is an event with every number that it used, and takes effect with it: the next run is told what it says. The
file in `protocols/` follows by a pull request, which records what has happened and can't delay it.

CI's word decides; what people make of the pull requests weeks later can only take an item back (`bot.rollout.late`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import cast

from sqlalchemy import Connection

from bot.agents.checklist import line_up
from bot.jobs.learn.late import late_over, parts_of
from bot.jobs.learn.learner import Learner
from bot.jobs.learn.standings import read_standings, standing_of_file
from bot.model.learning_policy import CanaryPolicy
from bot.model.pattern import PatternEvent, PatternId, Signature
from bot.model.phase import StopReason
from bot.model.protocol import Catalogue, ChecklistItem
from bot.model.rollout import EVERY_ITEM, Decision, ItemEvent, ItemStanding, TrialTask
from bot.model.run import status_of_reason
from bot.rollout.decision import decide, watch
from bot.rollout.late import Late, heeded
from bot.rollout.lineage import DROPPED
from bot.rollout.router import applies
from bot.rollout.states import after
from bot.rollout.stretches import Stretch
from bot.store import patterns
from bot.store.rollouts import AssignedTask, read_trial, write_item_event


@dataclass(frozen=True, slots=True)
class Judged:
    """An item on trial, as of now."""

    item: ChecklistItem
    standing: ItemStanding
    decision: Decision
    late: Late | None = None
    """What people made of its work; None before any live task is told it."""


async def evaluate_rollouts(learner: Learner) -> tuple[Judged, ...]:
    """Decide about every item on live trial; those whose state changed. Raises StoreUnavailable."""
    judged = await learner.database.transact(judge, learner.catalogue, learner.policy.canary, learner.now())
    changed: list[Judged] = []
    for each in judged:
        if each.decision.kind != "hold" and not each.standing.pinned:
            await learner.database.transact(carry_out, each, learner.now())
            changed.append(each)
    return tuple(changed)


def carry_out(connection: Connection, judged: Judged, at: datetime) -> None:
    """Let the decision take effect; the pattern behind an item that is dropped may be tried again in other words."""
    event = event_of(judged, at)
    write_item_event(connection, event)
    if event.state not in DROPPED or not judged.item.is_learned:
        return
    pattern = patterns.read_pattern(connection, PatternId(judged.item.evidence))
    if pattern is not None and pattern.status == "merged":
        detail = f"its item {judged.item.id} was dropped: {event.kind}"
        patterns.write_pattern_event(
            connection, PatternEvent(pattern.registration.id, at, "retired", "rmo", detail, {})
        )


def judge(connection: Connection, catalogue: Catalogue, policy: CanaryPolicy, now: datetime) -> tuple[Judged, ...]:
    """What the numbers say of every item that live tasks are told by lot; nothing is written."""
    standings = read_standings(connection, catalogue)
    found: list[Judged] = []
    for item in catalogue.items:
        standing = standings.of(item.id)
        # A promoted one also where no task goes without it: its time is over some day
        if standing.state != "staged" and not (standing.state == "production" and item.is_learned):
            continue
        assigned = _assigned(connection, item.id)
        target = target_of(connection, item)
        tasks = [
            _trial_task(each, item, target, catalogue, policy, now)
            for each in assigned
            if each.assignment.assigned_at >= standing.since
        ]
        weigh = decide if standing.state == "staged" else watch
        events = [event for event in standings.events if event.item == item.id]
        parts = parts_of(standing_of_file(item), events, policy)
        late = late_over(
            connection, assigned, parts, partial(is_triggered, item=item, catalogue=catalogue), policy, now
        )
        decision = heeded(weigh(tasks, policy, since=standing.since, now=now), late, standing.state)
        found.append(Judged(item, standing, decision, late))
    return tuple(found)


def baseline_of(connection: Connection, policy: CanaryPolicy, now: datetime) -> tuple[TrialTask, ...]:
    """The tasks of the permanent baseline: those told learned items against those told none."""
    return tuple(_outcome(each, True, False, policy, now) for each in _assigned(connection, EVERY_ITEM))


def late_baseline_of(connection: Connection, policy: CanaryPolicy, now: datetime) -> Late:
    """What people made of the work of these tasks; nothing is decided by it."""
    always = Stretch("production", datetime.min.replace(tzinfo=UTC), None)
    undecided = replace(policy, late_share=0.0)
    assigned = _assigned(connection, EVERY_ITEM)
    return late_over(connection, assigned, [(policy.baseline_block, always)], lambda _: True, undecided, now)


def _assigned(connection: Connection, item: str) -> Sequence[AssignedTask]:
    """In the order of assignment over all strata; tasks of one moment by their place. None that a person excluded."""
    assigned = (each for each in read_trial(connection, item) if not each.excluded)
    return sorted(
        assigned, key=lambda each: (each.assignment.assigned_at, each.assignment.stratum, each.assignment.position)
    )


def target_of(connection: Connection, item: ChecklistItem) -> Signature | None:
    """The failure that a learned item is meant to prevent; None for a person's, and for a check.

    Who is held to a check meets its failure at the first validation, who is not meets it later or never: only how the
    tasks end can be compared.
    """
    if not item.is_learned or item.kind == "check":
        return None
    pattern = patterns.read_pattern(connection, PatternId(item.evidence))
    return pattern.registration.hypothesis.signature if pattern is not None else None


def _trial_task(
    each: AssignedTask,
    item: ChecklistItem,
    target: Signature | None,
    catalogue: Catalogue,
    policy: CanaryPolicy,
    now: datetime,
) -> TrialTask:
    targeted = target is not None and any(target in found for found in each.found.values())
    return _outcome(each, is_triggered(each, item, catalogue), targeted, policy, now)


def is_triggered(each: AssignedTask, item: ChecklistItem, catalogue: Catalogue) -> bool:
    """Whether the plan that the Executor was first called with has work that the item is about.

    What concerns planning concerns every task.
    """
    if any(catalogue.nodes[action].level == "planning" for action in item.actions if action in catalogue.nodes):
        return True
    return any(
        applies(item, {node: 0 for node in line_up(catalogue.nodes, unit.action)}, [{**each.features, **unit.features}])
        for unit in each.units
    )


def _outcome(each: AssignedTask, triggered: bool, targeted: bool, policy: CanaryPolicy, now: datetime) -> TrialTask:
    """Whoever has not ended when its time is over has failed; that a treatment makes failures slow earns it nothing."""
    assignment = each.assignment
    over = assignment.assigned_at + policy.unresolved <= now
    return TrialTask(
        stratum=assignment.stratum,
        position=assignment.position,
        arm=assignment.arm,
        triggered=triggered,
        resolved=each.outcome is not None or over,
        succeeded=each.outcome is not None and status_of_reason(cast("StopReason", each.outcome)) == "succeeded",
        targeted=targeted,
    )


def event_of(judged: Judged, at: datetime) -> ItemEvent:
    """The decision as the event that carries it out. Raises IllegalTransition."""
    decision = judged.decision
    assert decision.kind != "hold"
    statistics = decision.statistics
    numbers = {
        **statistics.values,
        "blocks": float(statistics.blocks),
        "treated": float(statistics.treated.tasks),
        "treated_succeeded": float(statistics.treated.succeeded),
        "treated_targeted": float(statistics.treated.targeted),
        "control": float(statistics.control.tasks),
        "control_succeeded": float(statistics.control.succeeded),
        "control_targeted": float(statistics.control.targeted),
    }
    route = decision.route if decision.kind == "promote" else ""
    return ItemEvent(
        judged.item.id,
        at,
        after(judged.standing.state, decision.kind),
        decision.kind,
        "rmo",
        decision.reason,
        route,
        numbers,
    )
