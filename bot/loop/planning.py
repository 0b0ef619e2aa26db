"""What the Thinker's and the Processor's answers change."""

import re
from dataclasses import replace
from typing import assert_never

from bot.loop.merge import merge
from bot.loop.progress import noted, stopping
from bot.loop.working import unreadable_work
from bot.model.action import Plan, PlannedItem
from bot.model.failure import Failure
from bot.model.ids import ItemKey
from bot.model.phase import (
    Approving,
    Dialogue,
    FinishedItem,
    Phase,
    Planning,
    Recording,
    Reviewing,
    Stopping,
    Working,
)
from bot.model.reply import Decided, PlanProposed
from bot.model.run import Run

_NOT_CODE = re.compile(r"(?:^|/)(?:tests?|docs?)/|(?:^|/)test_[^/]*$|_test\.[^/.]+$|\.(?:md|rst|txt)$")
"""Tests and texts: rarely what made a check fail, unless the failure stands in their own files."""


def unreadable(run: Run, reason: str, failure: Failure | None) -> Run:
    """A malformed answer is asked for again, as often as the budget says; then it is a failure like any other."""
    assert run.frozen is not None
    phase = run.phase
    assert isinstance(phase, Planning | Reviewing | Working)
    dialogue = replace(phase.dialogue, repairs=phase.dialogue.repairs + 1, problem=reason)
    if dialogue.repairs <= run.frozen.budget.repairs:
        return replace(run, phase=replace(phase, dialogue=dialogue))
    failures = (failure,) if failure is not None else ()
    match phase:
        case Working():
            return unreadable_work(run, phase, reason, failures)
        case Planning():
            return stopping(
                noted(run, "plan", 1, failures), "needs_human", f"the Thinker's answers could not be read: {reason}"
            )
        case Reviewing(occasion=occasion):
            run = noted(run, f"review_{occasion}", 1, failures)
            return stopping(run, "needs_human", f"the Processor's answers could not be read: {reason}")
        case _ as unreachable:
            assert_never(unreachable)


def proposed(run: Run, proposal: PlanProposed) -> Run:
    """One analyser has answered; the last answer makes the plan."""
    assert run.frozen is not None
    phase = run.phase
    assert isinstance(phase, Planning)
    analyses = (*phase.analyses, proposal)
    wanted = 1 if phase.problem else run.frozen.config.analysers
    if len(analyses) < wanted:
        return replace(run, phase=replace(phase, analyses=analyses, dialogue=Dialogue()))
    plan = merge(analyses, first_key=next_key(run))
    recording = Recording(
        agent="thinker",
        action_item="plan",
        subject=f"Plan {_count(len(plan.items), 'item')}",
        body=plan.summary,
        changes={},
        finished=None,
        then=_after_plan(run, plan),
    )
    return replace(
        run,
        plan=plan,
        plan_digests=(*run.plan_digests, plan.digest),
        pending_items=plan.items,
        phase=recording,
    )


def next_key(run: Run) -> int:
    """The number of the next item's key. Keys are never used twice in a run, also by a plan that replaces another."""
    pending = [item.key for item in run.pending_items]
    finished = [done.item.key for done in run.finished_items]
    return 1 + max((int(key) for key in (*pending, *finished, *run.attempts)), default=0)


def _after_plan(run: Run, plan: Plan) -> Phase:
    assert run.frozen is not None
    if plan.questions:
        return Stopping("needs_answer", " ".join(plan.questions))
    if not plan.items:
        return Stopping("no_change", f"the plan has no items: {plan.summary}")
    if plan.digest in run.plan_digests:
        return Stopping("stuck", "the same failure came back, and the new plan is the old one")
    if len(run.plan_digests) >= run.frozen.budget.attempts:
        return Stopping("stuck", f"{len(run.plan_digests)} plans were tried and the checks still fail")
    return Reviewing("plan")


def decided(run: Run, decision: Decided) -> Run:
    """The Processor has decided: about the plan, or about what to do after a red verdict."""
    phase = run.phase
    assert isinstance(phase, Reviewing)
    run = replace(run, notes=(*run.notes, decision.note) if decision.note else run.notes)
    if decision.question:
        return replace(run, phase=_record_decision(phase, decision, Stopping("needs_answer", decision.question)))
    run = replace(run, pending_items=_arranged(run.pending_items, decision))
    then: Phase | None = None
    if phase.occasion == "verdict":
        run, then = _retry(run, decision)
    elif run.frozen is not None and run.frozen.config.plan_approval and not run.approved_by:
        then = Approving()
    return replace(run, phase=_record_decision(phase, decision, then))


def _record_decision(phase: Reviewing, decision: Decided, then: Phase | None) -> Recording:
    return Recording(
        agent="processor",
        action_item=f"review_{phase.occasion}",
        subject=f"Review the {phase.occasion}",
        body=decision.question or decision.note,
        changes={},
        finished=None,
        then=then,
    )


def _arranged(items: tuple[PlannedItem, ...], decision: Decided) -> tuple[PlannedItem, ...]:
    """Dropped items gone, named ones first and in their order, added postconditions in their place."""
    kept = {item.key: item for item in items if item.key not in decision.drop}
    for added in decision.postconditions:
        item = kept.get(added.item)
        if item is not None:
            kept[added.item] = replace(item, postconditions=(*item.postconditions, added.text))
    first = list(dict.fromkeys(key for key in decision.order if key in kept))
    return tuple(kept[key] for key in [*first, *(key for key in kept if key not in first)])


def _retry(run: Run, decision: Decided) -> tuple[Run, Phase | None]:
    """The item to try again goes to the front of what is pending, unless it was tried too often."""
    assert run.frozen is not None
    finished = _finished(run, decision.retry) or _to_blame(run)
    item, limit = finished.item, run.frozen.budget.attempts
    if run.attempts.get(item.key, 0) >= limit:
        return run, Stopping("budget_attempts", f"item {item.key} ({item.title}) was tried {limit} times")
    extra = tuple(added.text for added in decision.postconditions if added.item == item.key)
    again = replace(item, postconditions=(*item.postconditions, *extra))
    return replace(run, pending_items=(again, *run.pending_items)), None


def _finished(run: Run, key: ItemKey | None) -> FinishedItem | None:
    return next((finished for finished in reversed(run.finished_items) if finished.item.key == key), None)


def _to_blame(run: Run) -> FinishedItem:
    """The last item that touched a failing file, else the last that wrote code, else the last that changed anything."""
    changed = [finished for finished in reversed(run.finished_items) if finished.code_sha is not None]
    failing = {failure.path for failure in run.current_failures if failure.path and not failure.test}
    touched = [finished for finished in changed if failing & set(finished.paths)]
    wrote = [finished for finished in changed if not all(_NOT_CODE.search(path) for path in finished.paths)]
    return [*touched, *wrote, *changed][0]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
