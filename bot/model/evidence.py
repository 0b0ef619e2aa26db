"""Evidence: what one journal entry, or one record of another system, adds to the failure store.

Failures alone give no rates, so the tasks and the tries that ended well are part of it (the unit of every later test
is the task). Mining reads only `features`: closed sets, buckets and salted hashes, never text that a stranger chose.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NewType

from bot.model.failure import Source
from bot.model.ids import ActionId, ItemKey, RunId
from bot.model.run import RecordedFailure

TaskId = NewType("TaskId", str)
"""A run's id for a task of our own; an importer gives its tasks a prefix of its own."""

FeatureValue = str | tuple[str, ...]
Features = Mapping[str, FeatureValue]
"""By the name of a registered feature."""

Level = Literal["syntax", "static", "tests", "ci", "other"]
"""Where in the validation a failure was found; `other` is what no level finds, such as an unreadable reply."""

TryEvent = Literal["reply", "check", "end", "verdict"]
"""When a try was judged: at an answer that could not be read, by the Executor's own check, at its end before the
push, by CI."""


@dataclass(frozen=True, slots=True)
class OpenedTask:
    """A task as it was assigned; nothing of it changes later."""

    repository: str
    """Full name, or the name of the import."""
    issue: int | None
    model: str
    protocol: str
    """Digest of the catalogue in force; empty where it is not known."""
    assigned_at: datetime
    arms: Mapping[str, str] = field(default_factory=dict[str, str])
    """Protocol item -> arm of the rollout that the task was assigned to."""
    stratum: str = ""
    """Tasks of one stratum are compared with each other."""
    features: Features = field(default_factory=dict[str, FeatureValue])
    labeller: str = ""
    """Salted hash of who asked for it; empty where nobody is known."""


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A planned item, as it was known before the first Executor call."""

    item: ItemKey
    action: ActionId
    features: Features


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """The plan that the Executor was first called with; a later plan answers a failure and is no context of it."""

    language: str
    units: tuple[PlannedUnit, ...]
    features: Features


@dataclass(frozen=True, slots=True)
class JudgedTry:
    """How one try at an item fared when it was judged; successes too, because rates need denominators."""

    item: ItemKey
    action: ActionId
    attempt: int
    event: TryEvent
    succeeded: bool
    validated: bool
    """Whether a deterministic tool judged it; a try that was given up was judged by none."""
    source: Source
    features: Features


@dataclass(frozen=True, slots=True)
class FoundFailure:
    """A failure with what is known of its place in the run; its texts are redacted and capped."""

    recorded: RecordedFailure
    item: ItemKey
    """Empty for a failure that is no item's, such as an unreadable plan."""
    agent: str
    level: Level
    exception: str
    """Exception class of the closed set; empty where there is none."""
    features: Features


@dataclass(frozen=True, slots=True)
class ClosedTask:
    outcome: str
    """How the run ended: its stop reason."""
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that one entry adds; `(task, seq)` is its key, so that writing it twice changes nothing."""

    task: TaskId
    seq: int
    at: datetime
    run: RunId | None = None
    """None for a task of another system."""
    opened: OpenedTask | None = None
    planned: PlannedTask | None = None
    tries: tuple[JudgedTry, ...] = ()
    failures: tuple[FoundFailure, ...] = ()
    closed: ClosedTask | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.opened or self.planned or self.tries or self.failures or self.closed)
