"""One suite for both databases: tasks, tries and failures are stored once, and grouped and counted as people ask."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.jobs.housekeeping import keep_house
from bot.model.evidence import (
    ClosedTask,
    Evidence,
    FoundFailure,
    JudgedTry,
    OpenedTask,
    PlannedTask,
    PlannedUnit,
    TaskId,
)
from bot.model.failure import Category, Failure
from bot.model.ids import ActionId, Fingerprint, ItemKey
from bot.model.run import RecordedFailure
from bot.store.database import Database
from bot.store.errors import FilterInvalid, GroupingRefused
from bot.store.failure_filter import LIST_NAMES, TOP_NAMES, FailureFilter, read_filter, read_id
from bot.store.failure_groups import Remark, merge, part, split
from bot.store.failure_queries import Top, list_failures, show_failure, top_failures
from bot.store.failure_salt import read_salt
from bot.store.failures import failure_table, failure_text_table, task_failure_table, write_evidence
from bot.store.tasks import attempt_table, task_table

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
REMARK = Remark("maintainer", "the same cause", NOON)


def opened(repository: str = "octo/tally", at: datetime = NOON) -> OpenedTask:
    return OpenedTask(
        repository, 1, "anthropic:big", "p", at, {"item-1": "treated"}, "s", {"repository": repository[:4]}
    )


def judged(item: str = "1", succeeded: bool = True, action: str = "fix_defect", validated: bool = True) -> JudgedTry:
    return JudgedTry(ItemKey(item), ActionId(action), 1, "end", succeeded, validated, "sandbox", {"attempt": "1"})


def found(
    fingerprint: str = "f",
    category: Category = "logic",
    tool: str = "pytest",
    action: str = "fix_defect",
    test: str = "t",
) -> FoundFailure:
    failure = Failure("ci", category, tool, "ValueError", "it said \x00", "a.py", 3, test, Fingerprint(fingerprint))
    features = {"path": "p1", "test": test, "action_item": action}
    return FoundFailure(RecordedFailure(2, action, 1, failure), ItemKey("1"), "executor", "ci", "ValueError", features)


def task(name: str, *failures: FoundFailure, repository: str = "octo/tally", at: datetime = NOON) -> Evidence:
    tries = (judged(succeeded=not failures),)
    return Evidence(TaskId(name), 1, at, opened=opened(repository, at), tries=tries, failures=failures)


async def store(database: Database, *evidence: Evidence) -> None:
    await database.transact(write_evidence, evidence)


async def rows(database: Database, table: str) -> int:
    tables = {each.name: each for each in (task_table, attempt_table, failure_table, failure_text_table)}
    tables["task_failure"] = task_failure_table
    return await database.transact(
        lambda connection: connection.execute(select(func.count()).select_from(tables[table])).scalar_one()
    )


async def groups(database: Database, **given: str) -> dict[str, tuple[int, int]]:
    """Group -> tasks, failures."""
    top: Top = await database.transact(top_failures, read_filter(given, TOP_NAMES))
    return {each.group or each.rule or each.category: (each.tasks, each.failures) for each in top.groups}


async def listed(database: Database, **given: str) -> list[str]:
    page = await database.transact(list_failures, read_filter(given, LIST_NAMES))
    return [each.fingerprint for each in page.failures]


async def test_evidence_is_stored_once(database: Database) -> None:
    evidence = task("t1", found("f"), found("f"), found("g"))
    await store(database, evidence)
    await store(database, evidence, evidence)
    counts = {name: await rows(database, name) for name in ("task", "attempt", "failure", "failure_text")}
    assert counts == {"task": 1, "attempt": 1, "failure": 3, "failure_text": 3}
    assert await rows(database, "task_failure") == 2


async def test_a_failure_is_shown_with_its_task_and_its_text(database: Database) -> None:
    await store(database, task("t1", found()))
    (row,) = (await database.transact(list_failures, FailureFilter())).failures
    shown = await database.transact(show_failure, row.id)
    assert shown is not None
    assert shown.message == "it said \u2400"
    assert shown.failure == row
    assert (row.task, row.run, row.model, row.arms) == ("t1", None, "anthropic:big", {"item-1": "treated"})
    assert (row.found_at, row.line, row.features["path"]) == (NOON, 3, "p1")
    assert await database.transact(show_failure, 10**18 - 1) is None


async def test_lone_surrogates_become_visible(database: Database) -> None:
    odd = found()
    odd = replace(odd, recorded=replace(odd.recorded, failure=replace(odd.recorded.failure, test="a\udc80")))
    await store(database, task("t1", odd))
    (row,) = (await database.transact(list_failures, FailureFilter())).failures
    assert row.test == "a\\udc80"


async def test_a_task_is_planned_once_and_closed_once(database: Database) -> None:
    unit = PlannedUnit(ItemKey("1"), ActionId("fix_defect"), {"ancestors": ("change_code",)})
    first = PlannedTask("python", (unit,), {"planned_items": "1"})
    later = PlannedTask("go", (), {"planned_items": "9+"})
    end = ClosedTask("completed", NOON)
    await store(database, Evidence(TaskId("t1"), 1, NOON, opened=opened()))
    await store(database, Evidence(TaskId("t1"), 2, NOON, planned=first))
    await store(database, Evidence(TaskId("t1"), 3, NOON, planned=later, closed=end))
    await store(database, Evidence(TaskId("t1"), 4, NOON, closed=ClosedTask("failed", NOON)))
    await store(database, Evidence(TaskId("nobody"), 2, NOON, planned=first, closed=end))
    row = await database.transact(lambda connection: connection.execute(select(task_table)).one())
    assert (row.language, row.outcome, row.features["planned_items"]) == ("python", "completed", "1")
    assert [each["features"]["ancestors"] for each in row.planned] == [["change_code"]]


async def test_a_record_that_comes_whole_is_stored_whole(database: Database) -> None:
    plan = PlannedTask("python", (), {"planned_items": "1"})
    end = ClosedTask("completed", NOON)
    await store(database, Evidence(TaskId("t1"), 1, NOON, opened=opened(), planned=plan, closed=end))
    await store(database, Evidence(TaskId("t1"), 2, NOON, opened=opened(), closed=ClosedTask("failed", NOON)))
    row = await database.transact(lambda connection: connection.execute(select(task_table)).one())
    assert (row.language, row.outcome, row.features) == (
        "python",
        "completed",
        {"repository": "octo", "planned_items": "1"},
    )


async def test_the_first_validation_of_an_item_is_told_from_later_ones(database: Database) -> None:
    def tried(seq: int, *tries: JudgedTry, failures: Sequence[FoundFailure] = ()) -> Evidence:
        return Evidence(TaskId("t1"), seq, NOON, tries=tries, failures=tuple(failures))

    first = tried(3, judged(succeeded=False), failures=[found("f")])
    await store(database, Evidence(TaskId("t1"), 1, NOON, opened=opened()))
    await store(database, tried(2, judged(succeeded=False, validated=False)))
    await store(database, first)
    await store(database, first)
    await store(database, tried(4, judged(), judged("2"), failures=[found("g")]))
    query = select(attempt_table.c.seq, attempt_table.c.item_key, attempt_table.c.first_validation)
    kept = await database.transact(
        lambda connection: connection.execute(query.order_by(attempt_table.c.seq, attempt_table.c.position)).all()
    )
    assert [tuple(row) for row in kept] == [(2, "1", False), (3, "1", True), (4, "1", False), (4, "2", True)]
    page = await database.transact(list_failures, FailureFilter())
    assert {each.fingerprint: each.first_validation for each in page.failures} == {"f": True, "g": False}


async def test_filters_and_pages(database: Database) -> None:
    day = timedelta(days=1)
    await store(
        database,
        task("t1", found("f"), found("g", "style", "ruff")),
        task("t2", found("f", action="write_test"), repository="octo/other", at=NOON + day),
    )
    assert await listed(database) == ["f", "g", "f"]
    assert await listed(database, repository="OCTO/tally") == ["g", "f"]
    assert await listed(database, category="style") == await listed(database, tool="ruff") == ["g"]
    assert await listed(database, action_item="write_test", fingerprint="f") == ["f"]
    assert await listed(database, since="2026-01-03") == ["f"]
    assert await listed(database, until="2026-01-03T11:00:00+00:00") == ["g", "f"]
    assert await listed(database, tool="x' or '1'='1") == await listed(database, repository="octo/%") == []
    first = await database.transact(list_failures, read_filter({"limit": "2"}, LIST_NAMES))
    assert first.next == first.failures[-1].id
    assert len(await listed(database, before="9" * 18)) == 3
    second = await database.transact(list_failures, FailureFilter(limit=2, before=first.next))
    assert [each.fingerprint for each in (*first.failures, *second.failures)] == ["f", "g", "f"]
    assert second.next is None


async def test_the_top_counts_tasks_and_knows_those_that_went_well(database: Database) -> None:
    await store(
        database,
        task("t1", *[found("f")] * 5),
        task("t2", found("f"), found("g", "style", "ruff")),
        task("t3"),
        task("t4", repository="octo/other"),
    )
    top = await database.transact(top_failures, FailureFilter())
    assert [(each.group, each.tasks, each.rate, each.failures) for each in top.groups] == [
        ("f", 2, 0.5, 6),
        ("g", 1, 0.25, 1),
    ]
    assert (await database.transact(top_failures, FailureFilter(repository="octo/tally"))).groups[0].rate == 2 / 3
    assert (await database.transact(top_failures, FailureFilter(action_item="write_test"))).tasks == 0
    assert (await database.transact(top_failures, FailureFilter(action_item="fix_defect"))).tasks == 4
    assert await groups(database, by="category") == {"logic": (2, 6), "style": (1, 1)}
    assert await groups(database, by="rule", tool="pytest") == {"ValueError": (2, 6)}
    assert await groups(database, since="2026-02-01") == {}


async def test_people_merge_groups_and_take_it_back(database: Database) -> None:
    await store(database, task("t1", found("a")), task("t2", found("b")), task("t3", found("c")))
    assert await database.transact(merge, "a", "b", REMARK) == "b"
    assert await database.transact(merge, "b", "c", REMARK) == "c"
    assert await groups(database) == {"c": (3, 3)}
    assert await listed(database, fingerprint="c") == ["c", "b", "a"]
    assert await listed(database, fingerprint="a") == ["a"]
    with pytest.raises(GroupingRefused, match="one already"):
        await database.transact(merge, "a", "c", REMARK)
    with pytest.raises(GroupingRefused, match="counts as 'c'"):
        await database.transact(split, "a", "path", REMARK)
    await database.transact(part, "a")
    assert await groups(database) == {"c": (2, 2), "a": (1, 1)}
    with pytest.raises(GroupingRefused, match="neither merged nor split"):
        await database.transact(part, "a")
    for unknown in ("z", "\x00", "\udc80"):
        with pytest.raises(GroupingRefused, match="no failure has"):
            await database.transact(merge, "a", unknown, REMARK)


async def test_people_split_a_group_by_a_feature(database: Database) -> None:
    await store(
        database,
        task("t1", found("a", test="h1")),
        task("t2", found("a", test="h2")),
        task("t3", found("b", test="h2"), repository="acme/x"),
    )
    await database.transact(merge, "b", "a", REMARK)
    await database.transact(split, "a", "test", REMARK)
    assert await groups(database) == {"a/h2": (2, 2), "a/h1": (1, 1)}
    assert await listed(database, fingerprint="a/h2") == ["b", "a"]
    await database.transact(split, "a", "repository", REMARK)
    assert await groups(database) == {"a/octo": (2, 2), "a/acme": (1, 1)}
    await database.transact(part, "a")
    assert await groups(database) == {"a": (3, 3)}
    with pytest.raises(GroupingRefused, match="'message'"):
        await database.transact(split, "a", "message", REMARK)


async def test_texts_are_deleted_and_failures_stay(database: Database) -> None:
    await store(database, task("t1", found("a")), task("t2", found("b"), at=NOON + timedelta(days=1)))
    assert await keep_house(database, NOON + timedelta(hours=25), timedelta(days=1)) == 1
    newer, older = (await database.transact(list_failures, FailureFilter())).failures
    shown = [await database.transact(show_failure, each.id) for each in (newer, older)]
    assert [each and each.message for each in shown] == ["it said \u2400", None]


async def test_the_salt_is_made_once(database: Database) -> None:
    assert await database.transact(read_salt, "first") == "first"
    assert await database.transact(read_salt, "second") == "first"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"limit": "1000000"}, "1 to 200"),
        ({"limit": "0"}, "1 to 200"),
        ({"limit": "-1"}, "1 to 200"),
        ({"limit": "\u0661"}, "1 to 200"),
        ({"before": "-1"}, "no id"),
        ({"before": "9" * 30}, "no id"),
        ({"offset": "-1"}, "no filter 'offset'"),
        ({"category": "nope"}, "'nope'"),
        ({"tool": ""}, "tool=''"),
        ({"tool": "a\x00"}, "can be printed"),
        ({"tool": "a\udc80"}, "can be printed"),
        ({"tool": "x" * 400}, "can be printed"),
        ({"since": "yesterday"}, "no date"),
        ({"since": "0001-01-01T00:00:00+23:00"}, "no date"),
        ({"since": "2026-01-02", "until": "2026-01-01"}, "not before"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(FilterInvalid, match=said):
        read_filter(given, LIST_NAMES)


def test_what_cannot_be_counted_by_is_refused() -> None:
    with pytest.raises(FilterInvalid, match="'message'"):
        read_filter({"by": "message"}, TOP_NAMES)
    assert read_filter({"by": "rule", "since": "2026-01-01"}, TOP_NAMES).since == datetime(2026, 1, 1, tzinfo=UTC)
    assert read_id("id", "7") == 7
