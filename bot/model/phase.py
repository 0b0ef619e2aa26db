"""Where a run stands: a closed union of phases, each with just what is known there, and the ways it can end."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.model.action import PlannedItem
from bot.model.change import Overlay
from bot.model.conversation import Message
from bot.model.ids import CommentId, CommitSha
from bot.model.reply import Call, PlanProposed

StopReason = Literal[
    "completed",
    "unverified",
    "no_change",
    "not_reproduced",
    "already_done",
    "cancelled",
    "not_permitted",
    "setup_failed",
    "needs_answer",
    "stuck",
    "budget_steps",
    "budget_attempts",
    "budget_requests",
    "budget_tokens",
    "budget_money",
    "budget_time",
    "checks_timed_out",
    "checks_cancelled",
    "branch_moved",
    "edited",
    "duplicate",
    "conflict",
    "too_large",
    "secret_found",
    "unsafe_checks",
    "repository_moved",
    "refused",
    "needs_human",
    "failed",
]
Author = Literal["thinker", "processor", "executor", "ci"]
"""Whose step a commit on the state ref records; `ci` for a verdict."""


@dataclass(frozen=True, slots=True)
class FinishedItem:
    """An item that was carried out, and what it left behind."""

    item: PlannedItem
    attempt: int
    summary: str
    paths: tuple[str, ...]
    """Files changed by it; empty when there was nothing to do."""
    code_sha: CommitSha | None


@dataclass(frozen=True, slots=True)
class Starting:
    """The task is not frozen yet."""


@dataclass(frozen=True, slots=True)
class Preparing:
    """The base commit's dependencies are being installed and its own tests run."""

    then: "Phase | None" = None
    """Where the run stands afterwards; None: a plan is made."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One agent invocation: fresh at its start, and at most as long as its budget."""

    system: str = ""
    messages: tuple[Message, ...] = ()
    requests: int = 0
    repairs: int = 0
    problem: str = ""
    """What was wrong with the last answer; empty when it could be read."""
    calls: tuple[Call, ...] = ()
    """What the last answer asks for and is not carried out yet."""


@dataclass(frozen=True, slots=True)
class Planning:
    """The Thinker is asked, once for each analyser; `problem` says why an earlier plan was given up."""

    analyses: tuple[PlanProposed, ...] = ()
    dialogue: Dialogue = Dialogue()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The Processor is asked: after the plan, or after a red verdict."""

    occasion: Literal["plan", "verdict"]
    dialogue: Dialogue = Dialogue()


@dataclass(frozen=True, slots=True)
class Working:
    """The Executor works on one item, over the tree of the last code commit."""

    item: PlannedItem
    attempt: int
    dialogue: Dialogue = Dialogue()
    overlay: Overlay = field(default_factory=dict[str, str | None])
    checks: int = 0
    refusals: tuple[str, ...] = ()
    """Why edits were refused in this try; the last of them explains an item that ends without a change."""


@dataclass(frozen=True, slots=True)
class Inspecting:
    """What the Executor declared done is validated before it is pushed."""

    work: Working
    summary: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A step is being committed; `then` is where the run stands afterwards, None leaves it to the plan."""

    agent: Author
    action_item: str
    subject: str
    body: str
    changes: Overlay
    """Changes to the code; empty for a step of state alone."""
    finished: FinishedItem | None
    """The item that this step completes, if any."""
    then: "Phase | None"


@dataclass(frozen=True, slots=True)
class Opening:
    """The first code commit exists: the draft pull request is due."""

    then: "Phase | None"


@dataclass(frozen=True, slots=True)
class Approving:
    """The plan is made; a person has to approve it before any code is written. Nothing is done meanwhile."""


@dataclass(frozen=True, slots=True)
class Consulting:
    """What people ask to be changed in the pull request is being read."""


@dataclass(frozen=True, slots=True)
class Answering:
    """A remark of a review is dealt with: its thread is told."""

    remark: CommentId
    then: "Phase | None"


@dataclass(frozen=True, slots=True)
class GoingBack:
    """The branch is being given the tree of an earlier step."""

    step: int


@dataclass(frozen=True, slots=True)
class Updating:
    """Whether the base branch has moved is looked at, and its newer commits are brought in."""

    then: "Phase | None" = None
    """Where the run stands when there was nothing to bring in; None: the checks are read."""


@dataclass(frozen=True, slots=True)
class Judging:
    """All items are carried out; CI decides about the head commit."""

    head: CommitSha
    since: datetime
    failed_before: tuple[str, ...] = ()
    """Tests that failed on this commit, and whose jobs run once more."""


@dataclass(frozen=True, slots=True)
class Proving:
    """The head commit's checks are green; whether that shows anything is being found out."""

    head: CommitSha
    checks: tuple[str, ...]
    """The checks that passed."""


@dataclass(frozen=True, slots=True)
class Presenting:
    """The verdict is in: the pull request's text and state follow it."""

    ready: bool
    then: "Phase"


@dataclass(frozen=True, slots=True)
class Stopping:
    """The run is over; its last word is being said."""

    reason: StopReason
    detail: str


@dataclass(frozen=True, slots=True)
class Ended:
    reason: StopReason
    detail: str
    at: datetime


Phase = (
    Starting
    | Preparing
    | Planning
    | Reviewing
    | Working
    | Inspecting
    | Recording
    | Opening
    | Approving
    | Consulting
    | Answering
    | GoingBack
    | Updating
    | Judging
    | Proving
    | Presenting
    | Stopping
    | Ended
)
