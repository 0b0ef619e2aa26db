"""What GitHub says about issues, pull requests, commits, workflow runs and deliveries, as it was when we read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.model.check import CheckState, Conclusion
from bot.model.ids import (
    CommentId,
    CommitSha,
    DeliveryId,
    InstallationId,
    IssueNumber,
    LabelEventId,
    PullRequestNumber,
    TreeSha,
)

Permission = Literal["admin", "write", "read", "none"]
"""What a user may do in a repository; GitHub folds `maintain` into write and `triage` into read."""

Reaction = Literal["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"]


@dataclass(frozen=True, slots=True)
class AppIdentity:
    """The App that we are."""

    id: int
    slug: str

    @property
    def login(self) -> str:
        """The account that the App's comments and commits are made by."""
        return f"{self.slug}[bot]"


@dataclass(frozen=True, slots=True)
class Installation:
    """The App installed on an account."""

    id: InstallationId
    account: str
    suspended: bool
    permissions: Mapping[str, str]
    """What the account granted: permission -> read or write."""


@dataclass(frozen=True, slots=True)
class IssueSnapshot:
    """An issue or a pull request seen as one; the text is raw and hostile."""

    number: IssueNumber
    title: str
    body: str
    state: Literal["open", "closed"]
    labels: tuple[str, ...]
    locked: bool
    is_pull_request: bool
    user: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """A label came or went."""

    id: LabelEventId
    action: Literal["labeled", "unlabeled"]
    label: str
    actor: str
    """Login, empty when the account is gone."""
    actor_is_bot: bool
    created_at: datetime
    app: int | None = None
    """The App that acted for the actor, where GitHub says so."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of an issue or a pull request."""

    id: CommentId
    body: str
    author: str
    author_app_id: int | None
    """The App it was written through, None where a person wrote it or GitHub does not say."""
    url: str
    author_is_bot: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A review of a pull request, as a whole."""

    id: CommentId
    state: Literal["approved", "changes_requested", "commented", "dismissed", "pending"]
    body: str
    author: str
    author_is_bot: bool
    head: CommitSha | None
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """A remark at a line of a pull request, or a reply to one."""

    id: CommentId
    review: CommentId | None
    reply_to: CommentId | None
    """The comment that begins its thread; None for the one that does."""
    path: str
    line: int | None
    hunk: str
    body: str
    author: str
    author_app_id: int | None
    author_is_bot: bool
    head: CommitSha | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What came of merging one branch into another."""

    sha: CommitSha | None
    """The merge commit; None where there was nothing to merge, or it conflicts."""
    conflicts: bool = False


@dataclass(frozen=True, slots=True)
class PullRequestState:
    """A pull request as it stands."""

    number: PullRequestNumber
    node_id: str
    url: str
    title: str
    body: str
    state: Literal["open", "closed"]
    draft: bool
    merged: bool
    head_ref: str
    head_sha: CommitSha
    head_repository: str | None
    """Full name; another than the base's for a fork, None when that is gone."""
    base_ref: str
    merge_commit: CommitSha | None
    """Once merged: the commit that brought it in."""
    author: str = ""
    mergeable_state: str = ""
    """GitHub's word: `clean`, `behind`, `dirty`, `blocked`, `unstable`, `draft`, `unknown`; only of one read alone."""
    closed_at: datetime | None = None
    merged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PullRequestFile:
    """A file that a pull request changes."""

    path: str
    status: str
    previous_path: str | None
    additions: int
    deletions: int


@dataclass(frozen=True, slots=True)
class CommitSummary:
    """A commit without its content."""

    sha: CommitSha
    tree: TreeSha
    parents: tuple[CommitSha, ...]
    message: str
    author_login: str | None
    """The account that GitHub knows the author as; None where it knows none or was not asked."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What lies between two commits."""

    status: Literal["identical", "ahead", "behind", "diverged"]
    """Where the head stands, seen from the base."""
    merge_base: CommitSha
    commits: tuple[CommitSummary, ...]
    """Reachable from the head and not from the base, newest first."""
    paths: tuple[str, ...]
    """Files that differ, at most 300."""


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """A check that the branch's rules demand."""

    name: str
    app: int | None
    """The App that must have made it, None where any may."""


@dataclass(frozen=True, slots=True)
class CheckSuite:
    """What one App means to say about a commit, before and while it says it."""

    id: int
    app: int
    state: CheckState
    conclusion: Conclusion | None
    check_runs: int


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """One run of a GitHub Actions workflow."""

    id: int
    name: str
    event: str
    head_sha: CommitSha
    state: CheckState
    conclusion: Conclusion | None
    attempt: int
    check_suite: int | None
    path: str
    """The workflow's file."""
    url: str


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a workflow run, of its latest attempt."""

    id: int
    run: int
    name: str
    state: CheckState
    conclusion: Conclusion | None
    failed_steps: tuple[str, ...]
    started_at: datetime | None
    completed_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class LogEnd:
    """The last part of a job's log: hostile text."""

    text: str
    dropped_bytes: int
    """How much stood before it."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that a workflow run uploaded; written by code that nobody vouches for."""

    id: int
    name: str
    size: int
    """Bytes, as GitHub says."""
    expired: bool


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """An attempt of GitHub's to deliver a webhook to us."""

    id: int
    """Names the attempt; what a redelivery is asked for with."""
    delivery: DeliveryId
    event: str
    action: str
    delivered_at: datetime
    status_code: int
    installation: InstallationId | None


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The primary limit of the token that asked."""

    limit: int
    remaining: int
    resets_at: datetime
