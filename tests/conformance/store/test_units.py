"""Units on both databases: first validations with their context and signatures, none lost and none twice."""

import asyncio
import hashlib
import threading
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, text

from bot.model.evidence import Evidence, TaskId
from bot.model.ids import ItemKey
from bot.model.pattern import Signature, Unit
from bot.store.clock import advance_clock
from bot.store.database import Database
from bot.store.failure_groups import merge, split
from bot.store.failures import write_evidence
from bot.store.learning_state import LearningEvent, exclude_tasks, write_learning_event
from bot.store.units import read_units, read_units_after
from tests.conformance.store.learning import HOUR, NAMES, NOON, REMARK, found, item_features, judged, planned, task


async def store(database: Database, *evidence: Evidence) -> None:
    await database.transact(write_evidence, evidence)
    await database.transact(advance_clock, NOON + 100 * HOUR)


async def paged(database: Database, limit: int = 2) -> tuple[Unit, ...]:
    units: tuple[Unit, ...] = ()
    cursor = 0
    while True:
        page = await database.transact(read_units_after, cursor, limit, NAMES)
        if page.cursor == cursor:
            return units
        units, cursor = (*units, *page.units), page.cursor


def named(units: Sequence[Unit]) -> list[tuple[str, str]]:
    return [(each.task, each.item) for each in units]


async def test_a_unit_is_a_planned_item_at_its_first_validation(database: Database) -> None:
    failures = (found("1"), found("1"), found("2", "g", category="logic", tool="pytest", rule="", exception="KeyError"))
    await store(database, task("a", *failures, items=("1", "2", "3"), labeller="who"))
    one, two, three = await database.transact(read_units, [TaskId("a"), TaskId("a"), TaskId("nobody")], NAMES)
    assert (one.task, one.item, one.assigned_at, one.position, one.labeller) == ("a", "1", NOON, 0, "who")
    assert one.context == {
        **{"repository": "hash", "model": "big", "language": "python", "planned_items": "3"},
        **item_features(),
    }
    assert one.signatures == {
        Signature("category", "style"),
        Signature("rule", "ruff:F821"),
        Signature("fingerprint", "f"),
    }
    assert two.signatures == {
        Signature("category", "logic"),
        Signature("exception", "KeyError"),
        Signature("fingerprint", "g"),
    }
    assert three.signatures == frozenset()
    assert one.cluster == hashlib.sha256(b"hash#1").hexdigest()[:16]


async def test_the_context_has_only_the_names_that_were_asked_for(database: Database) -> None:
    await store(database, task("a"))
    (unit,) = await database.transact(read_units, [TaskId("a")], frozenset({"model"}))
    assert unit.context == {"model": "big"}


async def test_later_validations_and_items_of_later_plans_are_no_units(database: Database) -> None:
    await store(
        database,
        task("a", found("1"), outcome=""),
        Evidence(TaskId("a"), 2, NOON, tries=(judged("1"),), failures=(found("1", "later"),)),
        Evidence(TaskId("a"), 3, NOON, planned=planned("9"), tries=(judged("9"),), failures=(found("9"),)),
        task("b"),
    )
    units = await paged(database, 1)
    assert named(units) == [("a", "1"), ("b", "1")]
    assert Signature("fingerprint", "later") not in units[0].signatures


async def test_where_no_plan_names_an_item_the_try_says_the_context(database: Database) -> None:
    alone = judged(model="small")
    bare = replace(alone, features={"model": "small", "attempt": "1"})
    plan = replace(judged("", "plan_work", succeeded=False), features={"model": "small", "action_item": "plan_work"})
    failed = found("", category="format", tool="model", rule="unreadable")
    await store(
        database,
        task("import:1", items=(), tries=[bare], issue=None),
        task("own", failed, items=("1",), tries=[plan, judged("1")], issue=None),
    )
    imported, planning, item = await paged(database)
    assert imported.context == {"model": "small", "action_item": "fix_defect"}
    assert (planning.item, planning.context) == ("", {"model": "small", "action_item": "plan_work"})
    assert Signature("rule", "model:unreadable") in planning.signatures
    assert item.context["planned_items"] == "1"
    assert imported.cluster != planning.cluster == item.cluster


async def test_people_s_groups_count(database: Database) -> None:
    await store(database, task("a", found("1", "f")), task("b", found("1", "g")), task("c", found("1", "h", path="p")))
    await database.transact(merge, "f", "g", REMARK)
    await database.transact(split, "h", "path", REMARK)
    values = [
        next(each.value for each in unit.signatures if each.level == "fingerprint") for unit in await paged(database)
    ]
    assert values == ["g", "g", "h/p"]


async def test_nothing_of_a_text_is_read(database: Database) -> None:
    await store(database, task("a", found("1")))
    assert "hostile" not in repr(await paged(database))
    assert "CANARY" not in repr(await paged(database))


async def test_excluded_tasks_and_those_before_a_reset_are_left_out(database: Database) -> None:
    await store(database, task("old"), task("a", at=NOON + HOUR), task("b", at=NOON + 2 * HOUR))
    await database.transact(exclude_tasks, REMARK, run="b")
    assert named(await paged(database, 1)) == [("old", "1"), ("a", "1")]
    await database.transact(write_learning_event, LearningEvent("reset", replace(REMARK, at=NOON + HOUR)))
    assert named(await paged(database, 1)) == [("a", "1")]
    assert named(await database.transact(read_units, [TaskId("old"), TaskId("a"), TaskId("b")], NAMES)) == [("a", "1")]


async def test_a_page_ends_before_the_first_task_without_a_place(database: Database) -> None:
    await store(database, task("a"))
    await database.transact(write_evidence, [task("b"), task("c", at=NOON - HOUR)])
    await database.transact(advance_clock, NOON)
    assert named(await paged(database, 10)) == [("a", "1")]
    assert named(await database.transact(read_units, [TaskId("b"), TaskId("c")], NAMES)) == [("c", "1")]
    await database.transact(advance_clock, NOON + HOUR)
    assert named(await paged(database, 10)) == [("a", "1"), ("b", "1"), ("c", "1")]


async def test_a_task_that_is_committed_late_is_not_passed_over(database: Database) -> None:
    """Its ids are given before those of a task that is committed earlier."""
    written, committing = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        write_evidence(connection, [task("slow")])
        written.set()
        committing.wait(2)

    alone = database.engine.dialect.name == "sqlite"
    late = asyncio.create_task(database.transact(slow))
    await asyncio.to_thread(written.wait)
    if alone:  # nobody writes or reads beside a writer
        committing.set()
    await database.transact(write_evidence, [task("quick")])
    await database.transact(advance_clock, NOON + HOUR)
    reading = asyncio.create_task(database.transact(read_units_after, 0, 10, NAMES))
    if not alone:
        await _waits_for_a_lock(database)
        committing.set()
    await late
    page = await reading
    seen = list(named(page.units))
    await database.transact(advance_clock, NOON + HOUR)
    rest = await database.transact(read_units_after, page.cursor, 10, NAMES)
    assert sorted(seen + named(rest.units)) == [("quick", "1"), ("slow", "1")]


async def _waits_for_a_lock(database: Database) -> None:
    def waits(connection: Connection) -> bool:
        return connection.execute(text("select count(*) from pg_locks where not granted")).scalar_one() > 0

    for _ in range(2_000):
        if await database.transact(waits):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the reader waits for nobody")


async def test_an_item_key_is_matched_whole(database: Database) -> None:
    await store(database, task("a", items=("1", "11"), tries=[judged("11")]))
    (unit,) = await paged(database)
    assert unit.item == ItemKey("11")
