"""Issues, and pull requests, which are issues with a branch to merge."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.localhub.state.accounts import Account, App

IssueState = Literal["open", "closed"]
ReviewState = Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"]
EventKind = Literal[
    "labeled",
    "unlabeled",
    "closed",
    "reopened",
    "renamed",
    "locked",
    "unlocked",
    "assigned",
    "unassigned",
    "merged",
    "ready_for_review",
    "convert_to_draft",
    "head_ref_deleted",
    "review_requested",
]


@dataclass(slots=True)
class Label:
    """A repository's label."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(slots=True)
class Reaction:
    """Somebody's emoji under an issue or a comment."""

    id: int
    user: Account
    content: str
    created_at: datetime


@dataclass(slots=True)
class Comment:
    """A comment on the conversation of an issue or a pull request."""

    id: int
    user: Account
    body: str
    created_at: datetime
    updated_at: datetime
    via_app: App | None
    """The App through which it was written."""
    reactions: list[Reaction] = field(default_factory=list[Reaction])


@dataclass(frozen=True, slots=True)
class IssueEvent:
    """An entry of an issue's history; append-only."""

    id: int
    kind: EventKind
    actor: Account
    created_at: datetime
    via_app: App | None
    label: str | None = None
    label_color: str = "ededed"
    commit_id: str | None = None
    renamed: tuple[str, str] | None = None
    """(from, to)."""
    subject: Account | None = None
    """Who was assigned, or asked for a review."""


@dataclass(slots=True)
class Review:
    """A reviewer's judgement of a pull request."""

    id: int
    user: Account
    body: str
    state: ReviewState
    commit_id: str
    submitted_at: datetime


@dataclass(slots=True)
class ReviewComment:
    """A comment at a line of a pull request's diff."""

    id: int
    review_id: int
    user: Account
    body: str
    path: str
    line: int | None
    side: Literal["LEFT", "RIGHT"]
    commit_id: str
    diff_hunk: str
    in_reply_to: int | None
    created_at: datetime
    updated_at: datetime
    reactions: list[Reaction] = field(default_factory=list[Reaction])


@dataclass(slots=True)
class Pull:
    """What a pull request has beyond an issue."""

    id: int
    head_ref: str
    """Branch name without `refs/heads/`."""
    head_sha: str
    base_ref: str
    base_sha: str
    draft: bool
    merge_sha: str | None = None
    """The commit at `refs/pull/<number>/merge`, or of the merge once merged; None while the branches conflict."""
    merged_at: datetime | None = None
    merged_by: Account | None = None
    reviews: list[Review] = field(default_factory=list[Review])
    review_comments: list[ReviewComment] = field(default_factory=list[ReviewComment])
    resolved_threads: set[int] = field(default_factory=set[int])
    """Ids of the first comment of every resolved thread."""
    requested_reviewers: list[Account] = field(default_factory=list[Account])


@dataclass(slots=True)
class Issue:
    """An issue, or a pull request where `pull` is set."""

    id: int
    number: int
    title: str
    body: str | None
    user: Account
    created_at: datetime
    updated_at: datetime
    via_app: App | None = None
    state: IssueState = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: Account | None = None
    locked: bool = False
    labels: list[str] = field(default_factory=list[str])
    assignees: list[Account] = field(default_factory=list[Account])
    comments: list[Comment] = field(default_factory=list[Comment])
    events: list[IssueEvent] = field(default_factory=list[IssueEvent])
    reactions: list[Reaction] = field(default_factory=list[Reaction])
    pull: Pull | None = None
