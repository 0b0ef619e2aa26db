"""What a watcher of a run is told: one line for each thing that happened."""

from typing import Protocol

from bot.comments import in_words
from bot.model.failure import Failure
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
from bot.model.phase import Recording
from bot.model.reply import Malformed
from bot.model.run import Run
from bot.model.validation import LevelResult, NotReproduced, Reproduced, Reproduction, Unproven

MOST = 5
"""Failures of a kind that are named."""
OUTPUT_LINES = 15
"""Shown of what an installation said last."""


class Show(Protocol):
    """Where progress goes: a terminal, a log, nowhere."""

    def line(self, text: str) -> None: ...

    def doing(self, text: str) -> None: ...


def told(before: Run, entry: Entry) -> str | None:
    """What `entry` means to someone who watches, given the run before it; None for what is not worth a line.

    Nothing in it controls a terminal, whoever wrote it.
    """
    said = _told(before, entry)
    return None if said is None else "".join(each for each in said if each == "\n" or each.isprintable())


def _told(before: Run, entry: Entry) -> str | None:
    match entry.outcome:
        case TaskFrozen(frozen=frozen):
            return f"task frozen at {frozen.base.sha[:12]} of {frozen.base.branch}"
        case EnvironmentPrepared(base_checks=checks):
            return f"environment ready; {checks.note}"
        case EnvironmentBroken(command=command, output_tail=tail):
            end = [f"  {line}" for line in tail.splitlines()[-OUTPUT_LINES:]]
            return "\n".join([f"the dependencies could not be installed: {command}", *end])
        case ModelReplied(agent=agent, reply=Malformed(reason=reason)):
            return f"{agent}: an answer that can't be read ({_line(reason)})"
        case ItemValidated(levels=levels, failures=failures, reproduction=reproduction):
            return _validated(levels, failures, reproduction)
        case ChangeProven(proof=proof, tampering=tampering):
            said = in_words(proof) if proof is not None else "not asked for"
            return "\n".join([f"proof: {said}", *(f"  {each.rule}: {each.detail}" for each in tampering)])
        case StepCommitted(state_sha=state, code_sha=code) if isinstance(before.phase, Recording):
            where = f"code {code[:12]}" if code else f"state {state[:12]}"
            return f"step {len(before.steps) + 1} · {before.phase.agent}: {_line(before.phase.subject)} ({where})"
        case PullRequestOpened(pull_request=pull):
            return f"draft pull request #{pull.number} opened"
        case ChecksJudged() | ChecksRunAgain() as checked:
            return _checked(checked)
        case PullRequestRevised(pull_request=pull):
            return f"pull request #{pull.number} is {'a draft' if pull.draft else 'ready for review'}"
        case Stopped(reason=reason, detail=detail):
            return f"ended: {reason.replace('_', ' ')} ({detail})"
        case Obeyed() | ReviewsRead() | ReviewAnswered() | RolledBack() | BaseMerged() as steered:
            return _steered(steered)
        # why a step failed is said at the end that follows
        case StatusPosted() | ModelReplied() | ToolsUsed() | StepCommitted() | StepFailed():
            return None


def _checked(outcome: ChecksJudged | ChecksRunAgain) -> str:
    match outcome:
        case ChecksJudged(skipped_as_draft=True):
            return "checks: skipped while the pull request is a draft"
        case ChecksJudged(verdict=verdict, failures=failures, pre_existing=known, flaky=flaky):
            lines = [_failure(each) for each in failures[:MOST]]
            lines += [f"  {test} fails on the base branch too" for test in known[:MOST]]
            lines += [f"  {test} is flaky: it failed and passed on this commit" for test in flaky[:MOST]]
            return "\n".join([f"checks: {type(verdict).__name__.lower()}", *lines])
        case ChecksRunAgain(tests=tests):
            return f"checks: {len(tests)} failed test(s) run once more on the same commit"


def _steered(outcome: Obeyed | ReviewsRead | ReviewAnswered | RolledBack | BaseMerged) -> str | None:
    match outcome:
        case BaseMerged(base=base, code_sha=merge) if merge is not None:
            return f"merged {base.branch} at {base.sha[:12]}"
        case ReviewsRead(remarks=remarks):
            return f"{len(remarks)} remark(s) of reviewers"
        case Obeyed(wish=wish, refused=refused):
            return f"refused: {refused}" if refused else f"obeyed: {wish.reason}"
        case RolledBack(step=step):
            return f"going back to step {step}"
        case BaseMerged() | ReviewAnswered():
            return None


def _line(text: str) -> str:
    return " ".join(text.split())


def _validated(
    levels: tuple[LevelResult, ...], failures: tuple[Failure, ...], reproduction: Reproduction | None
) -> str | None:
    """One line where nothing was found, else what was; nothing for a tree without levels."""
    said = [f"{level.level} {level.name} {level.status}{' (known)' if level.cached else ''}" for level in levels]
    match reproduction:
        case Reproduced(tests=tests):
            said.append(f"{len(tests)} new test(s) fail on the base commit, as they should")
        case NotReproduced(tests=tests):
            said.append(f"{len(tests)} new test(s) pass on the base commit and show nothing")
        case Unproven(reason=reason):
            said.append(f"not shown on the base commit: {reason}")
        case None:
            pass
    lines = [_failure(each) for each in failures[:MOST]]
    return "\n".join([f"before the push: {', '.join(said)}", *lines]) if said else None


def _failure(failure: Failure) -> str:
    first = failure.message.splitlines()[0] if failure.message else ""
    names = " ".join(part for part in (failure.tool, failure.rule, failure.test or failure.path) if part)
    return f"  {names}: {first}"
