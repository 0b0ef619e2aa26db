"""What learning is fed with where no task has to be worked on: whole tasks, stored as their journal would."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.catalog import find_data, read_files
from bot.jobs.learn.learner import Learner
from bot.jobs.library import Knowledge, knowledge_of
from bot.model.evidence import Evidence, FoundFailure
from bot.store.database import Database
from bot.store.failures import write_evidence
from tests.conformance.store.learning import NOON, found, task

PACKAGED: Knowledge = knowledge_of(read_files(find_data("protocols").parent))
MINUTE = timedelta(minutes=1)


@dataclass
class Time:
    """Goes on by a minute a task, and as the story says."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, time: timedelta = timedelta(days=1)) -> None:
        self.now += time


@dataclass
class Lessons:
    """Tasks, one issue each, that failed by the exceptions that are named, in this order."""

    database: Database
    clock: Callable[[], datetime]
    count: int = field(default=0)

    async def hold(self, failures: Sequence[str], *, labeller: str = "") -> list[str]:
        """One task each; an empty name passes. Their ids."""
        told = [self._task(name, labeller) for name in failures]
        await self.database.transact(write_evidence, told)
        return [each.task for each in told]

    def _task(self, exception: str, labeller: str) -> Evidence:
        self.count += 1
        # Before now, so that all of them have their place on the clock at once, and in this order
        at = self.clock() - timedelta(hours=12) + self.count * MINUTE
        failed = [_failure(exception)] if exception else []
        whole = task(f"task-{self.count:05d}", *failed, at=at, issue=self.count, labeller=labeller)
        assert whole.closed is not None
        tries = tuple(replace(each, succeeded=not exception) for each in whole.tries)
        outcome = "budget_attempts" if exception else "completed"
        return replace(whole, tries=tries, closed=replace(whole.closed, outcome=outcome))


def _failure(exception: str) -> FoundFailure:
    one = found("1", exception.lower(), exception=exception, category="logic", tool="pytest", rule=exception)
    failure = replace(one.recorded.failure, category="logic", tool="pytest", rule=exception)
    return replace(one, recorded=replace(one.recorded, failure=failure), exception=exception, level="tests")


def learner(database: Database, directory: Path, clock: Callable[[], datetime], *, block: int = 4) -> Learner:
    """Small numbers: blocks of four, five registrations a quarter."""
    policy = PACKAGED.policy.learning
    propose = replace(policy.propose, registrations_a_quarter=5, registrations_a_day=5, block=block)
    screen = replace(policy.screen, days=1, labellers=1)
    small = replace(policy, propose=propose, screen=screen)
    return Learner(database, directory / "counts.duckdb", PACKAGED.catalogue, PACKAGED.files, small, clock)
