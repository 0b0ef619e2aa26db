"""Workflows' runs, their jobs, logs and artifacts."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.localhub.state.accounts import Account
from bot.localhub.state.checks import CheckSuite, HubCheckRun
from bot.localhub.state.issues import Issue
from bot.model.check import CheckState, Conclusion


@dataclass(slots=True)
class JobStep:
    """A step of a job, as far as it came."""

    name: str
    number: int
    conclusion: Conclusion | None = None


@dataclass(slots=True)
class Job:
    """A job of a run; its state is that of its check run."""

    id: int
    key: str
    """The key under `jobs:` in the workflow file."""
    matrix: dict[str, object]
    check: HubCheckRun
    labels: tuple[str, ...]
    """`runs-on`."""
    steps: list[JobStep] = field(default_factory=list[JobStep])
    log: str = ""

    @property
    def name(self) -> str:
        return self.check.name


@dataclass(frozen=True, slots=True)
class Artifact:
    """A zip that a run left."""

    id: int
    name: str
    archive: bytes
    created_at: datetime


@dataclass(slots=True)
class WorkflowRun:
    """One run of one workflow file for one event."""

    id: int
    workflow_id: int
    workflow_name: str
    path: str
    event: str
    number: int
    suite: CheckSuite
    ref: str
    """Full name, such as `refs/heads/main` or `refs/pull/1/merge`."""
    head_branch: str
    head_sha: str
    checkout_sha: str
    """What the jobs check out: the merge commit for a pull request, else the head."""
    title: str
    actor: Account
    created_at: datetime
    updated_at: datetime
    event_payload: dict[str, object]
    pull: Issue | None = None
    attempt: int = 1
    status: CheckState = "queued"
    conclusion: Conclusion | None = None
    concurrency_group: str | None = None
    cancels_others: bool = False
    """`cancel-in-progress` of the group."""
    jobs: list[Job] = field(default_factory=list[Job])
    artifacts: list[Artifact] = field(default_factory=list[Artifact])
