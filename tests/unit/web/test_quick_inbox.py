"""The inbox's short way into SQLite: all of a batch or nothing of it, and the same rows as by the usual way."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.intake.webhook import WebhookSecret
from bot.model.event import Delivery
from bot.model.ids import DeliveryId
from bot.store.database import Database
from bot.store.group_commit import MAX_BATCH, GroupCommit
from bot.store.inbox import delivery, insert_many
from bot.store.quick_inbox import MAX_BYTES, QuickInbox
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
    assert quick.insert(sent("b", "a"), NOON)
    by_quick = await rows(database)
    await database.transact(lambda connection: connection.execute(delivery.delete()))
    await database.transact(insert_many, sent("b", "a"), NOON)
    assert await rows(database) == by_quick
    assert [row[2] for row in by_quick] == [b"b", b"a"]


@pytest.mark.parametrize("guids", [("b", "a", "c"), ("b", "c", "b")])
async def test_a_known_id_undoes_the_batch(database: Database, quick: QuickInbox, guids: tuple[str, ...]) -> None:
    assert quick.insert(sent("a"), NOON)
    assert not quick.insert(sent(*guids), NOON)
    assert len(await rows(database)) == 1
    assert quick.insert(sent("d"), NOON)


@contextmanager
def written_elsewhere(database: Database) -> Generator[None]:
    """While another connection, as that of another process, writes."""
    other = sqlite3.connect(str(database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


class Clock:
    """Noon, and how often it was asked: once for each batch."""

    def __init__(self) -> None:
        self.batches = 0
        self.asked = asyncio.Event()

    def __call__(self) -> datetime:
        self.batches += 1
        self.asked.set()
        return NOON


@pytest.mark.parametrize("by_another_process", [True, False])
async def test_what_others_hold_is_not_waited_for(
    database: Database, quick: QuickInbox, by_another_process: bool
) -> None:
    holds, may_end = threading.Event(), threading.Event()

    def hold(_: object = None) -> bool:
        holds.set()
        return may_end.wait(10)  # ends by itself, so that whoever waits for it gets to the point of saying so

    def hold_elsewhere() -> bool:
        with written_elsewhere(database):
            return hold()

    holding = asyncio.create_task(asyncio.to_thread(hold_elsewhere) if by_another_process else database.transact(hold))
    assert await asyncio.to_thread(holds.wait, 10)
    assert not quick.insert(sent("a"), NOON)
    may_end.set()
    assert await holding
    assert quick.insert(sent("a"), NOON)


async def test_a_body_that_takes_long_to_write_goes_through_a_thread(database: Database, quick: QuickInbox) -> None:
    large = Delivery(DeliveryId("large"), "push", b"x" * (MAX_BYTES + 1))
    assert not quick.insert([large], NOON)
    async with GroupCommit(database, lambda: NOON) as inbox:
        assert await inbox.store(large) == "stored"
        assert await inbox.store(large) == "duplicate"


async def test_while_another_process_writes_deliveries_wait_in_their_order_and_the_loop_does_not(
    database: Database,
) -> None:
    clock = Clock()
    async with GroupCommit(database, clock) as inbox:
        with written_elsewhere(database):
            waiting = [asyncio.create_task(inbox.store(each)) for each in sent("c", "a", "b")]
            await clock.asked.wait()
            given_up = waiting.pop(0)
            given_up.cancel()
            assert not any(each.done() for each in waiting)
        assert await asyncio.gather(*waiting) == ["stored", "stored"]
        # Who gave up after the batch was taken is kept all the same, and hears so when it is sent again.
        assert await inbox.store(sent("c")[0]) == "duplicate"
    assert given_up.cancelled()
    assert [row[2] for row in await rows(database)] == [b"c", b"a", b"b"]


async def test_who_gives_up_before_a_batch_is_taken_is_not_in_it(database: Database) -> None:
    clock = Clock()
    async with GroupCommit(database, clock) as inbox:
        with written_elsewhere(database):
            first = asyncio.create_task(inbox.store(sent("a")[0]))
            await clock.asked.wait()
            late, kept = (asyncio.create_task(inbox.store(each)) for each in sent("b", "c"))
            await asyncio.sleep(0)  # lets the tasks reach the queue
            late.cancel()
        assert await asyncio.gather(first, kept) == ["stored", "stored"]
    assert [row[2] for row in await rows(database)] == [b"a", b"c"]


async def test_what_comes_round_after_round_shares_a_batch(database: Database) -> None:
    clock = Clock()

    async def after(rounds: int, inbox: GroupCommit) -> str:
        for _ in range(rounds):
            await asyncio.sleep(0)
        return await inbox.store(sent(f"{rounds:02}")[0])

    async with GroupCommit(database, clock) as inbox:
        assert await asyncio.gather(*(after(rounds, inbox) for rounds in range(20))) == ["stored"] * 20
        assert clock.batches == 1
        await inbox.store(sent("alone")[0])
        assert clock.batches == 2


@pytest.mark.parametrize(
    ("number", "size", "batches"),
    [(2 * MAX_BATCH, 1, 2), (2 * MAX_BATCH + 1, 1, 3), (4, MAX_BYTES // 2, 2), (2, MAX_BYTES, 2)],
)
async def test_a_batch_is_bounded(database: Database, number: int, size: int, batches: int) -> None:
    clock = Clock()
    async with GroupCommit(database, clock) as inbox:
        each = (Delivery(DeliveryId(str(place)), "push", b"x" * size) for place in range(number))
        assert await asyncio.gather(*(inbox.store(delivery) for delivery in each)) == ["stored"] * number
    assert clock.batches == batches


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
