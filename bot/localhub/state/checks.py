"""What is said about a commit: check suites and runs of Apps, and the older commit statuses."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.localhub.state.accounts import Account, App
from bot.model.check import CheckState, Conclusion

StatusState = Literal["error", "failure", "pending", "success"]
AnnotationLevel = Literal["notice", "warning", "failure"]


@dataclass(frozen=True, slots=True)
class LineAnnotation:
    """A remark of a check run at lines of a file."""

    path: str
    start_line: int
    end_line: int
    level: AnnotationLevel
    message: str
    title: str | None = None
    raw_details: str | None = None
    start_column: int | None = None
    end_column: int | None = None


@dataclass(slots=True)
class CheckSuite:
    """All check runs of one App on one commit."""

    id: int
    app: App
    head_sha: str
    head_branch: str | None
    before: str | None
    created_at: datetime
    updated_at: datetime
    ended_without_runs: Conclusion | None = None
    """Set where a workflow could not even begin."""


@dataclass(frozen=True, slots=True)
class CheckButton:
    """A button of a check run, shown once that is completed."""

    label: str
    description: str
    identifier: str


@dataclass(slots=True)
class HubCheckRun:
    """One named check of a suite."""

    id: int
    suite: CheckSuite
    name: str
    head_sha: str
    status: CheckState
    conclusion: Conclusion | None
    started_at: datetime | None
    completed_at: datetime | None
    external_id: str
    details_url: str | None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    buttons: tuple[CheckButton, ...] = ()
    annotations: list[LineAnnotation] = field(default_factory=list[LineAnnotation])


@dataclass(frozen=True, slots=True)
class CommitStatus:
    """A status: state and context set by anyone with write access."""

    id: int
    sha: str
    state: StatusState
    context: str
    description: str | None
    target_url: str | None
    creator: Account
    created_at: datetime
