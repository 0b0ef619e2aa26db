"""The clock on both databases: every task gets one place, without gaps, in the order of assignment."""

import asyncio
from datetime import timedelta

from bot.model.evidence import TaskId
from bot.store.clock import advance_clock, read_clock
from bot.store.database import Database
from bot.store.failures import write_evidence
from tests.conformance.store.learning import HOUR, NOON, task


async def test_tasks_get_places_in_the_order_of_assignment(database: Database) -> None:
    later = task("a", at=NOON + HOUR, outcome="")
    await database.transact(write_evidence, [later, task("b"), task("c"), task("d", at=NOON + 3 * HOUR)])
    assert await database.transact(advance_clock, NOON + 3 * HOUR) == 3
    assert await database.transact(advance_clock, NOON + 3 * HOUR) == 3
    placed = await database.transact(read_clock, 0, 10)
    assert [(each.task, each.position) for each in placed] == [("b", 0), ("c", 1), ("a", 2)]
    assert [(each.assigned_at, each.closed_at) for each in placed[1:]] == [(NOON, NOON + HOUR), (NOON + HOUR, None)]


async def test_a_place_is_never_changed_and_who_comes_late_comes_later(database: Database) -> None:
    assert await database.transact(advance_clock, NOON) == 0
    await database.transact(write_evidence, [task("b", at=NOON + HOUR)])
    assert await database.transact(advance_clock, NOON + 9 * HOUR) == 1
    await database.transact(write_evidence, [task("a", at=NOON), task("c", at=NOON + 2 * HOUR)])
    assert await database.transact(advance_clock, NOON + 9 * HOUR) == 3
    assert [each.task for each in await database.transact(read_clock, 0, 3)] == ["b", "a", "c"]
    assert [each.task for each in await database.transact(read_clock, 1, 1)] == ["a"]
    assert await database.transact(read_clock, 3, 10) == ()


async def test_workers_at_once_give_every_place_once(database: Database) -> None:
    async def worker(number: int) -> None:
        for each in range(5):
            at = NOON + timedelta(seconds=each)
            await database.transact(write_evidence, [task(f"t{number}-{each}", at=at, items=())])
            await database.transact(advance_clock, NOON + HOUR)

    await asyncio.gather(*(worker(number) for number in range(6)))
    placed = await database.transact(read_clock, 0, 100)
    assert [each.position for each in placed] == list(range(30))
    assert {each.task for each in placed} == {TaskId(f"t{n}-{e}") for n in range(6) for e in range(5)}
