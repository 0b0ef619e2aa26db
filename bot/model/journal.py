"""Steps and their outcomes: the closed unions that a run's journal is written in.

A step says what is to be done and is chosen by `loop.next_step` from the run alone; an outcome says what came of it.
Adding a case to either breaks the type check wherever it is matched.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.model.check import CheckRun, Verdict
from bot.model.conversation import Agent, Message, ModelAnswer
from bot.model.environment import EnvironmentReady
from bot.model.failure import Failure
from bot.model.ids import CommentId, CommitSha, TreeSha
from bot.model.phase import StopReason
from bot.model.reply import Call, Done, Reply
from bot.model.run import BaseChecks, Frozen, PullRequest
from bot.model.validation import LevelResult, Proof, Reproduction, TamperFinding, Unproven

# --- steps ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Freeze:
    """Read the issue, the base commit and the repository's own rules, once."""


@dataclass(frozen=True, slots=True)
class PostStatus:
    """Bring the one status comment up to date."""


@dataclass(frozen=True, slots=True)
class PrepareEnvironment:
    """Install the base commit's dependencies and run its tests."""


@dataclass(frozen=True, slots=True)
class AskModel:
    """Make one request to the model."""

    agent: Agent
    number: int
    """Counts the agent's requests within the run from 0."""


@dataclass(frozen=True, slots=True)
class UseTools:
    """Carry out the calls of the Executor's last answer over its overlay."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class ValidateItem:
    """Validate what the item changed, level by level, in the sandbox, before it is pushed."""


@dataclass(frozen=True, slots=True)
class CommitStep:
    """Commit one step to the state ref and, where code changed, to the work branch."""

    seq: int


@dataclass(frozen=True, slots=True)
class OpenPullRequest:
    """Open the draft pull request, or find the one that is already there."""


@dataclass(frozen=True, slots=True)
class AwaitChecks:
    """Read the head commit's checks until there is a verdict."""

    head: CommitSha


@dataclass(frozen=True, slots=True)
class ProveChange:
    """The checks are green: find a proof that the change does what it is for, and see that nobody bent the rules."""

    head: CommitSha


@dataclass(frozen=True, slots=True)
class RevisePullRequest:
    """Bring the pull request's text up to date, and mark it ready where the verdict allows."""

    ready: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """Say the last word and end."""

    reason: StopReason
    detail: str


Step = (
    Freeze
    | PostStatus
    | PrepareEnvironment
    | AskModel
    | UseTools
    | ValidateItem
    | CommitStep
    | OpenPullRequest
    | AwaitChecks
    | ProveChange
    | RevisePullRequest
    | Stop
)

# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaskFrozen:
    frozen: Frozen


@dataclass(frozen=True, slots=True)
class StatusPosted:
    comment: CommentId


@dataclass(frozen=True, slots=True)
class EnvironmentPrepared:
    environment: EnvironmentReady | None
    """None where no sandbox qualified: nothing of the repository is executed."""
    base_checks: BaseChecks


@dataclass(frozen=True, slots=True)
class EnvironmentBroken:
    command: str
    output_tail: str


@dataclass(frozen=True, slots=True)
class ModelReplied:
    """An answer, bought once, with what was said to get it and what it means."""

    agent: Agent
    system: str
    said: tuple[Message, ...]
    """What this request added to the dialogue before the answer."""
    answer: ModelAnswer
    reply: Reply
    failure: Failure | None = None
    """What an unreadable reply counts as, should it not be mended."""


@dataclass(frozen=True, slots=True)
class ToolsUsed:
    results: tuple[str, ...]
    overlay: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    checks: int = 0
    """How many of the calls were checks."""
    refusals: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    done: Done | None = None


@dataclass(frozen=True, slots=True)
class ItemValidated:
    levels: tuple[LevelResult, ...]
    tampering: tuple[TamperFinding, ...] = ()
    failures: tuple[Failure, ...] = ()
    """Of the levels and of tampering; any of them keeps the item from being pushed."""
    reproduction: Reproduction | None = None
    """Of an item that shows the issue by a test: whether the test is red on the base commit."""
    green_means: Literal["not_reproduced", "already_done"] = "not_reproduced"
    """How the run ends where such tests keep passing on the base commit: by what the plan set out to do."""


@dataclass(frozen=True, slots=True)
class StepCommitted:
    state_ref: str
    """Where the state commit stands: the run's own ref, or a branch where the server refuses such a ref."""
    state_sha: CommitSha
    code_sha: CommitSha | None
    code_tree: TreeSha | None


@dataclass(frozen=True, slots=True)
class PullRequestOpened:
    pull_request: PullRequest


@dataclass(frozen=True, slots=True)
class ChecksJudged:
    verdict: Verdict
    checks: tuple[CheckRun, ...]
    failures: tuple[Failure, ...]
    pre_existing: tuple[str, ...] = ()
    """Failing tests that fail on the base commit too; the run is not blamed for them."""
    flaky: tuple[str, ...] = ()
    """Tests that failed and passed on this very commit; nobody is blamed for them, and nothing is learned from them."""
    unread: tuple[str, ...] = ()
    """`name: reason` of every report that should have been read and could not be."""
    skipped_as_draft: bool = False
    """Every check was skipped while the pull request was a draft."""


@dataclass(frozen=True, slots=True)
class ChecksRunAgain:
    """The failed jobs are under way once more on the same commit: what passes now is flaky."""

    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeProven:
    """What shows that the change helps, or why nothing does; and what makes its judges weaker."""

    proof: Proof | Unproven | None
    """None where the repository asks for no proof."""
    tampering: tuple[TamperFinding, ...] = ()
    failures: tuple[Failure, ...] = ()
    """Of tampering."""


@dataclass(frozen=True, slots=True)
class PullRequestRevised:
    pull_request: PullRequest


@dataclass(frozen=True, slots=True)
class Stopped:
    reason: StopReason
    detail: str


@dataclass(frozen=True, slots=True)
class StepFailed:
    """The step cannot succeed; `reason` is how the run ends."""

    reason: StopReason
    message: str


Outcome = (
    TaskFrozen
    | StatusPosted
    | EnvironmentPrepared
    | EnvironmentBroken
    | ModelReplied
    | ToolsUsed
    | ItemValidated
    | StepCommitted
    | PullRequestOpened
    | ChecksJudged
    | ChecksRunAgain
    | ChangeProven
    | PullRequestRevised
    | Stopped
    | StepFailed
)


@dataclass(frozen=True, slots=True)
class NotYet:
    """Nothing to record: the step waits for something outside."""

    reason: str
    seconds: float
    """After how long to look again, unless something wakes the run earlier."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal: a step, what came of it, and when; `github_seconds` is what waiting for GitHub took."""

    seq: int
    step: Step
    outcome: Outcome
    started_at: datetime
    ended_at: datetime
    github_seconds: float


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody outside wants of a run; read before each step."""

    kind: Literal["cancel"]
    reason: str
