"""What people are answered who command: who asked, what comes of it, and what they can do next.

Nobody is mentioned by it. Where a reaction and the status comment say as much, a job may leave the answer out.
"""

import re
from dataclasses import dataclass
from typing import Final, assert_never

from bot.comments.explaining import explain_text
from bot.comments.planning import plan_text
from bot.comments.quoting import line
from bot.comments.status import dollars, standing
from bot.model.estimate import Estimate
from bot.model.ids import CommentId
from bot.model.run import Run
from bot.model.steering import (
    Approve,
    ChangeBudget,
    Explain,
    Help,
    Misunderstood,
    Retry,
    Rollback,
    ShowPlan,
    ShowStatus,
    Steer,
    StopRun,
)

COMMANDS: Final = (
    ("help", "lists these commands"),
    ("plan", "shows the plan, and what it will probably cost and take"),
    ("approve", "has the plan carried out that waits for approval"),
    ("stop", "ends the run; what was pushed stays"),
    ("retry", "begins a new run with the issue's text as it is now"),
    ("rollback STEP", "adds a commit that makes the branch what it was after that step"),
    ("status", "says where the run stands"),
    ("explain", "says what failed, why, and what was done about it"),
    ("budget AMOUNT", "lets the run cost up to so many US dollars in all"),
)


@dataclass(frozen=True, slots=True)
class Granted:
    """It was done, or the run takes it in with its next step."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It cannot be done now."""

    reason: str
    """In words, without an end."""


@dataclass(frozen=True, slots=True)
class NotPermitted:
    """The one who asks may not push to the repository."""


@dataclass(frozen=True, slots=True)
class NoRun:
    """The issue or pull request has no run."""


CommandResult = Granted | Refused | NotPermitted | NoRun
_Wish = ShowPlan | Approve | StopRun | Retry | Rollback | ShowStatus | Explain | ChangeBudget


def answer_marker(comment: CommentId) -> str:
    """Hidden in the answer to a comment, so that it is given once."""
    return f"<!-- rmo:answer {comment} -->"


def refusal_marker(login: str) -> str:
    """Hidden in the one refusal that a person without write access gets in a thread."""
    kept = re.sub(r"[^A-Za-z0-9]", lambda found: f"_{ord(found[0]):x}_", login)
    return f"<!-- rmo:refused {kept} -->"


def help_text() -> str:
    """The commands; each stands at the beginning of a line of its own."""
    rows = [f"| `/rmo {command}` | {what} |" for command, what in COMMANDS]
    return (
        "\n".join(["| Command | What it does |", "|---|---|", *rows])
        + "\n\nThey are for people with write access, each at the beginning of a line of its own.\n"
    )


def is_said_by_reaction(steer: Steer) -> bool:
    """Whether a reaction and the status comment say enough, once the wish is granted."""
    return isinstance(steer, Approve | StopRun | Retry | Rollback | ChangeBudget)


def command_answer(
    steer: Steer, by: str, result: CommandResult, run: Run | None = None, estimate: Estimate | None = None
) -> str:
    """The answer to one command of the person `by`; `run` is the latest of the issue, `estimate` that of its plan."""
    if isinstance(result, NotPermitted):
        return (
            f"Commands are for people with write access to this repository, and {_name(by)} has none.\n\n"
            "**Next step:** ask one of them.\n"
        )
    if isinstance(steer, Help):
        return help_text()
    if isinstance(steer, Misunderstood):
        return (
            f"> {line(steer.said)}\n\nI did not do this: {steer.reason}.\n\n"
            "**Next step:** `/rmo help` lists the commands.\n"
        )
    match result:
        case NoRun():
            return "There is no run here.\n\n**Next step:** put the label `rmo` on the issue to begin one.\n"
        case Refused(reason=reason):
            return f"I did not do what {_name(by)} asked for: {line(reason, 500)}.\n\n{_instead(steer)}\n"
        case Granted():
            assert run is not None
            return _granted(steer, _name(by), run, estimate)
        case _ as unreachable:
            assert_never(unreachable)


def _granted(steer: _Wish, by: str, run: Run, estimate: Estimate | None) -> str:
    match steer:
        case ShowPlan():
            return plan_text(run, estimate)
        case Explain():
            return explain_text(run)
        case ShowStatus():
            place = f"#issuecomment-{run.comment}" if run.comment is not None else ""
            return f"{standing(run)}\n\nAll of it: [status](../issues/{run.request.issue}{place}).\n"
        case Approve():
            return f"The plan is approved by {by}, and is being carried out. `/rmo stop` ends it.\n"
        case StopRun():
            return f"Stopping, as {by} asked; what was pushed stays on its branch. `/rmo retry` begins anew.\n"
        case Retry():
            return f"Beginning a new run, as {by} asked. It has a status comment of its own.\n"
        case Rollback(step=step):
            return (
                f"Going back to step {step}, as {by} asked: one more commit, which the checks judge. "
                "`/rmo rollback STEP` leads to a later step again.\n"
            )
        case ChangeBudget(amount=amount):
            return f"The run may cost up to {dollars(amount)} US dollars in all, as {by} asked.\n"
        case _ as unreachable:
            assert_never(unreachable)


def _instead(steer: _Wish) -> str:
    match steer:
        case Retry():
            return "**Next step:** wait until the run at work has ended, or end it with `/rmo stop`; then ask again."
        case Rollback():
            return "**Next step:** the steps are listed in the check `fractal-rmo` of the pull request."
        case _:
            return "**Next step:** `/rmo status` says where the run stands."


def _name(login: str) -> str:
    return line(login, 100) or "somebody"
