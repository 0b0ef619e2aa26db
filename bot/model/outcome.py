"""Outcomes of steps, as a closed union. Adding a case breaks the type check wherever it is matched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.model.check import CheckRun, Verdict
from bot.model.conversation import Agent, Message, ModelAnswer
from bot.model.environment import EnvironmentReady
from bot.model.failure import Failure
from bot.model.ids import CommentId, CommitSha, TreeSha
from bot.model.phase import StopReason
from bot.model.reply import Done, Reply
from bot.model.repository import BaseCommit
from bot.model.run import BaseChecks, Frozen, PullRequest
from bot.model.steering import ReviewRemark
from bot.model.validation import LevelResult, Proof, Reproduction, TamperFinding, Unproven
from bot.model.wish import Wish


@dataclass(frozen=True, slots=True)
class TaskFrozen:
    frozen: Frozen


@dataclass(frozen=True, slots=True)
class StatusPosted:
    comment: CommentId


@dataclass(frozen=True, slots=True)
class EnvironmentPrepared:
    environment: EnvironmentReady | None
    """None where no sandbox qualified: nothing of the repository is executed."""
    base_checks: BaseChecks


@dataclass(frozen=True, slots=True)
class EnvironmentBroken:
    command: str
    output_tail: str


@dataclass(frozen=True, slots=True)
class ModelReplied:
    """An answer, bought once, with what was said to get it and what it means."""

    agent: Agent
    system: str
    said: tuple[Message, ...]
    """What this request added to the dialogue before the answer."""
    answer: ModelAnswer
    reply: Reply
    failure: Failure | None = None
    """What an unreadable reply counts as, should it not be mended."""


@dataclass(frozen=True, slots=True)
class ToolsUsed:
    results: tuple[str, ...]
    overlay: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    checks: int = 0
    """How many of the calls were checks."""
    refusals: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    done: Done | None = None


@dataclass(frozen=True, slots=True)
class ItemValidated:
    levels: tuple[LevelResult, ...]
    tampering: tuple[TamperFinding, ...] = ()
    failures: tuple[Failure, ...] = ()
    """Of the levels and of tampering; any of them keeps the item from being pushed."""
    reproduction: Reproduction | None = None
    """Of an item that shows the issue by a test: whether the test is red on the base commit."""
    green_means: Literal["not_reproduced", "already_done"] = "not_reproduced"
    """How the run ends where such tests keep passing on the base commit: by what the plan set out to do."""


@dataclass(frozen=True, slots=True)
class StepCommitted:
    state_ref: str
    """Where the state commit stands: the run's own ref, or a branch where the server refuses such a ref."""
    state_sha: CommitSha
    code_sha: CommitSha | None
    code_tree: TreeSha | None


@dataclass(frozen=True, slots=True)
class PullRequestOpened:
    pull_request: PullRequest


@dataclass(frozen=True, slots=True)
class ChecksJudged:
    verdict: Verdict
    checks: tuple[CheckRun, ...]
    failures: tuple[Failure, ...]
    pre_existing: tuple[str, ...] = ()
    """Failing tests that fail on the base commit too; the run is not blamed for them."""
    flaky: tuple[str, ...] = ()
    """Tests that failed and passed on this very commit; nobody is blamed for them, and nothing is learned from them."""
    unread: tuple[str, ...] = ()
    """`name: reason` of every report that should have been read and could not be."""
    skipped_as_draft: bool = False
    """Every check was skipped while the pull request was a draft."""


@dataclass(frozen=True, slots=True)
class ChecksRunAgain:
    """The failed jobs are under way once more on the same commit: what passes now is flaky."""

    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeProven:
    """What shows that the change helps, or why nothing does; and what makes its judges weaker."""

    proof: Proof | Unproven | None
    """None where the repository asks for no proof."""
    tampering: tuple[TamperFinding, ...] = ()
    failures: tuple[Failure, ...] = ()
    """Of tampering."""


@dataclass(frozen=True, slots=True)
class PullRequestRevised:
    pull_request: PullRequest


@dataclass(frozen=True, slots=True)
class Obeyed:
    """The wish is part of the run now, or was refused for this reason."""

    wish: Wish
    refused: str = ""


@dataclass(frozen=True, slots=True)
class ReviewsRead:
    remarks: tuple[ReviewRemark, ...]
    """Those of people with write access that the run has not dealt with yet."""


@dataclass(frozen=True, slots=True)
class ReviewAnswered:
    remark: CommentId


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What has to change for the tree to be that of the step again; None deletes a file."""

    step: int
    changes: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class BaseMerged:
    """The work branch holds the base branch as it is now."""

    base: BaseCommit
    code_sha: CommitSha | None = None
    """The merge commit; None where there was nothing to bring in, or it could not be."""
    code_tree: TreeSha | None = None
    code: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    """All of the run's changes as the merge left them, seen from the new base."""
    conflicts: tuple[str, ...] = ()
    """Files that both sides changed, where git could not merge them; nothing was pushed then."""


@dataclass(frozen=True, slots=True)
class Stopped:
    reason: StopReason
    detail: str


@dataclass(frozen=True, slots=True)
class StepFailed:
    """The step cannot succeed; `reason` is how the run ends."""

    reason: StopReason
    message: str


Outcome = (
    TaskFrozen
    | StatusPosted
    | EnvironmentPrepared
    | EnvironmentBroken
    | ModelReplied
    | ToolsUsed
    | ItemValidated
    | StepCommitted
    | PullRequestOpened
    | ChecksJudged
    | ChecksRunAgain
    | ChangeProven
    | PullRequestRevised
    | Obeyed
    | ReviewsRead
    | ReviewAnswered
    | RolledBack
    | BaseMerged
    | Stopped
    | StepFailed
)
