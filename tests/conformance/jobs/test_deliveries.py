"""The inbox is taken fairly: nobody waits for somebody else's limit, and nothing is tried for ever."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import pytest_asyncio
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.github.errors import RateLimited, Suspended, Unavailable
from bot.jobs import deliveries
from bot.jobs.context import Context, Queue
from bot.jobs.deliveries import delay_after, receive_deliveries
from bot.model.errors import Final
from bot.model.event import Delivery
from bot.model.ids import DeliveryId, RepositoryId, RunId
from bot.store import inbox
from tests.conformance.jobs.desk import Clock, open_context

pytestmark = pytest.mark.asyncio(loop_scope="module")
START = datetime(2026, 5, 4, 12, tzinfo=UTC)


class Nobody:
    """A queue that nobody serves."""

    async def enqueue(self, run: RunId, repository: RepositoryId) -> None: ...

    async def wake(self, run: RunId, key: str) -> None: ...


class Desk:
    """What the handler does with the deliveries of a repository, and what it has done."""

    def __init__(self, context: Context, clock: Clock) -> None:
        self.context = context
        self.clock = clock
        self.taken: list[str] = []
        self.failing: dict[int, Exception] = {}
        self.slow: dict[int, asyncio.Event] = {}
        self.at_work: dict[int, int] = defaultdict(int)
        self.most_at_work = 0
        self.started = asyncio.Condition()

    async def handle(self, context: Context, queue: Queue, delivery: Delivery) -> str:
        assert context is self.context
        repository = json.loads(delivery.body)["repository"]["id"] if delivery.event == "push" else 0
        self.at_work[repository] += 1
        assert self.at_work[repository] == 1, "two deliveries of one repository at once"
        self.most_at_work = max(self.most_at_work, sum(self.at_work.values()))
        self.taken.append(delivery.id)
        async with self.started:
            self.started.notify_all()
        try:
            if repository in self.slow:
                await self.slow[repository].wait()
            if repository in self.failing:
                raise self.failing[repository]
        finally:
            self.at_work[repository] -= 1
        return "done"

    async def receive(self) -> int:
        return await receive_deliveries(self.context, Nobody(), self.handle)

    async def came(self, *sent: tuple[str, int, int]) -> None:
        """Deliveries (id, installation, repository) that arrive now, in this order."""
        stored = [Delivery(DeliveryId(guid), "push", _push(*place)) for guid, *place in sent]
        await self.context.database.transact(inbox.insert_many, stored, self.clock.now)

    async def outcome(self, guid: str) -> str | None:
        row = select(inbox.delivery.c.outcome).where(inbox.delivery.c.guid == guid)
        return await self.context.database.transact(lambda connection: connection.execute(row).scalar_one())

    async def waiting(self) -> int:
        return len(await self.context.database.transact(inbox.unprocessed, 10_000))


def _push(installation: int, repository: int) -> bytes:
    owner = {"login": "octo", "id": 1, "type": "Organization"}
    return json.dumps(
        {
            "ref": "refs/heads/main",
            "before": "0" * 40,
            "after": "a" * 40,
            "installation": {"id": installation},
            "repository": {"id": repository, "full_name": "octo/r", "name": "r", "owner": owner},
            "sender": {"login": "octo", "id": 1, "type": "User"},
        }
    ).encode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[tuple[Context, Clock]]:
    clock = Clock(START)
    async with open_context(tmp_path_factory.mktemp("bot"), clock) as context:
        yield context, clock


@pytest_asyncio.fixture(loop_scope="module")
async def desk(opened: tuple[Context, Clock]) -> Desk:
    context, clock = opened
    await context.database.transact(lambda connection: connection.execute(inbox.delivery.delete()))
    return Desk(context, clock)


async def test_all_that_is_due_is_dealt_with_in_the_order_of_its_repository(desk: Desk) -> None:
    sent = [(f"{number}-{repository}", 1, repository) for number in range(40) for repository in (1, 2)]
    await desk.came(*sent)
    nonsense = [Delivery(DeliveryId("odd"), "ping", b"{]")]
    await desk.context.database.transact(inbox.insert_many, nonsense, START)
    assert await desk.receive() == 81
    for repository in (1, 2):
        assert [guid for guid in desk.taken if guid.endswith(f"-{repository}")] == [
            guid for guid, _, of in sent if of == repository
        ]


async def test_a_limited_installation_keeps_nobody_waiting_and_is_asked_once(desk: Desk) -> None:
    desk.failing = dict.fromkeys((1, 2), RateLimited("GitHub asked to wait", after=timedelta(minutes=10)))
    await desk.came(*((f"limited-{number}", 1, 1 + number % 2) for number in range(30)))
    await desk.came(*((f"other-{number}", 2, 3) for number in range(30)))
    assert await desk.receive() == 30
    assert sum(guid.startswith("limited") for guid in desk.taken) <= 2
    assert await desk.outcome("limited-7") == "put off: GitHub asked to wait"
    desk.clock.now += timedelta(minutes=9)
    assert await desk.receive() == 0
    desk.clock.now += timedelta(minutes=1)
    desk.failing = {}
    assert await desk.receive() == 30
    assert await desk.waiting() == 0
    for parity in (0, 1):
        done = [guid for guid in desk.taken[-30:] if int(guid.partition("-")[2]) % 2 == parity]
        assert done == [f"limited-{number}" for number in range(30) if number % 2 == parity]


async def test_a_suspended_installation_is_quiet_until_it_is_told_otherwise(desk: Desk) -> None:
    desk.failing = dict.fromkeys((1, 2), Suspended("unsuspend the installation", after=timedelta(hours=1)))
    await desk.came(*((f"parked-{number}", 1, 1 + number % 2) for number in range(6)))
    assert await desk.receive() == 0
    assert len(desk.taken) <= 2
    desk.failing = {}
    desk.clock.now += timedelta(minutes=1)
    assert await desk.receive() == 0
    told = {"action": "unsuspend", "installation": {"id": 1}, "sender": {"login": "octo", "id": 1, "type": "User"}}
    stored = [Delivery(DeliveryId("told"), "installation", json.dumps(told).encode())]
    await desk.context.database.transact(inbox.insert_many, stored, desk.clock.now)
    assert await desk.receive() == 7


async def test_a_slow_repository_keeps_nobody_waiting_not_even_who_comes_later(desk: Desk) -> None:
    desk.slow[1] = asyncio.Event()
    await desk.came(("slow", 1, 1))
    receiving = asyncio.create_task(desk.receive())
    async with desk.started:
        await desk.started.wait_for(lambda: "slow" in desk.taken)
    await desk.came(("quick", 1, 2))
    async with asyncio.timeout(60), desk.started:
        await desk.started.wait_for(lambda: "quick" in desk.taken)
    desk.slow[1].set()
    assert await receiving == 2


async def test_repositories_side_by_side_are_bounded(desk: Desk) -> None:
    gate = asyncio.Event()
    desk.slow = dict.fromkeys(range(1, 31), gate)
    await desk.came(*((f"at-{number}", 1, number) for number in range(1, 31)))
    receiving = asyncio.create_task(desk.receive())
    async with desk.started:
        await desk.started.wait_for(lambda: len(desk.taken) == deliveries.AT_ONCE)
    gate.set()
    assert await receiving == 30
    assert desk.most_at_work == deliveries.AT_ONCE


async def test_a_call_that_is_cancelled_leaves_its_deliveries_to_the_next(desk: Desk) -> None:
    desk.slow[1] = asyncio.Event()
    await desk.came(("cut", 1, 1))
    receiving = asyncio.create_task(desk.receive())
    async with desk.started:
        await desk.started.wait_for(lambda: "cut" in desk.taken)
    receiving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await receiving
    assert desk.at_work[1] == 0, "the handler was cancelled too"
    desk.slow = {}
    assert await desk.receive() == 1


async def test_what_fails_is_tried_less_and_less_and_given_up_with_its_reason(desk: Desk) -> None:
    desk.failing[1] = Unavailable("GitHub has a bad day")
    await desk.came(("bad", 1, 1))
    began = desk.clock.now
    tried: list[float] = []
    while await desk.waiting():
        before = len(desk.taken)
        await desk.receive()
        if len(desk.taken) > before:
            tried.append((desk.clock.now - began).total_seconds())
        desk.clock.now += timedelta(seconds=5) if len(tried) < 9 else timedelta(minutes=15)
    assert tried[:6] == [0, 5, 15, 35, 75, 155]
    pauses = {later - earlier for earlier, later in pairwise(tried[9:])}
    assert pauses == {delay_after(100).total_seconds()}
    assert timedelta(days=3) < desk.clock.now - began < timedelta(days=3, hours=1)
    assert await desk.outcome("bad") == "given up after 3 days: GitHub has a bad day"


async def test_a_delivery_that_breaks_us_makes_its_repository_deaf_for_a_few_minutes_only(desk: Desk) -> None:
    await desk.came(("poison", 1, 1), ("after", 1, 1))
    poison = KeyError("a defect")
    handled = desk.handle

    async def handle(context: Context, queue: Queue, delivery: Delivery) -> str:
        if delivery.id == "poison":
            raise poison
        return await handled(context, queue, delivery)

    with capture_logs() as logged:
        for _ in range(6):
            await receive_deliveries(desk.context, Nobody(), handle)
            desk.clock.now += timedelta(minutes=2)
    assert sum(line["event"] == "delivery_crashed" for line in logged) > 1
    assert desk.taken == ["after"]
    assert await desk.outcome("poison") == "put off: a defect of this program, KeyError"


async def test_what_cannot_succeed_ends_at_once_with_its_reason(desk: Desk) -> None:
    desk.failing[1] = Final("no such repository")
    await desk.came(("hopeless", 1, 1), ("too", 1, 1))
    assert await desk.receive() == 2
    assert await desk.outcome("hopeless") == "given up: no such repository"


async def test_a_burst_of_many_repositories_is_taken_whole(desk: Desk) -> None:
    sent = [(f"{number:05}", number % 7, 100 + number % 300) for number in range(600)]
    for start in range(0, len(sent), 250):
        await desk.came(*sent[start : start + 250])
    assert await desk.receive() == len(sent)
    assert sorted(desk.taken) == [guid for guid, *_ in sent]
