"""The journal of a run: each step that was taken, what came of it, and when. A run is the fold of its journal."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.outcome import Outcome
from bot.model.step import Step


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
