"""Evidence in the transaction of its journal entry, on both databases: a whole run, and each entry tried twice."""

from sqlalchemy import Connection

from bot.jobs.record_evidence import record_evidence
from bot.loop import apply
from bot.model.journal import Entry
from bot.model.run import Run
from bot.store import journal
from bot.store.database import Database
from bot.store.failure_filter import FailureFilter
from bot.store.failure_queries import list_failures, show_failure, top_failures
from bot.store.failures import read_failures
from tests.unit.loop.story import REQUEST, Story, failure, item


def told() -> Story:
    """A red verdict, then a green one."""
    story = Story()
    story.plan(item("one", files=("a.py",)))
    story.decide()
    story.work(a_py="x = 1")
    story.fails(failure("f1", "ghp_" + "a" * 36))
    story.decide(retry="1")
    story.work(a_py="x = 2")
    story.passes()
    return story


def record(connection: Connection, run: Run, entry: Entry) -> None:
    after = apply(run, entry)
    journal.record(connection, run.id, entry)
    record_evidence(connection, run, after, entry, {})
    record_evidence(connection, run, after, entry, {})


async def test_a_run_leaves_its_evidence_once(database: Database) -> None:
    story = told()
    await database.transact(journal.open_run, REQUEST)
    run = Run(REQUEST)
    for entry in story.entries:
        await database.transact(record, run, entry)
        run = apply(run, entry)
    page = await database.transact(list_failures, FailureFilter())
    assert [(each.task, each.fingerprint, each.path, each.level) for each in page.failures] == [
        (run.id, "f1", "[redacted]", "ci")
    ]
    shown = await database.transact(show_failure, page.failures[0].id)
    assert shown is not None
    assert shown.message == "assert 1 == 2"
    top = await database.transact(top_failures, FailureFilter(action_item="fix_defect"))
    assert (top.tasks, top.groups[0].rate) == (1, 1.0)
    (kept,) = await database.transact(read_failures, run.id)
    assert (kept.step, kept.action_item, kept.failure.line) == (run.failures[0].step, "fix_defect", 3)
