"""The inbox's short way into SQLite: all of a batch or nothing of it, and the same rows as by the usual way."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.intake.webhook import WebhookSecret
from bot.model.event import Delivery
from bot.model.ids import DeliveryId
from bot.store.database import Database
from bot.store.group_commit import GroupCommit
from bot.store.inbox import delivery, insert_many
from bot.store.quick_inbox import QuickInbox
from bot.web.webhook import WebhookReceiver
from tests.bench.sender import SECRET, burst, labelled
from tests.unit.web.receiving import serving

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def sent(*guids: str) -> list[Delivery]:
    return [Delivery(DeliveryId(guid), "issues", guid.encode()) for guid in guids]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/inbox.db")
    delivery.create(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
async def quick(database: Database) -> AsyncIterator[QuickInbox]:
    opened = QuickInbox(database)
    yield opened
    opened.close()


async def rows(database: Database) -> list[tuple[object, ...]]:
    query = select(delivery).order_by(delivery.c.received_at)
    return await database.transact(lambda connection: [tuple(row)[1:] for row in connection.execute(query)])


async def test_the_rows_are_those_of_the_usual_way(database: Database, quick: QuickInbox) -> None:
    assert await quick.insert(sent("b", "a"), NOON)
    by_quick = await rows(database)
    await database.transact(lambda connection: connection.execute(delivery.delete()))
    await database.transact(insert_many, sent("b", "a"), NOON)
    assert await rows(database) == by_quick
    assert [row[2] for row in by_quick] == [b"b", b"a"]


@pytest.mark.parametrize("guids", [("b", "a", "c"), ("b", "c", "b")])
async def test_a_known_id_undoes_the_batch(database: Database, quick: QuickInbox, guids: tuple[str, ...]) -> None:
    assert await quick.insert(sent("a"), NOON)
    assert not await quick.insert(sent(*guids), NOON)
    assert len(await rows(database)) == 1
    assert await quick.insert(sent("d"), NOON)


async def test_while_another_process_writes_the_usual_way_waits(database: Database, quick: QuickInbox) -> None:
    other = sqlite3.connect(str(database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert not await quick.insert(sent("a"), NOON)
    other.execute("ROLLBACK")
    other.close()
    assert await quick.insert(sent("a"), NOON)


async def test_what_is_acknowledged_is_there_for_others_to_see(database: Database) -> None:
    """By a connection of its own, which sees what is committed and nothing else."""
    async with GroupCommit(database, lambda: NOON) as inbox:
        other = sqlite3.connect(str(database.url.database))
        for number in range(300):
            # Two of three come twice, so that both ways are taken.
            await inbox.store(sent(f"g-{number % 200}")[0])
            found = other.execute("SELECT 1 FROM delivery WHERE guid = ?", (f"g-{number % 200}",)).fetchone()
            assert found == (1,)
        other.close()


async def test_a_burst_is_acknowledged_and_kept_to_the_last(database: Database) -> None:
    async with (
        GroupCommit(database, lambda: NOON) as inbox,
        serving(WebhookReceiver(WebhookSecret(SECRET.encode()), inbox.store)) as served,
    ):
        answers = await burst(served.url, 500, 32, labelled())
    assert answers.statuses == {202: 500}
    assert len(await rows(database)) == 500
