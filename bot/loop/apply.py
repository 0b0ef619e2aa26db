"""What an outcome changes: `apply(run, entry)` is the next run, and a run is the fold of its journal.

Each kind of outcome is handled where its idea lives: plans in `planning`, the Executor's work in `working`, verdicts
in `judging`. Nothing here does I/O or reads a clock; every time comes from the journal entry.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from typing import assert_never

from bot.loop.judging import judged, proven
from bot.loop.planning import decided, proposed, unreadable
from bot.loop.progress import stopping, with_code, work_on_next
from bot.loop.steering import (
    base_merged,
    obeyed,
    remark_to_answer,
    review_answered,
    reviews_read,
    rolled_back,
)
from bot.loop.validating import item_validated
from bot.loop.working import tools_called, tools_used
from bot.model.conversation import Agent, Answered
from bot.model.ids import MicroDollars
from bot.model.journal import Entry
from bot.model.outcome import (
    BaseMerged,
    ChangeProven,
    ChecksJudged,
    ChecksRunAgain,
    EnvironmentBroken,
    EnvironmentPrepared,
    ItemValidated,
    ModelReplied,
    Obeyed,
    PullRequestOpened,
    PullRequestRevised,
    ReviewAnswered,
    ReviewsRead,
    RolledBack,
    StatusPosted,
    StepCommitted,
    StepFailed,
    Stopped,
    TaskFrozen,
    ToolsUsed,
)
from bot.model.phase import (
    Answering,
    Dialogue,
    Ended,
    Judging,
    Opening,
    Planning,
    Preparing,
    Presenting,
    Recording,
    Reviewing,
    Working,
)
from bot.model.reply import Decided, Malformed, PlanProposed, ToolsCalled
from bot.model.run import Run, RunRequest, StepCommit


def fold(request: RunRequest, entries: Iterable[Entry]) -> Run:
    """The run that a journal describes."""
    return reduce(apply, entries, Run(request))


def apply(run: Run, entry: Entry) -> Run:
    """The run after `entry`; raises ValueError when the entry is not the one that follows."""
    if entry.seq != run.last_seq + 1:
        raise ValueError(f"entry {entry.seq!r} cannot follow entry {run.last_seq!r} of run {run.id!r}")
    spent = replace(run.spent, waiting_github=run.spent.waiting_github + entry.github_seconds)
    run = replace(
        run,
        last_seq=entry.seq,
        last_at=entry.ended_at,
        step_started_at=run.step_started_at or entry.started_at,
        worked=run.worked + max(entry.ended_at - entry.started_at, timedelta()),
        spent=spent,
    )
    return _outcome(run, entry)


def _outcome(run: Run, entry: Entry) -> Run:
    match entry.outcome:
        case TaskFrozen(frozen=frozen):
            return replace(
                run,
                frozen=frozen,
                code_head=None,
                phase=Preparing(),
                status_due=True,
            )
        case StatusPosted(comment=comment):
            return replace(run, comment=comment, status_due=False)
        case EnvironmentPrepared(environment=environment, base_checks=base_checks):
            then = run.phase.then if isinstance(run.phase, Preparing) else None
            run = replace(run, environment=environment, base_checks=base_checks, status_due=True)
            return replace(run, phase=Planning()) if then is None else _enter(run, then, entry.ended_at)
        case EnvironmentBroken(command=command, output_tail=tail):
            last = tail.strip().splitlines()[-1:] or ["no output"]
            return stopping(run, "setup_failed", f"`{command}` failed: {last[0]}")
        case ModelReplied() as replied:
            return _replied(run, replied)
        case ToolsUsed() as used:
            return tools_used(run, used)
        case ItemValidated() as validated:
            return item_validated(run, validated)
        case StepCommitted() as committed:
            return _committed(run, committed, entry.ended_at)
        case PullRequestOpened(pull_request=pull_request):
            assert isinstance(run.phase, Opening)
            opened = replace(run, pull_request=pull_request, status_due=True)
            return _enter(opened, run.phase.then, entry.ended_at)
        case ChecksJudged() | ChecksRunAgain() | ChangeProven() as outcome:
            return _checked(run, entry, outcome)
        case PullRequestRevised(pull_request=pull_request):
            assert isinstance(run.phase, Presenting)
            return _enter(replace(run, pull_request=pull_request), run.phase.then, entry.ended_at)
        case Obeyed() | ReviewsRead() | ReviewAnswered() | RolledBack() | BaseMerged() as steered:
            return _steered(run, steered, entry.ended_at)
        case Stopped(reason=reason, detail=detail):
            return replace(run, phase=Ended(reason, detail, entry.ended_at), status_due=False)
        case StepFailed(reason=reason, message=message):
            return stopping(run, reason, message)
        case _ as unreachable:
            assert_never(unreachable)


def _steered(run: Run, outcome: Obeyed | ReviewsRead | ReviewAnswered | RolledBack | BaseMerged, now: datetime) -> Run:
    match outcome:
        case Obeyed():
            return obeyed(run, outcome, now)
        case ReviewsRead():
            return reviews_read(run, outcome, now)
        case ReviewAnswered():
            return review_answered(run, outcome, now)
        case RolledBack():
            return rolled_back(run, outcome, now)
        case BaseMerged():
            return base_merged(run, outcome, now)
        case _ as unreachable:
            assert_never(unreachable)


def _checked(run: Run, entry: Entry, outcome: ChecksJudged | ChecksRunAgain | ChangeProven) -> Run:
    match outcome:
        case ChecksJudged():
            return judged(_waited_for_checks(run, entry), outcome)
        case ChecksRunAgain(tests=tests):
            assert isinstance(run.phase, Judging)
            again = _waited_for_checks(run, entry)
            return replace(again, phase=Judging(run.phase.head, entry.ended_at, tests))
        case ChangeProven():
            return proven(run, outcome)
        case _ as unreachable:
            assert_never(unreachable)


def _enter(run: Run, phase: object, now: datetime) -> Run:
    """Where the run stands next; None leaves it to the plan, and a wait for CI begins now."""
    match phase:
        case None:
            return work_on_next(run, now)
        case Judging(head=head):
            return replace(run, phase=Judging(run.code_head or head, now))
        case Preparing(then=Judging(head=head)):
            return replace(run, phase=Preparing(Judging(head, now)))
        case _:
            return replace(run, phase=phase)


def _waited_for_checks(run: Run, entry: Entry) -> Run:
    assert isinstance(run.phase, Judging)
    waited = (entry.ended_at - run.phase.since).total_seconds()
    return replace(run, spent=replace(run.spent, waiting_ci=run.spent.waiting_ci + waited))


def _replied(run: Run, replied: ModelReplied) -> Run:
    """The answer is paid for before it is read; an unreadable one costs the same."""
    answer = replied.answer
    spent = replace(
        run.spent,
        requests=run.spent.requests + 1,
        input_tokens=run.spent.input_tokens + answer.input_tokens,
        output_tokens=run.spent.output_tokens + answer.output_tokens,
        cost=MicroDollars(run.spent.cost + answer.cost),
        waiting_model=run.spent.waiting_model + answer.seconds,
    )
    counts: dict[Agent, int] = {**run.requests_by_agent, replied.agent: run.requests_by_agent.get(replied.agent, 0) + 1}
    run = replace(run, spent=spent, step_cost=MicroDollars(run.step_cost + answer.cost), requests_by_agent=counts)
    run = _listen(run, replied)
    match replied.reply:
        case Malformed(reason=reason):
            return unreadable(run, reason, replied.failure)
        case PlanProposed() as proposal:
            return proposed(run, proposal)
        case Decided() as decision:
            return decided(run, decision)
        case ToolsCalled(calls=calls):
            return tools_called(run, calls)
        case _ as unreachable:
            assert_never(unreachable)


def _listen(run: Run, replied: ModelReplied) -> Run:
    """The dialogue with what was said and answered added to it."""
    phase = run.phase
    assert isinstance(phase, Planning | Reviewing | Working)
    dialogue = phase.dialogue
    answered = Answered(replied.answer.calls, replied.answer.text)
    longer = Dialogue(
        system=replied.system or dialogue.system,
        messages=(*dialogue.messages, *replied.said, answered),
        requests=dialogue.requests + 1,
        repairs=dialogue.repairs,
    )
    return replace(run, phase=replace(phase, dialogue=longer))


def _committed(run: Run, committed: StepCommitted, now: datetime) -> Run:
    phase = run.phase
    assert isinstance(phase, Recording)
    started = run.step_started_at or now
    step = StepCommit(
        seq=len(run.steps) + 1,
        agent=phase.agent,
        action_item=phase.action_item,
        subject=phase.subject,
        state_sha=committed.state_sha,
        code_sha=committed.code_sha,
        seconds=(now - started).total_seconds(),
        cost=run.step_cost,
    )
    finished = phase.finished
    if finished is not None:
        run = replace(run, finished_items=(*run.finished_items, replace(finished, code_sha=committed.code_sha)))
    run = replace(
        run,
        steps=(*run.steps, step),
        step_started_at=now,
        step_cost=MicroDollars(0),
        state_head=committed.state_sha,
        state_ref=committed.state_ref,
        spent=replace(run.spent, steps=run.spent.steps + 1),
        status_due=True,
    )
    if committed.code_sha is not None:
        run = with_code(run, phase.changes, committed.code_sha, committed.code_tree)
    run = replace(run, codes={**run.codes, step.seq: run.code})
    if committed.code_sha is not None and run.pull_request is None:
        return replace(run, phase=Opening(phase.then))
    remark = remark_to_answer(run, finished.item.key if finished is not None else None)
    if remark is not None:
        return replace(run, phase=Answering(remark, phase.then))
    return _enter(run, phase.then, now)
