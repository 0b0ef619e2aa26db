"""Decisions about learning as a whole, versions of the catalogue, and turns, on both databases."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.store.catalogues import StoredCatalogue, current_catalogue, keep_catalogue, read_catalogue, write_catalogue
from bot.store.database import Database
from bot.store.failure_filter import FailureFilter
from bot.store.failure_queries import list_failures
from bot.store.failures import write_evidence
from bot.store.journal import open_run
from bot.store.learning_state import (
    LearningEvent,
    exclude_tasks,
    read_learning,
    reset_learning,
    write_learning_event,
)
from bot.store.patterns import list_patterns, write_pattern_event, write_registrations
from bot.store.turns import finish_turn, take_turn
from tests.conformance.store.learning import HOUR, NOON, REMARK, found, registration, task
from tests.unit.loop.story import REQUEST


async def test_learning_is_on_until_somebody_switches_it_off(database: Database) -> None:
    before = await database.transact(read_learning)
    assert (before.on, before.reset_at, before.last, before.excluded) == (True, None, None, 0)
    off = LearningEvent("off", replace(REMARK, note="a bad day\x00"))
    await database.transact(write_learning_event, off)
    state = await database.transact(read_learning)
    assert (state.on, state.last) == (False, LearningEvent("off", replace(REMARK, note="a bad day\u2400")))
    await database.transact(write_learning_event, LearningEvent("reset", replace(REMARK, at=NOON + HOUR)))
    assert not (await database.transact(read_learning)).on
    await database.transact(write_learning_event, LearningEvent("on", replace(REMARK, at=NOON + 2 * HOUR)))
    state = await database.transact(read_learning)
    assert (state.on, state.reset_at) == (True, NOON + HOUR)


async def test_a_reset_gives_up_what_is_watched_and_keeps_every_failure(database: Database) -> None:
    watched, proposed = registration(), registration("ruff:B006")
    await database.transact(write_evidence, [task("a", found("1"))])
    await database.transact(write_registrations, [watched, proposed])
    pattern = (await database.transact(list_patterns, "watched"))[0].events[0]
    await database.transact(write_pattern_event, replace(pattern, pattern=proposed.id, act="proposed", at=NOON + HOUR))
    assert await database.transact(reset_learning, replace(REMARK, at=NOON + 2 * HOUR)) == 1
    assert {each.registration.id: each.status for each in await database.transact(list_patterns)} == {
        watched.id: "deleted",
        proposed.id: "proposed",
    }
    assert (await database.transact(read_learning)).reset_at == NOON + 2 * HOUR
    assert len((await database.transact(list_failures, FailureFilter())).failures) == 1


async def test_nothing_is_learned_from_tasks_that_a_person_named(database: Database) -> None:
    await database.transact(open_run, REQUEST)
    own = replace(task(REQUEST.run_id), run=REQUEST.run_id)
    await database.transact(write_evidence, [own, task("b", at=NOON + HOUR), task("c", at=NOON + 2 * HOUR)])

    async def excluded(actor: str | None = None, run: str | None = None, since: datetime | None = None) -> int:
        return await database.transact(exclude_tasks, REMARK, actor=actor, run=run, since=since)

    assert await excluded(actor="nobody") == await excluded(run="missing") == 0
    assert await excluded(actor=REQUEST.label.actor, since=NOON + HOUR) == 0
    assert await excluded(actor=REQUEST.label.actor.upper()) == 1
    assert await excluded(actor=REQUEST.label.actor) == 0
    assert await excluded(run="b") == 1
    assert await excluded(since=NOON + HOUR) == 1
    assert (await database.transact(read_learning)).excluded == 3
    with pytest.raises(ValueError, match="no task is named"):
        await excluded()


async def test_every_version_of_the_catalogue_is_kept(database: Database) -> None:
    assert await database.transact(current_catalogue) is None
    assert await database.transact(read_catalogue, "d1") is None
    await database.transact(write_catalogue, "d1", {"a.yaml": "one"}, "sha1", NOON)
    await database.transact(write_catalogue, "d2", {"a.yaml": "two"}, "sha2", NOON + HOUR)
    await database.transact(keep_catalogue, "d3", {"a.yaml": "three"}, NOON)
    assert await database.transact(read_catalogue, "d1") == {"a.yaml": "one"}
    assert await database.transact(read_catalogue, "d3") == {"a.yaml": "three"}
    current = await database.transact(current_catalogue)
    assert current == StoredCatalogue("d2", {"a.yaml": "two"}, "sha2", NOON + HOUR)
    await database.transact(write_catalogue, "d1", {"a.yaml": "changed"}, "sha3", NOON + 2 * HOUR)
    assert await database.transact(current_catalogue) == StoredCatalogue(
        "d1", {"a.yaml": "one"}, "sha3", NOON + 2 * HOUR
    )


async def test_a_turn_is_one_worker_s_and_comes_again(database: Database) -> None:
    lease = timedelta(minutes=10)

    async def take(hours: float, job: str = "mine") -> bool:
        return await database.transact(take_turn, job, NOON + hours * HOUR, 24 * HOUR, lease)

    assert sum(await asyncio.gather(*(take(0) for _ in range(8)))) == 1
    assert not await take(0.1)
    assert await take(0, "other")
    await database.transact(finish_turn, "mine")
    assert not await take(23.9)
    assert await take(24)
    assert await take(24.2), "its worker has died"
    await database.transact(finish_turn, "mine")
    await database.transact(finish_turn, "mine")
    assert not await take(48.1)
    assert await take(48.2)
    await database.transact(finish_turn, "nothing")
