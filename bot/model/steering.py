"""What people ask of the bot in a thread, as a closed union, and who asks."""

from dataclasses import dataclass

from bot.model.ids import CommentId, CommitSha, MicroDollars


@dataclass(frozen=True, slots=True)
class Help:
    """List the commands."""


@dataclass(frozen=True, slots=True)
class ShowPlan:
    """Show the plan's items, what they will probably cost and how long they will take."""


@dataclass(frozen=True, slots=True)
class Approve:
    """Carry out the plan that waits for approval."""


@dataclass(frozen=True, slots=True)
class StopRun:
    """End the run."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Begin a new run of the issue."""


@dataclass(frozen=True, slots=True)
class Rollback:
    """Add a commit whose tree is the one after this step."""

    step: int


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """Bring the status comment up to date, and say where it is."""


@dataclass(frozen=True, slots=True)
class Explain:
    """Say what has failed, why, and what was done about it."""


@dataclass(frozen=True, slots=True)
class ChangeBudget:
    """Let the run cost up to this much in all."""

    amount: MicroDollars


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """A line that begins as a command does and is none."""

    said: str
    """The line, cut; hostile text."""
    reason: str
    """What is wrong with it, in words for the one who wrote it."""


Steer = Help | ShowPlan | Approve | StopRun | Retry | Rollback | ShowStatus | Explain | ChangeBudget | Misunderstood


@dataclass(frozen=True, slots=True)
class Place:
    """Where a remark of a review stands: a line of a file, or the whole change."""

    path: str = ""
    line: int | None = None
    hunk: str = ""
    """The end of the diff that it was written at."""


@dataclass(frozen=True, slots=True)
class ReviewRemark:
    """What a person with write access asks to be changed; the text is cleaned, and still theirs."""

    id: CommentId
    """Of the remark at a line; of a review that says something as a whole its own, negated: they are counted apart."""
    kind: str
    """`thread` for a remark at a line, `review` for what a review says as a whole."""
    author: str
    text: str
    place: Place = Place()
    thread: str = ""
    """GraphQL id of the thread; empty where GitHub did not say."""
    head: CommitSha | None = None
    """The commit that it was written about."""
