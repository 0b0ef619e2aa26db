"""What a delivery tells us, as a closed union. An event is a hint: whoever acts on it reads the API first."""

from dataclasses import dataclass

from bot.model.ids import (
    CommentId,
    CommitSha,
    DeliveryId,
    InstallationId,
    IssueNumber,
    PullRequestNumber,
    RepositoryId,
)


@dataclass(frozen=True, slots=True)
class EventSource:
    """Which repository an event speaks of, and who caused it."""

    installation: InstallationId
    repository: RepositoryId
    full_name: str
    sender: str
    sender_is_bot: bool


@dataclass(frozen=True, slots=True)
class IssueTouched:
    """A label came or went, or the issue was edited, closed, reopened, deleted, transferred, locked."""

    source: EventSource
    issue: IssueNumber
    action: str
    text_changed: bool = False
    """Its title or body was edited."""
    digest: str = ""
    """Of a label that was put on: `text_digest` of the issue's text at that moment."""


@dataclass(frozen=True, slots=True)
class ChecksTouched:
    """A check run, check suite, workflow run or status of a commit changed."""

    source: EventSource
    head_sha: CommitSha
    branch: str = ""
    """A branch that the commit stands on, as far as the payload says."""


@dataclass(frozen=True, slots=True)
class BranchTouched:
    """A branch of the repository was pushed to or deleted."""

    source: EventSource
    ref: str
    head_sha: CommitSha


@dataclass(frozen=True, slots=True)
class PullRequestTouched:
    """A pull request was opened, updated, closed or merged."""

    source: EventSource
    head_ref: str
    action: str


@dataclass(frozen=True, slots=True)
class CommentWritten:
    """A comment of an issue or a pull request begins a line with `/rmo`; what it says is read from the API."""

    source: EventSource
    issue: IssueNumber
    """Of a pull request: its number."""
    comment: CommentId
    on_pull_request: bool


@dataclass(frozen=True, slots=True)
class PullRequestReviewed:
    """A review of a pull request was submitted, or a remark was written at one of its lines."""

    source: EventSource
    pull_request: PullRequestNumber
    head_ref: str


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """Somebody pressed a button of a check run that is ours, as far as the payload says."""

    source: EventSource
    head_sha: CommitSha
    run: str
    """The check run's `external_id`: our run, if it is ours."""
    button: str
    """`rerequested`, or the identifier of our action: `stop`, `retry`, `approve`."""


@dataclass(frozen=True, slots=True)
class RepositoryTouched:
    """The repository was renamed, transferred, archived, made public or private, or deleted."""

    source: EventSource
    action: str


@dataclass(frozen=True, slots=True)
class InstallationTouched:
    """The App was installed, suspended, removed, or given other permissions or repositories."""

    installation: InstallationId
    action: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us to do, and why."""

    reason: str


Event = (
    IssueTouched
    | ChecksTouched
    | BranchTouched
    | PullRequestTouched
    | CommentWritten
    | PullRequestReviewed
    | ButtonPressed
    | RepositoryTouched
    | InstallationTouched
    | Ignored
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook as it was received: raw bytes, verified, stored before it was acknowledged."""

    id: DeliveryId
    event: str
    body: bytes
