"""Trials on both databases: each task drawn once, each place given once, and read with what followed."""

import asyncio
from dataclasses import replace

from bot.model.evidence import TaskId
from bot.model.ids import ItemKey
from bot.model.pattern import Signature
from bot.model.rollout import Arm, ItemEvent, ReplayPair
from bot.store.database import Database
from bot.store.failures import write_evidence
from bot.store.learning_state import exclude_tasks
from bot.store.rollouts import assign, read_item_events, read_pairs, read_trial, write_item_event, write_pair
from tests.conformance.store.learning import HOUR, NOON, REMARK, found, item_features, task

EVENT = ItemEvent("one", NOON, "staged", "stage", "rmo", "e_target 25 >= 20", "replay", {"e_target": 25.0})


def alternate(position: int) -> Arm:
    return "treated" if position % 2 else "control"


async def draw(database: Database, item: str, name: str, stratum: str = "s") -> tuple[str, int, str]:
    drawn = await database.transact(assign, item, TaskId(name), stratum, alternate, NOON)
    assert (drawn.item, drawn.task, drawn.assigned_at) == (item, name, NOON)
    return drawn.stratum, drawn.position, drawn.arm


async def test_a_task_is_drawn_once_into_the_next_place_of_its_stratum(database: Database) -> None:
    assert await draw(database, "one", "a") == ("s", 0, "control")
    assert await draw(database, "one", "b") == ("s", 1, "treated")
    assert await draw(database, "one", "c", "other") == ("other", 0, "control")
    assert await draw(database, "two", "b") == ("s", 0, "control")
    assert await draw(database, "one", "a", "other") == ("s", 0, "control")


async def test_workers_at_once_never_share_a_place(database: Database) -> None:
    names = [f"t{number}" for number in range(24)]
    drawn = await asyncio.gather(*(draw(database, "one", name) for name in (*names, *names)))
    assert drawn[:24] == drawn[24:]
    assert sorted(position for _, position, _ in drawn[:24]) == list(range(24))


async def test_a_trial_is_read_with_what_followed(database: Database) -> None:
    for name in ("b", "a", "never"):
        await draw(database, "one", name)
    await draw(database, "one", "c", "other")
    await database.transact(
        write_evidence, [task("a", found("2"), items=("1", "2")), task("b", outcome=""), task("c", items=())]
    )
    await database.transact(exclude_tasks, REMARK, run="b")
    other, running, ended, unknown = await database.transact(read_trial, "one")
    assert (other.assignment.task, other.assignment.stratum, other.units, other.outcome) == (
        "c",
        "other",
        (),
        "completed",
    )
    assert (running.assignment.task, running.outcome, running.closed_at, running.excluded) == ("b", None, None, True)
    assert (ended.outcome, ended.closed_at, ended.excluded) == ("completed", NOON + HOUR, False)
    assert [(unit.item, unit.action, unit.features) for unit in ended.units] == [
        (item, "fix_defect", item_features()) for item in ("1", "2")
    ]
    assert ended.features["language"] == "python"
    assert list(ended.found) == [ItemKey("2")]
    assert Signature("rule", "ruff:F821") in ended.found[ItemKey("2")]
    assert (unknown.assignment.task, unknown.units, unknown.features, unknown.outcome) == ("never", (), {}, None)
    assert await database.transact(read_trial, "two") == ()


async def test_events_are_kept_in_their_order_and_once(database: Database) -> None:
    promoted = replace(EVENT, at=NOON - HOUR, state="production", kind="promote")
    other = replace(EVENT, item="two")
    written = [await database.transact(write_item_event, each) for each in (EVENT, promoted, other, EVENT)]
    assert written == [True, True, True, False]
    assert await database.transact(read_item_events) == (EVENT, promoted, other)
    assert await database.transact(read_item_events, "one") == (EVENT, promoted)


async def test_pairs_are_kept_in_their_order_and_once(database: Database) -> None:
    pair = ReplayPair(TaskId("a"), NOON + HOUR, True, False, False, True, 1200)
    earlier = replace(pair, task=TaskId("b"), at=NOON)
    written = [await database.transact(write_pair, "one", each) for each in (pair, earlier, pair)]
    assert written == [True, True, False]
    assert await database.transact(read_pairs, "one") == (earlier, pair)
    assert await database.transact(read_pairs, "two") == ()
