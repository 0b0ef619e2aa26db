"""A run: the fold of its journal. Status is derived, never stored; every wait and every end has a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.model.action import Plan, PlannedItem
from bot.model.change import Overlay
from bot.model.check import CheckRun, Verdict
from bot.model.conversation import Agent, Price
from bot.model.environment import EnvironmentReady
from bot.model.failure import Failure
from bot.model.ids import CommentId, CommitSha, IssueNumber, ItemKey, MicroDollars, PullRequestNumber, RunId, TreeSha
from bot.model.phase import Author, Ended, FinishedItem, Phase, Starting, Stopping, StopReason
from bot.model.repository import BaseCommit, Guidance, Repository, RepositoryConfig
from bot.model.steering import ReviewRemark
from bot.model.task import Label, Task, branch_for, run_id_for
from bot.model.validation import LevelResult, Proof, TamperFinding

Status = Literal["running", "succeeded", "cancelled", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What starts a run: which issue, and which act of labelling."""

    repository: Repository
    issue: IssueNumber
    label: Label
    requested_at: datetime
    digest: str = ""
    """Of the issue's raw text as it was labelled, where a webhook has told it; empty: nobody knows."""

    @property
    def run_id(self) -> RunId:
        return run_id_for(self.repository, self.issue, self.label.event)

    @property
    def branch(self) -> str:
        return branch_for(self.issue, self.label.event)


@dataclass(frozen=True, slots=True)
class Budget:
    """Ceilings of one run, each checked before it is spent."""

    steps: int = 60
    """Commits on the state ref."""
    attempts: int = 3
    """Tries at one item."""
    requests: int = 120
    tokens: int = 2_000_000
    cost: MicroDollars = MicroDollars(5_000_000)
    wall: timedelta = timedelta(hours=2)
    item_requests: int = 30
    """Model requests within one try at one item."""
    item_checks: int = 3
    repairs: int = 2
    """How often a malformed reply may be asked for again."""
    output_tokens: int = 8_192
    """Ceiling of one answer; reserved in full before the request is made."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run has used so far."""

    steps: int = 0
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: MicroDollars = MicroDollars(0)
    waiting_model: float = 0.0
    """Seconds."""
    waiting_ci: float = 0.0
    """Seconds."""
    waiting_github: float = 0.0
    """Seconds, pacing included."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """Everything a run was told at its start; nothing of it is read again later."""

    task: Task
    base: BaseCommit
    config: RepositoryConfig
    guidance: tuple[Guidance, ...]
    budget: Budget
    model: str
    """The model's specification, such as `anthropic:NAME`."""
    price: Price
    protocol: str
    """Digest of the catalogue in force."""
    conventional_commits: bool = False
    """Whether commits of the repository say their kind first: `fix: ...`."""
    items: tuple[str, ...] | None = None
    """Checklist items that the run is told and held to, those first that have helped most.

    None in a journal that is older than trials: all that were in production then.
    """
    arms: Mapping[str, str] = field(default_factory=dict[str, str])
    """Item on trial -> `treated` or `control`; decided before the run began."""


@dataclass(frozen=True, slots=True)
class BaseChecks:
    """What the base branch's own tests said before anything was changed."""

    ran: bool
    """False where no sandbox qualified or the repository has no tests."""
    note: str
    failing: tuple[str, ...] = ()
    """Ids of tests that fail on the base commit."""
    passing: int = 0
    sandbox: str = ""
    """Name of the sandbox backend; empty where nothing of the repository could be executed."""


@dataclass(frozen=True, slots=True)
class StepCommit:
    """One commit on the state ref, and the code commit that it stands for, if any."""

    seq: int
    agent: Author
    action_item: str
    subject: str
    state_sha: CommitSha
    code_sha: CommitSha | None
    seconds: float
    cost: MicroDollars


@dataclass(frozen=True, slots=True)
class RecordedFailure:
    """A failure and the step of the state ref in which it was found."""

    step: int
    action_item: str
    attempt: int
    failure: Failure


