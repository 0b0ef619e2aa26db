"""Whether the run may still write: asked of GitHub again before every write, because consent can be taken back.

Conditional requests make it nearly free: an answer that has not changed costs none of the quota.
"""

from typing import Final

from bot.github import issues, repositories
from bot.github.client import Client
from bot.github.errors import Moved, NotFound
from bot.intake.payload import TRIGGER_LABEL
from bot.intake.permission import Labeller, Refused, may_start
from bot.model.outcome import StepFailed
from bot.model.phase import Planning, Recording, Reviewing, Working
from bot.model.run import Run
from bot.model.step import (
    AnswerReview,
    AskModel,
    CommitStep,
    MergeBase,
    OpenPullRequest,
    RevisePullRequest,
    Step,
)
from bot.model.task import Label, text_digest

_WRITES: Final = (CommitStep, OpenPullRequest, RevisePullRequest, MergeBase, AnswerReview)


async def lost_authority(step: Step, run: Run, client: Client) -> StepFailed | None:
    """Why `step` must not be taken any more; None where nothing stands against it.

    Looked at before each write, and before an agent is asked for the first time, as nothing is bought for a task that
    nobody wants any more.
    """
    if run.frozen is None or not (isinstance(step, _WRITES) or _begins_dialogue(step, run)):
        return None
    try:
        issue = await issues.read_issue(client, run.request.issue)
    except (NotFound, Moved) as error:
        # It may be the repository that is not there any more: this raises, then.
        await repositories.read_repository(client)
        gone = "is gone" if isinstance(error, NotFound) else "was transferred to another repository"
        return StepFailed("cancelled", f"the issue {gone}")
    if issue.state == "closed" and run.pull_request is None:
        return StepFailed("cancelled", "the issue was closed")
    if issue.locked:
        return StepFailed("cancelled", "the issue was locked")
    if TRIGGER_LABEL not in issue.labels:
        return StepFailed("cancelled", f"the label `{TRIGGER_LABEL}` was removed")
    if text_digest(issue.title, issue.body) != run.frozen.task.digest:
        return StepFailed("edited", "the text of the issue was edited after it was labelled")
    refused = await may_still_start(client, run.request.label, run.frozen.config.label_apps)
    return refused or await _reviewer_may_not(run, client)


async def may_still_start(client: Client, label: Label, allowed_apps: tuple[int, ...]) -> StepFailed | None:
    """Whether the one who asked for the run is someone who may."""
    is_bot = label.actor.endswith("[bot]")
    permission = "none" if is_bot else await repositories.permission_of(client, label.actor)
    allowed = may_start(TRIGGER_LABEL, Labeller(label.actor, is_bot, label.app, permission), frozenset(allowed_apps))
    return StepFailed("not_permitted", allowed.reason) if isinstance(allowed, Refused) else None


async def _reviewer_may_not(run: Run, client: Client) -> StepFailed | None:
    """The item at hand does what a reviewer asked for: that person has to have a say when it is committed, too."""
    if not isinstance(run.phase, Recording) or run.phase.finished is None:
        return None
    asked = run.remark_items.get(run.phase.finished.item.key)
    author = next((remark.author for remark in run.remarks if remark.id == asked), None)
    if author is None or await repositories.permission_of(client, author) in ("admin", "write"):
        return None
    return StepFailed("not_permitted", f"{author!r}, who asked for this in a review, can't write here any more")


def _begins_dialogue(step: Step, run: Run) -> bool:
    match run.phase:
        case Planning(dialogue=dialogue) | Reviewing(dialogue=dialogue) | Working(dialogue=dialogue):
            return isinstance(step, AskModel) and not dialogue.messages
        case _:
            return False
