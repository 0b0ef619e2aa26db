"""One suite for both databases: what is recorded once stays, and nobody records it twice."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.loop import apply, fold
from bot.model.change import Create, Rename
from bot.model.conversation import Answered, Asked, ModelAnswer, ToolCall, ToolResults
from bot.model.ids import (
    CommentId,
    InstallationId,
    IssueNumber,
    LabelEventId,
    MicroDollars,
    RepositoryId,
    RunId,
)
from bot.model.journal import Entry
from bot.model.outcome import ModelReplied, StatusPosted, StepFailed, Stopped, ToolsUsed
from bot.model.reply import Done, EditFile, Malformed, ToolsCalled
from bot.model.repository import Repository
from bot.model.run import Run, RunRequest
from bot.model.step import AskModel, Freeze, PostStatus, Stop, UseTools
from bot.model.task import Label
from bot.model.wish import Wish
from bot.store import journal, wishes
from bot.store.database import Database
from bot.store.errors import Superseded

NOW = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)


def request(issue: int = 1, event: int = 5, repository: int = 7) -> RunRequest:
    where = Repository(RepositoryId(repository), "octo", "tally", InstallationId(3), "main")
    return RunRequest(where, IssueNumber(issue), Label(LabelEventId(event), "maintainer"), NOW)


def entry(seq: int, step: object, outcome: object) -> Entry:
    return Entry(seq, step, outcome, NOW, NOW + timedelta(seconds=2), 0.25)  # pyright: ignore[reportArgumentType] - a step and an outcome


async def test_a_run_is_opened_once(database: Database) -> None:
    assert await database.transact(journal.open_run, request())
    assert not await database.transact(journal.open_run, request())
    assert await database.transact(journal.read_request, request().run_id) == request()
    assert await database.transact(journal.read_request, RunId("nobody")) is None


async def test_entries_come_back_as_they_were_written(database: Database) -> None:
    await database.transact(journal.open_run, request())
    calls = (EditFile(Create("a.py", "x\u2028\U0001f600")), EditFile(Rename("a", "b")), Done("summary", "s"))
    answer = ModelAnswer((ToolCall("edit", '{"path": "a"}'),), "text", "stop", 10, 5, MicroDollars(7), 0.5)
    said = (Asked("?"), Answered((), "a"), ToolResults(("r",)))
    written = [
        entry(1, PostStatus(), StatusPosted(CommentId(2**40))),
        entry(2, AskModel("executor", 0), ModelReplied("executor", "system", said, answer, ToolsCalled(calls))),
        entry(3, UseTools(calls), ToolsUsed(("ok",), {"a.py": "x", "b.py": None}, done=Done("blocked", "b"))),
        entry(4, AskModel("executor", 1), ModelReplied("executor", "", (), answer, Malformed("no"))),
    ]
    for each in written:
        await database.transact(journal.record, request().run_id, each)
    assert list(await database.transact(journal.read_journal, request().run_id)) == written


async def test_what_no_database_can_hold_is_written_visibly(database: Database) -> None:
    await database.transact(journal.open_run, request())
    await database.transact(journal.record, request().run_id, entry(1, Freeze(), Stopped("failed", "a\x00b")))
    (read,) = await database.transact(journal.read_journal, request().run_id)
    assert read.outcome == Stopped("failed", "a\u2400b")


async def test_the_second_worker_loses(database: Database) -> None:
    await database.transact(journal.open_run, request())
    attempts = [
        database.transact(journal.record, request().run_id, entry(1, PostStatus(), StatusPosted(CommentId(number))))
        for number in range(5)
    ]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(result, Superseded) for result in results) == 4
    (kept,) = await database.transact(journal.read_journal, request().run_id)
    assert kept.outcome == StatusPosted(CommentId(results.index(None)))


async def test_an_intent_counts_how_often_its_step_was_begun(database: Database) -> None:
    await database.transact(journal.open_run, request())
    run = request().run_id
    first = await database.transact(journal.begin, run, 1, Freeze(), NOW)
    again = await database.transact(journal.begin, run, 1, Freeze(), NOW + timedelta(hours=1))
    other = await database.transact(journal.begin, run, 1, Stop("cancelled", "x"), NOW)
    assert (first.attempts, again.attempts, other.attempts) == (1, 2, 1)
    assert again.started_at == NOW


async def test_a_run_is_active_until_its_last_word(database: Database) -> None:
    for each in (request(1), request(2), request(1, repository=8)):
        await database.transact(journal.open_run, each)
    await database.transact(journal.record, request(1).run_id, entry(1, Stop("failed", "x"), Stopped("failed", "x")))
    assert await database.transact(journal.active_runs, RepositoryId(7)) == (request(2),)
    assert len(await database.transact(journal.active_runs)) == 2
    assert await database.transact(journal.active_runs_of_issue, RepositoryId(8), IssueNumber(1)) == (
        request(1, repository=8),
    )
    assert len(await database.transact(journal.runs_of, IssueNumber(1))) == 2


async def test_whether_a_run_has_ended_is_told_by_its_own_newest_entry(database: Database) -> None:
    short, long = request(1), request(2)
    for each in (short, long):
        await database.transact(journal.open_run, each)
    last = Stop("failed", "x"), Stopped("failed", "x")
    await database.transact(journal.record, short.run_id, entry(1, *last))
    for seq in (1, 2):
        await database.transact(journal.record, long.run_id, entry(seq, *last))
    assert await database.transact(journal.active_runs) == ()
    assert await database.transact(journal.ended_runs, RepositoryId(7)) == (short, long)

    await database.transact(journal.record, long.run_id, entry(3, Freeze(), StepFailed("failed", "x")))
    assert await database.transact(journal.active_runs) == (long,)
    assert await database.transact(journal.ended_runs, RepositoryId(7)) == (short,)


async def test_a_wish_is_kept_once(database: Database) -> None:
    await database.transact(journal.open_run, request())
    run = request().run_id
    await database.transact(wishes.wish, run, Wish("cancel", "first"), NOW)
    await database.transact(wishes.wish, run, Wish("cancel", "second"), NOW)
    assert await database.transact(wishes.read_wishes, run) == (Wish("cancel", "first"),)


async def test_a_stored_journal_folds_to_the_same_run(database: Database) -> None:
    await database.transact(journal.open_run, request())
    written = [entry(1, Stop("cancelled", "x"), Stopped("cancelled", "x"))]
    for each in written:
        await database.transact(journal.record, request().run_id, each)
    read = await database.transact(journal.read_journal, request().run_id)
    assert fold(request(), read) == apply(Run(request()), written[0])


async def test_an_error_of_the_caller_rolls_everything_back(database: Database) -> None:
    def work(connection: journal.Connection) -> None:
        journal.open_run(connection, request())
        raise LookupError("after the insert")

    with pytest.raises(LookupError):
        await database.transact(work)
    assert await database.transact(journal.read_request, request().run_id) is None
