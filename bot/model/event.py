"""What a delivery tells us, as a closed union. An event is a hint: whoever acts on it reads the API first."""

from dataclasses import dataclass

from bot.model.ids import CommitSha, DeliveryId, InstallationId, IssueNumber, RepositoryId


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


@dataclass(frozen=True, slots=True)
class ChecksTouched:
    """A check run, check suite, workflow run or status of a commit changed."""

    source: EventSource
    head_sha: CommitSha


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
class Ignored:
    """Nothing for us to do, and why."""

    reason: str


Event = IssueTouched | ChecksTouched | BranchTouched | PullRequestTouched | Ignored


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook as it was received: raw bytes, verified, stored before it was acknowledged."""

    id: DeliveryId
    event: str
    body: bytes
