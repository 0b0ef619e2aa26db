"""A database of the first version, with runs that failed: brought up to date and back, with its failures kept."""

from collections.abc import Mapping
from datetime import UTC, datetime

from alembic import command
from alembic.config import Config
from sqlalchemy import DateTime, bindparam, text

from bot.catalog import find_data
from bot.model.ids import RunId
from bot.store.database import Database
from bot.store.failure_filter import FailureFilter
from bot.store.failure_queries import list_failures, top_failures
from bot.store.failures import read_failures
from bot.store.migrate import upgrade

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def to(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(find_data("migrations")))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.upgrade if revision == "0001" else command.downgrade)(config, revision.removeprefix("back to "))


def insert(database: Database, table: str, **row: object) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    times = [
        bindparam(name, type_=DateTime(timezone=True)) for name, value in row.items() if isinstance(value, datetime)
    ]
    statement = text(f"insert into {table} ({names}) values ({values})").bindparams(*times)  # nosec B608 - a test's names
    with database.engine.begin() as connection:
        connection.execute(statement, row)


def run(database: Database, run_id: str, issue: int) -> None:
    facts = {"repository_id": 7, "full_name": "octo/tally", "issue": issue, "label_event": 5}
    insert(database, "run", id=run_id, **facts, request="{}", requested_at=NOW)


def entry(database: Database, run_id: str, seq: int, kind: str, outcome: str) -> None:
    times = {"started_at": NOW, "ended_at": NOW, "github_seconds": 0.0}
    said = {"step_kind": "x", "outcome_kind": kind, "step": "{}", "outcome": outcome}
    insert(database, "journal", run_id=run_id, seq=seq, **said, **times)


def failure(database: Database, run_id: str, position: int, **changes: object) -> None:
    row: Mapping[str, object] = {
        **{"seq": 2, "position": position, "step": 1, "attempt": 1, "action_item": "fix_defect", "source": "ci"},
        **{"category": "logic", "tool": "pytest", "rule": "ValueError", "fingerprint": "f", "path": "a.py"},
        **{"line": 3, "test": "t", "message": f"message {position}", "found_at": NOW},
        **changes,
    }
    insert(database, "failure", run_id=run_id, **row)


def old_database(url: str) -> Database:
    """Three runs: one ended with failures, one under way, one that was never frozen."""
    database = Database(url)
    to(database, "0001")
    for number in (1, 2, 3):
        run(database, f"7-{number}-5", number)
    for number in (1, 2):
        frozen = '{"_type": "TaskFrozen", "frozen": {"model": "anthropic:big", "protocol": "abc"}}'
        entry(database, f"7-{number}-5", 1, "TaskFrozen", frozen)
    entry(database, "7-1-5", 3, "Stopped", '{"_type": "Stopped", "reason": "stuck", "detail": "d"}')
    failure(database, "7-1-5", 0)
    failure(database, "7-1-5", 1)
    failure(database, "7-1-5", 2, tool="ruff", rule="F401", source="sandbox", category="style", fingerprint="g")
    return database


def test_failures_of_the_first_version_are_kept(database_url: str) -> None:
    database = old_database(database_url)
    upgrade(database, find_data("migrations"))
    with database.engine.begin() as connection:
        kept = read_failures(connection, RunId("7-1-5"))
        page = list_failures(connection, FailureFilter())
        top = top_failures(connection, FailureFilter())
    database.close()
    assert [each.failure.message for each in kept] == ["message 0", "message 1", "message 2"]
    assert {(each.task, each.repository, each.issue, each.model, each.protocol) for each in page.failures} == {
        ("7-1-5", "octo/tally", 1, "anthropic:big", "abc")
    }
    assert [(each.rule, each.level) for each in page.failures] == [
        ("F401", "static"),
        ("ValueError", "ci"),
        ("ValueError", "ci"),
    ]
    assert {each.found_at for each in page.failures} == {NOW}
    assert top.tasks == 2
    assert [(each.group, each.tasks, each.rate, each.failures) for each in top.groups] == [
        ("f", 1, 0.5, 2),
        ("g", 1, 0.5, 1),
    ]


def test_tasks_are_made_of_what_the_journal_says(database_url: str) -> None:
    database = old_database(database_url)
    upgrade(database, find_data("migrations"))
    with database.engine.begin() as connection:
        tasks = connection.execute(text("select id, run_id, outcome from task order by id")).all()
        distinct = connection.execute(text("select fingerprint, tool from task_failure order by fingerprint")).all()
    database.close()
    assert [tuple(row) for row in tasks] == [("7-1-5", "7-1-5", "stuck"), ("7-2-5", "7-2-5", None)]
    assert [tuple(row) for row in distinct] == [("f", "pytest"), ("g", "ruff")]


def test_the_way_back_keeps_failures_and_their_texts(database_url: str) -> None:
    database = old_database(database_url)
    upgrade(database, find_data("migrations"))
    to(database, "back to 0001")
    with database.engine.begin() as connection:
        rows = connection.execute(text("select run_id, seq, position, message from failure order by position")).all()
    assert [tuple(row) for row in rows] == [("7-1-5", 2, number, f"message {number}") for number in range(3)]
    upgrade(database, find_data("migrations"))
    database.close()
