"""A wish finds its run, and one to end it does not lie in wait for whatever takes the run up again."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.jobs.rouse import leave_wish
from bot.model.ids import RepositoryId, RunId
from bot.model.outcome import Stopped
from bot.model.step import Stop
from bot.model.wish import Wish
from bot.store import journal, wishes
from tests.conformance.jobs.desk import Clock, open_context
from tests.conformance.store.test_journal import NOW, entry, request

STOP = Wish("cancel", "ada asked for it", by="ada")
BACK = Wish("rollback", "ada wants step 3", key="9", value=3, by="ada")


@dataclass
class Heard:
    """A queue that writes down what it is told."""

    keys: list[str] = field(default_factory=list[str])

    async def enqueue(self, run: RunId, repository: RepositoryId) -> None:
        assert (run, repository) == (request().run_id, request().repository.id)

    async def wake(self, run: RunId, key: str) -> None:
        self.keys.append(key)


async def test_what_is_over_is_not_ended_once_more(tmp_path: Path) -> None:
    queue, run = Heard(), request().run_id
    async with open_context(tmp_path, Clock(NOW)) as context:
        await context.database.transact(journal.open_run, request())
        assert await leave_wish(context, queue, request(), STOP)
        assert not await leave_wish(context, queue, request(), STOP)
        await context.database.transact(
            journal.record, run, entry(1, Stop("cancelled", "x"), Stopped("cancelled", "x"))
        )
        await context.database.transact(wishes.grant_endings, run, NOW)
        assert not await leave_wish(context, queue, request(), STOP)
        assert await leave_wish(context, queue, request(), BACK)
        again = replace(STOP, reason="bob asked for it", by="bob")
        assert await leave_wish(context, queue, request(), again)
        assert await context.database.transact(wishes.read_wishes, run) == (again, BACK)
        assert len(set(queue.keys)) == len(queue.keys), "each of them wakes the run"
