"""What a run does next, from its state alone: the same run always takes the same step."""

from typing import assert_never

from bot.loop.budget import exhausted
from bot.loop.steering import obeyed_next, unanswered
from bot.model.conversation import Agent
from bot.model.phase import (
    Answering,
    Approving,
    Consulting,
    Dialogue,
    Ended,
    GoingBack,
    Inspecting,
    Judging,
    Opening,
    Planning,
    Preparing,
    Presenting,
    Proving,
    Recording,
    Reviewing,
    Starting,
    Stopping,
    StopReason,
    Updating,
    Working,
)
from bot.model.run import Run
from bot.model.step import (
    AnswerReview,
    AskModel,
    AwaitChecks,
    CommitStep,
    Freeze,
    MergeBase,
    Obey,
    OpenPullRequest,
    PostStatus,
    PrepareEnvironment,
    ProveChange,
    ReadReviews,
    RevisePullRequest,
    RollBack,
    Step,
    Stop,
    UseTools,
    ValidateItem,
)
from bot.model.wish import ENDING, Wish

SILENT: frozenset[StopReason] = frozenset({"cancelled", "edited", "not_permitted", "branch_moved", "repository_moved"})
"""Ends after which nothing is written but the one final note."""


_Work = Planning | Reviewing | Working | Inspecting | Recording | Judging | Proving
_Between = Starting | Preparing | Opening | Presenting | Consulting | Answering | GoingBack | Updating


def next_step(run: Run, wishes: tuple[Wish, ...] = ()) -> Step | None:
    """The next step; None when the run has ended, or waits for a person to approve its plan.

    A wish to end and an exhausted budget come before everything else, so that both take effect within one step; then
    other wishes, then a stale status comment, then the next piece of work. A run that has ended is taken up again by a
    wish alone.
    """
    wish = obeyed_next(run, wishes)
    phase = run.phase
    match phase:
        case Ended():
            return Obey(wish) if wish is not None else None
        case Stopping(reason=reason, detail=detail):
            remark = unanswered(run)
            return Stop(reason, detail) if remark is None or reason in SILENT else AnswerReview(remark)
        case _:
            pass
    end = next((each for each in wishes if each.kind in ENDING), None)
    if end is not None:
        return Stop("edited" if end.kind == "edited" else "cancelled", end.reason)
    if wish is not None:
        return Obey(wish)
    if isinstance(phase, Approving):
        # However long people take to think it over: nothing is done meanwhile, and nothing runs out.
        return PostStatus() if run.status_due else None
    step = PostStatus() if run.status_due else _work(run, phase)
    return exhausted(run, step) or step


def _work(run: Run, phase: _Work | _Between) -> Step:
    match phase:
        case Planning():
            return _ask(run, "thinker")
        case Reviewing():
            return _ask(run, "processor")
        case Working(dialogue=dialogue):
            return _work_on_item(run, dialogue)
        case Inspecting():
            return ValidateItem()
        case Recording():
            return CommitStep(len(run.steps) + 1)
        case Judging(head=head):
            return AwaitChecks(head)
        case Proving(head=head):
            return ProveChange(head)
        case _:
            return _between(phase)


def _between(phase: _Between) -> Step:
    """What is done before, beside and after the work itself."""
    match phase:
        case Starting():
            return Freeze()
        case Preparing():
            return PrepareEnvironment()
        case Opening():
            return OpenPullRequest()
        case Presenting(ready=ready):
            return RevisePullRequest(ready)
        case Consulting():
            return ReadReviews()
        case Answering(remark=remark):
            return AnswerReview(remark)
        case GoingBack(step=step):
            return RollBack(step)
        case Updating():
            return MergeBase()
        case _ as unreachable:
            assert_never(unreachable)


def _ask(run: Run, agent: Agent) -> AskModel:
    return AskModel(agent, run.requests_by_agent.get(agent, 0))


def _work_on_item(run: Run, dialogue: Dialogue) -> Step:
    return UseTools(dialogue.calls) if dialogue.calls else _ask(run, "executor")
