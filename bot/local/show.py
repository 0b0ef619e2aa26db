"""What a watcher of a run is told: one line for each thing that happened."""

from typing import Protocol

from bot.model.failure import Failure
from bot.model.journal import (
    ChecksJudged,
    Entry,
    EnvironmentBroken,
    EnvironmentPrepared,
    ModelReplied,
    PullRequestOpened,
    PullRequestRevised,
    StatusPosted,
    StepCommitted,
    StepFailed,
    Stopped,
    SyntaxChecked,
    TaskFrozen,
    ToolsUsed,
)
from bot.model.phase import Recording
from bot.model.reply import Malformed
from bot.model.run import Run

MOST = 5
"""Failures of a kind that are named."""
OUTPUT_LINES = 15
"""Shown of what an installation said last."""


class Show(Protocol):
    """Where progress goes: a terminal, a log, nowhere."""

    def line(self, text: str) -> None: ...

    def doing(self, text: str) -> None: ...


def told(before: Run, entry: Entry) -> str | None:
    """What `entry` means to someone who watches, given the run before it; None for what is not worth a line."""
    match entry.outcome:
        case TaskFrozen(frozen=frozen):
            return f"task frozen at {frozen.base.sha[:12]} of {frozen.base.branch}"
        case EnvironmentPrepared(base_checks=checks):
            return f"environment ready; {checks.note}"
        case EnvironmentBroken(command=command, output_tail=tail):
            end = [f"  {line}" for line in tail.splitlines()[-OUTPUT_LINES:]]
            return "\n".join([f"the dependencies could not be installed: {command}", *end])
        case ModelReplied(agent=agent, reply=Malformed(reason=reason)):
            return f"{agent}: an answer that can't be read ({reason})"
        case SyntaxChecked(failures=failures) if failures:
            return f"syntax: {len(failures)} error(s), {failures[0].message}"
        case StepCommitted(state_sha=state, code_sha=code) if isinstance(before.phase, Recording):
            where = f"code {code[:12]}" if code else f"state {state[:12]}"
            return f"step {len(before.steps) + 1} · {before.phase.agent}: {before.phase.subject} ({where})"
        case PullRequestOpened(pull_request=pull):
            return f"draft pull request #{pull.number} opened"
        case ChecksJudged(skipped_as_draft=True):
            return "checks: skipped while the pull request is a draft"
        case ChecksJudged(verdict=verdict, failures=failures, pre_existing=known):
            lines = [_failure(each) for each in failures[:MOST]]
            lines += [f"  {test} fails on the base branch too" for test in known[:MOST]]
            return "\n".join([f"checks: {type(verdict).__name__.lower()}", *lines])
        case PullRequestRevised(pull_request=pull):
            return f"pull request #{pull.number} is {'a draft' if pull.draft else 'ready for review'}"
        case Stopped(reason=reason, detail=detail):
            return f"ended: {reason.replace('_', ' ')} ({detail})"
        # why a step failed is said at the end that follows
        case StatusPosted() | ModelReplied() | ToolsUsed() | SyntaxChecked() | StepCommitted() | StepFailed():
            return None


def _failure(failure: Failure) -> str:
    first = failure.message.splitlines()[0] if failure.message else ""
    return f"  {failure.tool} {failure.rule} {failure.test or failure.path}: {first}"
