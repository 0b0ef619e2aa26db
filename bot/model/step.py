"""Steps of a run, as a closed union: what is to be done, chosen by `loop.next_step` from the run alone."""

from dataclasses import dataclass

from bot.model.conversation import Agent
from bot.model.ids import CommentId, CommitSha
from bot.model.phase import StopReason
from bot.model.reply import Call
from bot.model.wish import Wish


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
class Obey:
    """Take a wish into the run."""

    wish: Wish


@dataclass(frozen=True, slots=True)
class ReadReviews:
    """Read what people ask to be changed in the pull request."""


@dataclass(frozen=True, slots=True)
class AnswerReview:
    """Reply to a remark, once what was done about it is pushed or was decided against."""

    remark: CommentId


@dataclass(frozen=True, slots=True)
class RollBack:
    """Add a commit whose tree is the one after an earlier step."""

    step: int


@dataclass(frozen=True, slots=True)
class MergeBase:
    """Bring the base branch's newer commits in by a merge."""


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
    | Obey
    | ReadReviews
    | AnswerReview
    | RollBack
    | MergeBase
    | Stop
)
