"""How learning stands as a whole: on or off, what it is worth, what waits and why, what does not fit together."""

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.jobs.learn.choose import Told, choose
from bot.jobs.learn.evaluate import baseline_of, late_baseline_of
from bot.jobs.learn.learner import Learner
from bot.jobs.learn.showing import Trial, read_trials
from bot.rollout.baseline import worth
from bot.rollout.late import Late
from bot.rollout.standing import contradictions
from bot.store.learning_state import LearningState, read_learning
from bot.store.rollouts import read_item_events


@dataclass(frozen=True, slots=True)
class LearningStatus:
    state: LearningState
    worth: str
    """Tasks that are told learned items against those that are told none."""
    late: Late
    """What people made of the work of these tasks."""
    trials: tuple[Trial, ...]
    """Items that live tasks are told by lot."""
    waiting: tuple[tuple[str, str], ...]
    """Patterns with enough evidence that are not proposed, and why."""
    contradictions: tuple[tuple[str, str], ...]
    """Items with an event that was passed over, and why."""


def read_status(connection: Connection, learner: Learner) -> LearningStatus:
    """Read only; nothing is decided here."""
    canary, now = learner.policy.canary, learner.now()
    _, waiting = choose(connection, Told(learner.catalogue, learner.files, learner.policy))
    odd = contradictions(read_item_events(connection))
    return LearningStatus(
        state=read_learning(connection),
        worth=worth(baseline_of(connection, canary, now), canary).verdict,
        late=late_baseline_of(connection, canary, now),
        trials=read_trials(connection, learner.catalogue, learner.policy, now),
        waiting=tuple((each.pattern.registration.id, each.reason) for each in waiting),
        contradictions=tuple((each.event.item, each.why) for each in odd),
    )
