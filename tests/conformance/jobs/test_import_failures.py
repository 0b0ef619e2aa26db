"""Histories of other systems, imported into both real databases."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from bot.jobs.import_failures import WINDOW, FileUnusable, ImportReport, import_failures
from bot.model.ids import ActionId
from bot.store.database import Database
from bot.store.failures import failure_table
from bot.store.imports import ImportedCounts
from bot.store.tasks import attempt_table, task_table

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
NOTHING = ImportedCounts(0, 0, 0)


def line(number: int, *, passed: bool = False, **fields: object) -> bytes:
    known = {"source": "runs", "task_id": f"task-{number}", "model": "m", "attempt": 1, "passed": passed}
    error: dict[str, object] = {} if passed else {"error_type": "KeyError", "error_text": f"KeyError: {number}"}
    return json.dumps({**known, **error, **fields}).encode() + b"\n"


async def imported(path: Path, database: Database) -> ImportReport:
    return await import_failures(path, database, now=lambda: NOON, action=ActionId("fix_defect"))


async def test_attempts_and_failures_are_stored_and_a_second_time_nothing(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    lines = [line(n // 2, passed=n % 2 == 1) for n in range(1300)]
    path.write_bytes(b"".join(lines))
    heard: list[int] = []
    first = await import_failures(path, database, now=lambda: NOON, progress=heard.append)
    assert (first.records, first.passed, first.failed, first.bad) == (1300, 650, 650, 0)
    assert first.added == ImportedCounts(tasks=650, tries=1300, failures=650)
    assert heard == [500, 1000, 1300]
    assert (await imported(path, database)).added == NOTHING
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert (await imported(packed, database)).added == NOTHING
    path.write_bytes(b"".join([*lines, line(9_999)]))
    assert (await imported(path, database)).added == ImportedCounts(1, 1, 1)


async def test_the_order_of_the_records_is_kept(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"".join(line(1, attempt=number, passed=number == 4) for number in (3, 1, 4, 2)))
    await imported(path, database)

    def read(connection: Connection) -> tuple[list[int], list[tuple[object, ...]]]:
        tries = connection.execute(select(attempt_table.c.attempt).order_by(attempt_table.c.at)).scalars()
        found = connection.execute(select(failure_table.c.action_item, failure_table.c.rule).distinct())
        return list(tries), [tuple(row) for row in found]

    assert await database.transact(read) == ([3, 1, 4, 2], [("fix_defect", "KeyError")])
    outcome = await database.transact(lambda connection: connection.execute(select(task_table.c.outcome)).scalar_one())
    assert outcome == "completed"


async def test_equal_records_are_as_many_as_they_are(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(line(1) * 3 + line(2))
    assert (await imported(path, database)).added == ImportedCounts(tasks=2, tries=4, failures=4)
    assert (await imported(path, database)).added == NOTHING


async def test_bad_lines_are_told_and_the_good_ones_stay(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    endless = b"{" + b" " * 3_000_000 + b"\n"
    path.write_bytes(line(1) + b"nonsense\n" + b"\n" + endless + line(2) + b'{"passed": 1}')
    report = await imported(path, database)
    assert (report.records, report.bad, report.added.tries) == (2, 3, 2)
    assert [bad.number for bad in report.bad_lines] == [2, 4, 6]
    path.write_bytes(b"x\n" * 50)
    many = await imported(path, database)
    assert (many.bad, len(many.bad_lines)) == (50, 20)


async def test_a_damaged_file_is_read_as_far_as_it_goes(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl.gz"
    whole = gzip.compress(b"".join(line(number) for number in range(2000)))
    path.write_bytes(whole[: len(whole) // 2])
    report = await imported(path, database)
    assert 0 < report.records < 2000
    assert report.bad == 1
    assert report.bad_lines[0].number == report.records + 1


async def test_only_so_many_records_are_remembered(database: Database, tmp_path: Path) -> None:
    """What keeps the memory flat: an equal record that comes much later counts as the same one."""
    path = tmp_path / "history.jsonl"
    others = b"".join(b'{"source": "s", "task_id": "%d", "passed": true}\n' % number for number in range(WINDOW))
    path.write_bytes(line(1) + others + line(1))
    assert (await imported(path, database)).added.failures == 1


async def test_a_file_that_is_not_there(database: Database, tmp_path: Path) -> None:
    with pytest.raises(FileUnusable, match="can't be read"):
        await imported(tmp_path / "none.jsonl", database)
