"""The repository a run works on, and what its default branch says about how to work there."""

from dataclasses import dataclass

from bot.model.ids import CommitSha, InstallationId, RepositoryId


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository as one installation of the App sees it; keyed by `id`, because names change."""

    id: RepositoryId
    owner: str
    name: str
    installation: InstallationId
    default_branch: str

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class RepositoryConfig:
    """`.github/fractal-rmo.yml` of the default branch, with defaults where it is silent."""

    setup: str | None = None
    """Shell command that installs the dependencies in the environment phase; None infers it from the files."""
    analysers: int = 1
    """How many Thinker requests run side by side, 1 to 10; their answers are merged by rule."""
    ci_timeout_minutes: int = 60
    """How long a commit's checks may stay unfinished before the verdict is TimedOut."""
    ci_start_minutes: int = 10
    """How long to wait for a first check before the verdict is Unverified."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """Files of the default branch that tell contributors how to work; below the system's rules in every prompt."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class BaseCommit:
    """The commit of the default branch that a run starts from."""

    branch: str
    sha: CommitSha
