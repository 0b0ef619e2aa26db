"""What GitHub says about a commit, what its reports say, and the verdict made from both."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.model.ids import CommitSha
from bot.model.validation import Proof

CheckState = Literal["queued", "in_progress", "completed"]
Conclusion = Literal[
    "success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required", "stale", "startup_failure"
]


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A check run or a commit status of one commit."""

    id: int
    name: str
    head_sha: CommitSha
    app: int | None
    """Id of the App that made it; None for a commit status."""
    state: CheckState
    conclusion: Conclusion | None
    started_at: datetime | None
    completed_at: datetime | None
    summary: str
    url: str
    suite: int | None = None
    """Check suite that it belongs to: a job of the same name in another suite is another check."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A remark of a check run at a place in a file."""

    path: str
    line: int
    level: str
    message: str


@dataclass(frozen=True, slots=True)
class Pending:
    waiting_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passed:
    """Every deciding check is green; `proof` shows that this says something, and is None until it is found."""

    checks: tuple[str, ...]
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cancelled:
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimedOut:
    waiting_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unverified:
    reason: str


Verdict = Pending | Passed | Failed | Cancelled | TimedOut | Unverified