@dataclass(frozen=True, slots=True)
class PullRequest:
    number: PullRequestNumber
    url: str
    node_id: str
    draft: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Everything known of a run; `loop.apply` makes the next one from an outcome."""

    request: RunRequest
    phase: Phase = Starting()
    last_seq: int = 0
    """Sequence number of the last journal entry."""
    last_at: datetime | None = None
    frozen: Frozen | None = None
    comment: CommentId | None = None
    status_due: bool = False
    """The status comment no longer says what is true."""
    environment: EnvironmentReady | None = None
    base_checks: BaseChecks | None = None
    plan: Plan | None = None
    plan_digests: tuple[str, ...] = ()
    """Of every plan that was followed, so that the same idea is not tried twice."""
    pending_items: tuple[PlannedItem, ...] = ()
    finished_items: tuple[FinishedItem, ...] = ()
    attempts: Mapping[ItemKey, int] = field(default_factory=dict[ItemKey, int])
    code: Overlay = field(default_factory=dict[str, str | None])
    """All committed changes since the base commit."""
    trees: tuple[str, ...] = ()
    """Digests of `code` after each code commit, to notice a tree that was tried before."""
    code_head: CommitSha | None = None
    heads: tuple[CommitSha, ...] = ()
    """Every head that the work branch has had from us, oldest first."""
    code_tree: TreeSha | None = None
    state_head: CommitSha | None = None
    state_ref: str = ""
    """Empty until the first step is committed."""
    steps: tuple[StepCommit, ...] = ()
    step_started_at: datetime | None = None
    step_cost: MicroDollars = MicroDollars(0)
    pull_request: PullRequest | None = None
    pull_request_head: CommitSha | None = None
    checks: tuple[CheckRun, ...] = ()
    """Of the head commit, as the last verdict saw them."""
    all_checks: tuple[CheckRun, ...] = ()
    """Of every commit that was judged."""
    verdict: Verdict | None = None
    proof: Proof | None = None
    """What shows that the head commit does what the issue asks for."""
    reproduction: tuple[str, ...] = ()
    """Tests of this run that are red on the base commit; they show the issue, and are frozen for whoever mends it."""
    reproduction_paths: frozenset[str] = frozenset()
    """The files that they are in."""
    levels: tuple[LevelResult, ...] = ()
    """Of the last validation before a push."""
    stopped_before_push: int = 0
    """Tries that a level stopped before the push: each is a round trip to CI that was saved."""
    tampering: tuple[TamperFinding, ...] = ()
    """Everything found in the run, suspicions included."""
    pre_existing: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    """Both of the last verdict: tests whose failures nobody is blamed for."""
    unread: tuple[str, ...] = ()
    """Reports of the last verdict that could not be read, and why."""
    failures: tuple[RecordedFailure, ...] = ()
    current_failures: tuple[Failure, ...] = ()
    """What the next try has to mend."""
    seen_fingerprints: frozenset[str] = frozenset()
    """Of the failures that red verdicts and failed tries have shown so far."""
    notes: tuple[str, ...] = ()
    """Decisions of the Processor, in words for humans."""
    requests_by_agent: Mapping[Agent, int] = field(default_factory=dict[Agent, int])
    spent: Spent = Spent()
    approved_by: str = ""
    """Who approved the plan; empty where nobody has, or nobody has to."""
    extra_cost: MicroDollars = MicroDollars(0)
    """What `/rmo budget` has added to the budget; may be negative."""
    revisits: int = 0
    """How often the run was taken up again after it had ended."""
    worked: timedelta = timedelta()
    """What its steps took since it was last taken up; what it waited for its turn, or for money, is not among it."""
    spent_before: Spent = Spent()
    """What it had used by then: budgets hold for each time that it is taken up."""
    remarks: tuple[ReviewRemark, ...] = ()
    """Everything that people have asked to be changed in the pull request so far."""
    remark_items: Mapping[ItemKey, CommentId] = field(default_factory=dict[ItemKey, CommentId])
    """Item -> the remark that it deals with."""
    answered: frozenset[CommentId] = frozenset()
    """Remarks whose threads were told what came of them."""
    codes: Mapping[int, Overlay] = field(default_factory=dict[int, Overlay])
    """Step -> all committed changes as of that step, for steps that changed code."""
    previous_end: Ended | None = None
    """How the run had ended before it was last taken up again."""
    base_merges: int = 0
    """How often the base branch was brought in."""
    refused_wishes: tuple[str, ...] = ()
    """Why wishes were refused, in words, newest last."""

    @property
    def id(self) -> RunId:
        return self.request.run_id


def status_of(run: Run) -> Status:
    """What a run's phase means to someone who watches it."""
    match run.phase:
        case Ended(reason=reason) | Stopping(reason=reason):
            return status_of_reason(reason)
        case _:
            return "running"


def status_of_reason(reason: StopReason) -> Status:
    match reason:
        case "completed" | "not_reproduced" | "already_done":
            return "succeeded"
        case "cancelled":
            return "cancelled"
        case "failed":
            return "failed"
        case _:
            return "stopped"
