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
    archived: bool = False
    """Nothing can be written to it."""
    private: bool = False

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
    levels_before_push: int = 3
    """Highest level that is validated in the sandbox before a push: 1 syntax, 2 static, 3 tests."""
    red_before_green: bool = True
    """Whether green checks need a proof: a test that fails on the base commit and passes on the head."""
    tamper_guard: bool = True
    """Whether changes that weaken tests, thresholds or tools are refused."""
    new_suppressions: int = 0
    """How many new `noqa`, `nosec` and the like a change may bring."""
    check_apps: tuple[int, ...] = ()
    """Ids of the Apps whose checks count; empty: every App's. Commit statuses always count."""
    plan_approval: bool = False
    """Whether a person has to approve the plan (`/rmo approve`) before any code is written."""
    label_apps: tuple[int, ...] = ()
    """Ids of the Apps whose bots may set the label; by default none may."""
    accept_ci_secrets: tuple[str, ...] = ()
    """Secrets that workflows may hand to a branch of the bot, by name."""
    keep_up_to_date: bool = True
    """Whether the base branch is merged into the work branch where it has moved on."""
    revisits: int = 5
    """How often a run may be taken up again after its pull request was ready: reviews, red checks, a moved base."""
    most_files: int = 50
    """Files that one pull request may change."""
    most_lines: int = 2_000
    """Lines that one pull request may add and remove, together."""
    open_pull_requests: int = 5
    """Open pull requests of the bot from which on no further run begins."""
    runs_an_hour: int = 20
    """Runs that may begin within an hour."""
    dashboard: bool = False
    """Whether an issue lists what is queued, running, waiting, blocked and limited."""


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
