"""What learning from the store needs; no model, no GitHub: `rmo mine` works where neither is at hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.jobs.context import Context
from bot.model.learning_policy import LearningPolicy
from bot.model.protocol import Catalogue
from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class Learner:
    database: Database
    counts: Path
    """File of the counting engine; made where it is missing."""
    catalogue: Catalogue
    files: Mapping[str, str]
    """The catalogue's own: path -> text."""
    policy: LearningPolicy
    now: Callable[[], datetime]


def learner_of(context: Context) -> Learner:
    """With the newest version of the protocols."""
    knowledge = context.library.current
    return Learner(
        context.database, context.counts, knowledge.catalogue, knowledge.files, knowledge.policy.learning, context.now
    )
