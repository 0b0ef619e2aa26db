"""A repository: its git store, who may do what, and everything that hangs on it."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from bot.localhub.git_store import GitStore
from bot.localhub.state.accounts import Account, Role
from bot.localhub.state.checks import CheckSuite, CommitStatus, HubCheckRun
from bot.localhub.state.issues import Issue, Label
from bot.localhub.state.workflows import WorkflowRun


@dataclass(slots=True)
class HubRepository:
    """A repository and its belongings; all of it lives as long as the process, but for the git objects."""

    id: int
    owner: Account
    name: str
    git: GitStore
    default_branch: str
    created_at: datetime
    updated_at: datetime
    pushed_at: datetime
    description: str | None = None
    default_workflow: str | None = None
    """Text of a workflow that runs where a commit has none of its own."""
    archived: bool = False
    private: bool = True
    roles: dict[str, Role] = field(default_factory=dict[str, Role])
    """Login -> role; an owner who is a user is an admin without standing here."""
    labels: dict[str, Label] = field(default_factory=dict[str, Label])
    """Lower-case name -> label: GitHub compares label names without case."""
    issues: dict[int, Issue] = field(default_factory=dict[int, Issue])
    """Number -> issue or pull request."""
    transferred: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    """Number of an issue that moved away -> (repository id, number) of where it is now."""
    required_checks: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Protected branch -> contexts that must be green before a merge."""
    strict_branches: set[str] = field(default_factory=set[str])
    """Protected branches into which only what is up to date with them is merged."""
    suites: list[CheckSuite] = field(default_factory=list[CheckSuite])
    checks: dict[int, HubCheckRun] = field(default_factory=dict[int, HubCheckRun])
    statuses: list[CommitStatus] = field(default_factory=list[CommitStatus])
    workflow_ids: dict[str, int] = field(default_factory=dict[str, int])
    """Path of the workflow file -> id."""
    runs: dict[int, WorkflowRun] = field(default_factory=dict[int, WorkflowRun])
    refs_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held from reading a ref to writing it, so that two writers are serialised as on GitHub."""

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    @property
    def next_number(self) -> int:
        """Issues and pull requests share one sequence."""
        return max((*self.issues, *self.transferred), default=0) + 1

    @property
    def pulls(self) -> list[Issue]:
        """The pull requests, newest first."""
        return [issue for _, issue in sorted(self.issues.items(), reverse=True) if issue.pull is not None]

    def suite_runs(self, suite: CheckSuite) -> list[HubCheckRun]:
        return [check for check in self.checks.values() if check.suite is suite]
