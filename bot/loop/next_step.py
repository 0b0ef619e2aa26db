"""What a run does next, from its state alone: the same run always takes the same step."""

from datetime import datetime
from typing import assert_never

from bot.loop.budget import exhausted
from bot.model.conversation import Agent
from bot.model.journal import (
    AskModel,
    AwaitChecks,
    CommitStep,
    Freeze,
    OpenPullRequest,
    PostStatus,
    PrepareEnvironment,
    ProveChange,
    RevisePullRequest,
    Step,
    Stop,
    UseTools,
    ValidateItem,
    Wish,
)
from bot.model.phase import (
    Dialogue,
    Ended,
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
    Working,
)
from bot.model.run import Run


def next_step(run: Run, now: datetime, wishes: tuple[Wish, ...] = ()) -> Step | None:
    """The next step, or None when the run has ended.

    A wish to cancel and an exhausted budget come before everything else, so that both take effect within one step;
    a stale status comment is brought up to date before the next piece of work.
    """
    match run.phase:
        case Ended():
            return None
        case Stopping(reason=reason, detail=detail):
            return Stop(reason, detail)
        case _:
            pass
    if wishes:
        return Stop("cancelled", wishes[0].reason)
    step = PostStatus() if run.status_due else _work(run)
    return exhausted(run, step, now) or step


def _work(run: Run) -> Step:
    phase = run.phase
    assert not isinstance(phase, Stopping | Ended)
    match phase:
        case Starting():
            return Freeze()
        case Preparing():
            return PrepareEnvironment()
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
        case Opening():
            return OpenPullRequest()
        case Judging(head=head):
            return AwaitChecks(head)
        case Proving(head=head):
            return ProveChange(head)
        case Presenting(ready=ready):
            return RevisePullRequest(ready)
        case _ as unreachable:
            assert_never(unreachable)


def _ask(run: Run, agent: Agent) -> AskModel:
    return AskModel(agent, run.requests_by_agent.get(agent, 0))


def _work_on_item(run: Run, dialogue: Dialogue) -> Step:
    return UseTools(dialogue.calls) if dialogue.calls else _ask(run, "executor")
