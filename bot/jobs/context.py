"""What a job may use: every edge, the catalogue, and the sources of time and chance."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot.catalog import Policy
from bot.git.cache import RepositoryCache
from bot.github.app import GitHubApp
from bot.jobs.library import Knowledge, Library
from bot.jobs.limits import Limits
from bot.jobs.validation.cache import ValidationCache
from bot.model.command import Unqualified
from bot.model.conversation import Agent, ModelAnswer, ModelRequest, Price
from bot.model.ids import RepositoryId, RunId
from bot.model.protocol import Catalogue
from bot.model.run import Run
from bot.sandbox import Sandbox
from bot.store.database import Database


class Model(Protocol):
    """A language model, real or scripted."""

    @property
    def spec(self) -> str: ...

    @property
    def price(self) -> Price: ...

    async def ask(self, request: ModelRequest) -> ModelAnswer: ...

    @property
    def load(self) -> Callable[[], object]:
        """Loads what the first request needs; blocks for seconds."""
        ...

    def left_over(self, consumed: Mapping[Agent, int]) -> list[str]:
        """Answers of a script that nobody asked for, in words; a real model leaves none."""
        ...


class Queue(Protocol):
    """Where runs wait for their turn."""

    async def enqueue(self, run: RunId, repository: RepositoryId) -> None: ...

    async def wake(self, run: RunId, key: str) -> None: ...


def nothing_is_reached(_: str) -> None:
    """What a boundary of a step means in production."""


@dataclass(frozen=True, slots=True)
class Context:
    """Made once, by `compose`."""

    database: Database
    github: GitHubApp
    clones: RepositoryCache
    sandbox: Sandbox | Unqualified
    environments: Path
    """Directory of installed dependencies."""
    validations: ValidationCache
    """What levels said of contents that were validated before."""
    tests_wall: timedelta
    """How long one run of a repository's tests may take here."""
    installer: Mapping[str, str]
    """The process's environment, of which an installation of dependencies gets the package clients' settings alone."""
    library: Library
    catalogue: Catalogue
    """The version in force: of a step, the one that its run began with."""
    policy: Policy
    model: Model
    git_url: str
    """Where repositories are cloned from: `<git_url>/<owner>/<name>.git`."""
    protocols_repository: str
    """OWNER/NAME of the repository whose default branch holds the protocols; empty: those of the program, for good."""
    counts: Path
    """File of the counting engine."""
    limits: Limits
    """What the operator lets this server do."""
    onboarding: bool
    """Whether a repository has to be taken up by a pull request before any of its issues is worked on."""
    is_local: bool
    """Whether GitHub is the one of a local run, whose workflows have no secrets."""
    checks_poll: timedelta
    """How often a commit's checks are read while nothing wakes the run."""
    now: Callable[[], datetime]
    nonce: Callable[[], str]
    """A fresh unguessable word, to fence hostile text in prompts."""
    watch: Callable[[RunId], Awaitable[None]]
    """Called after each journal entry, for whoever shows progress."""
    sweeping: set[RepositoryId] = field(default_factory=set[RepositoryId])
    """Repositories that a sweep of this process is at: two at once would say things twice."""
    reached: Callable[[str], None] = nothing_is_reached
    """Called at each boundary of a step, so that a test can end the process there; names the step and the boundary."""

    def with_knowledge(self, knowledge: Knowledge) -> "Context":
        """The same context, in which this version of the catalogue and its policy is in force."""
        return replace(self, catalogue=knowledge.catalogue, policy=knowledge.policy)

    async def of_run(self, run: Run) -> "Context":
        """The context for the next step of `run`: what it was told at its start holds until its end."""
        version = self.library.current if run.frozen is None else await self.library.at(run.frozen.protocol)
        return self.with_knowledge(version)
