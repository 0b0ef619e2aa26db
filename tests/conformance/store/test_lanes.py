"""Whose turn it is in the inbox, on both databases; and how often a lost delivery is asked for."""

from datetime import UTC, datetime, timedelta

from bot.model.event import Delivery
from bot.model.ids import DeliveryId, InstallationId, RepositoryId
from bot.store import inbox, lanes, redeliveries
from bot.store.database import Database
from bot.store.lanes import Lane, Waiting

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ONE = Lane(InstallationId(1), RepositoryId(10))
TWO = Lane(InstallationId(1), RepositoryId(20))
OTHER = Lane(InstallationId(2), RepositoryId(30))
INSTALLED = Lane(InstallationId(1), RepositoryId(0))


async def fill(database: Database, *places: tuple[str, Lane], now: datetime = NOON) -> None:
    """Deliveries that have arrived in this order, already sorted."""
    sent = [Delivery(DeliveryId(guid), "issues", guid.encode()) for guid, _ in places]
    await database.transact(inbox.insert_many, sent, now)
    await database.transact(lanes.sort, {DeliveryId(guid): lane for guid, lane in places})


async def turn(database: Database, lane: Lane, now: datetime = NOON + MINUTE) -> str | None:
    found = await database.transact(lanes.next_in, lane, now)
    assert found is None or found.delivery.body == found.delivery.id.encode()
    return None if found is None else found.delivery.id


async def due(database: Database, now: datetime = NOON + MINUTE) -> tuple[Lane, ...]:
    return await database.transact(lanes.lanes_due, now, 10)


async def put_off(database: Database, guid: str, until: datetime) -> None:
    await database.transact(lanes.put_off, DeliveryId(guid), until, "put off: it rains")


async def end(database: Database, guid: str) -> None:
    await database.transact(inbox.mark_processed, DeliveryId(guid), "done", NOON)


async def test_each_lane_is_taken_in_the_order_of_arrival(database: Database) -> None:
    await fill(database, ("z", ONE), ("b", TWO), ("a", ONE))
    assert await due(database) == (ONE, TWO)
    assert await turn(database, ONE) == "z"
    await end(database, "z")
    assert (await turn(database, ONE), await turn(database, TWO)) == ("a", "b")
    assert await due(database) == (TWO, ONE), "who has waited longest comes first"
    assert await turn(database, OTHER) is None
    assert await database.transact(lanes.lanes_due, NOON + MINUTE, 1) == (TWO,)


async def test_what_is_put_off_holds_its_own_lane_and_no_other(database: Database) -> None:
    await fill(database, ("a", ONE), ("b", ONE), ("c", TWO))
    await put_off(database, "a", NOON + 10 * MINUTE)
    assert await turn(database, ONE) is None, "the second one waits for the first"
    assert await turn(database, TWO) == "c"
    assert await due(database) == (TWO,), "a lane that waits is not looked at again"
    later = NOON + 10 * MINUTE
    assert await due(database, later) == (ONE, TWO)
    assert await database.transact(lanes.next_in, ONE, later) == Waiting(
        Delivery(DeliveryId("a"), "issues", b"a"), NOON, 1
    )


async def test_after_some_tries_a_delivery_keeps_nobody_waiting(database: Database) -> None:
    await fill(database, ("a", ONE), ("b", ONE))
    for _ in range(lanes.KEEPS_ITS_PLACE):
        await put_off(database, "a", NOON + 10 * MINUTE)
    assert await turn(database, ONE) == "b"
    await end(database, "b")
    assert await due(database) == ()
    assert await turn(database, ONE) is None
    assert await turn(database, ONE, NOON + 10 * MINUTE) == "a"


async def test_an_installation_waits_as_a_whole_and_hears_what_is_said_of_itself(database: Database) -> None:
    await fill(database, ("a", ONE), ("b", TWO), ("c", OTHER), ("d", INSTALLED))
    await database.transact(lanes.put_off_installation, ONE.installation, NOON + 5 * MINUTE, "put off: limited")
    await database.transact(
        lanes.put_off_installation, ONE.installation, NOON + 2 * MINUTE, "a shorter wait told later"
    )
    assert await due(database, NOON + 4 * MINUTE) == (OTHER, INSTALLED)
    assert await due(database, NOON + 5 * MINUTE) == (ONE, TWO, OTHER, INSTALLED)
    assert await database.transact(lanes.bring_forward, ONE.installation) == 2
    assert await due(database) == (ONE, TWO, OTHER, INSTALLED)
    waiting = await database.transact(lanes.next_in, ONE, NOON + MINUTE)
    assert waiting is not None
    assert waiting.tries == 0, "a limit is nobody's failure"


async def test_bodies_are_sorted_in_small_amounts(database: Database) -> None:
    big = [Delivery(DeliveryId(guid), "issues", b"x" * 100) for guid in "dcba"]
    await database.transact(inbox.insert_many, big, NOON)
    assert await due(database) == ()
    assert await database.transact(lanes.unsorted, 10, 250) == tuple(big[:2])
    assert await database.transact(lanes.unsorted, 3, 10_000) == tuple(big[:3])
    assert await database.transact(lanes.unsorted, 10, 1) == tuple(big[:1])
    await database.transact(lanes.sort, {each.id: ONE for each in big})
    assert await database.transact(lanes.unsorted, 10, 250) == ()


async def test_a_lost_delivery_is_asked_for_a_few_times_with_longer_and_longer_pauses(database: Database) -> None:
    await fill(database, ("here", ONE))
    lost, here = DeliveryId("lost"), DeliveryId("here")

    async def to_ask(now: datetime) -> tuple[DeliveryId, ...]:
        return await database.transact(
            redeliveries.still_to_ask, (lost, here), now, most=3, apart=timedelta(minutes=15)
        )

    asked: list[int] = []
    for minutes in range(0, 200, 5):
        now = NOON + minutes * MINUTE
        if await to_ask(now) == (lost,):
            await database.transact(redeliveries.remember_asking, lost, now)
            asked.append(minutes)
    assert asked == [0, 15, 45]
    await database.transact(redeliveries.forget_before, NOON + 46 * MINUTE)
    assert await to_ask(NOON + 200 * MINUTE) == (lost,)
