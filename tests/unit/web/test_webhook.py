"""The receiver over real HTTP: what is acknowledged is stored, and everything else is refused for a reason."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bot.intake.webhook import WebhookSecret
from bot.model.event import Delivery
from bot.model.ids import DeliveryId
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.group_commit import GroupCommit
from bot.store.inbox import InboxResult, delivery, unprocessed
from bot.web.webhook import Receive, Scope, Send, Store, WebhookReceiver, in_front_of
from tests.unit.web.receiving import GUID, SECRET, Served, headers, serving, signature

BODY = b'{"action": "labeled"}'
LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Receiver:
    """A served receiver, its database, and a client."""

    served: Served
    database: Database
    client: httpx.AsyncClient

    async def post(self, body: bytes = BODY, **changes: str | None) -> httpx.Response:
        return await self.client.post(self.served.url, content=body, headers=headers(body, **changes))

    async def kept(self) -> tuple[Delivery, ...]:
        return await self.database.transact(unprocessed, 1000)


@pytest.fixture
async def receiver(tmp_path: Path) -> AsyncIterator[Receiver]:
    database = Database(f"sqlite:///{tmp_path}/inbox.db")
    delivery.create(database.engine)
    async with (
        GroupCommit(database, lambda: datetime(2026, 5, 4, tzinfo=UTC)) as inbox,
        serving(WebhookReceiver(SECRET, inbox.store, body_bytes=LIMIT, buffered_bytes=3 * LIMIT)) as served,
        httpx.AsyncClient() as client,
    ):
        yield Receiver(served, database, client)
    database.close()


async def test_a_delivery_is_stored_as_it_came_before_it_is_acknowledged(receiver: Receiver) -> None:
    answer = await receiver.post()
    assert (answer.status_code, answer.json()) == (202, {"result": "stored"})
    assert await receiver.kept() == (Delivery(DeliveryId(GUID), "issues", BODY),)


async def test_a_redelivery_is_acknowledged_and_kept_once(receiver: Receiver) -> None:
    await receiver.post()
    answer = await receiver.post()
    assert (answer.status_code, answer.json()) == (202, {"result": "duplicate"})
    assert len(await receiver.kept()) == 1


async def test_the_same_body_with_another_id_is_another_delivery(receiver: Receiver) -> None:
    await receiver.post()
    assert (await receiver.post(x_github_delivery="another")).json() == {"result": "stored"}
    assert len(await receiver.kept()) == 2


async def test_the_same_id_with_another_body_is_a_conflict(receiver: Receiver) -> None:
    await receiver.post()
    answer = await receiver.post(b'{"action": "closed"}')
    assert answer.status_code == 409
    assert await receiver.kept() == (Delivery(DeliveryId(GUID), "issues", BODY),)


async def test_many_at_once_are_all_stored(receiver: Receiver) -> None:
    answers = await asyncio.gather(*(receiver.post(x_github_delivery=f"guid-{number}") for number in range(60)))
    assert {answer.status_code for answer in answers} == {202}
    assert len(await receiver.kept()) == 60


async def test_a_body_is_not_parsed(receiver: Receiver) -> None:
    assert (await receiver.post(b"[" * LIMIT)).status_code == 202


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"x_hub_signature_256": None}, 401, id="WH-1"),
        pytest.param({"x_hub_signature_256": signature(BODY, b"wrong")}, 401, id="WH-2"),
        pytest.param({"x_hub_signature_256": None, "x_hub_signature": "sha1=" + "0" * 40}, 401, id="WH-3"),
        pytest.param({"x_hub_signature_256": signature(b'{"action":"labeled"}')}, 401, id="WH-4"),
        pytest.param({"x_hub_signature_256": signature(BODY).upper()}, 401, id="WH-6-upper-case"),
        pytest.param({"x_github_delivery": None}, 400, id="no-guid"),
        pytest.param({"x_github_delivery": "a b"}, 400, id="guid-with-space"),
        pytest.param({"x_github_delivery": "x" * 65}, 400, id="guid-too-long"),
        pytest.param({"x_github_event": None}, 400, id="no-event"),
        pytest.param({"x_github_event": "../issues"}, 400, id="no-event-name"),
        pytest.param({"content_type": "application/x-www-form-urlencoded"}, 415, id="WH-12"),
        pytest.param({"content_type": "text/plain"}, 415, id="WH-11-content-type"),
        pytest.param({"content_type": None}, 415, id="no-content-type"),
        pytest.param({"content_encoding": "gzip"}, 415, id="WH-11-encoded"),
    ],
)
async def test_what_is_refused(receiver: Receiver, changes: dict[str, str | None], status: int) -> None:
    answer = await receiver.post(BODY, **changes)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert answer.headers["connection"] == "close"
    assert await receiver.kept() == ()


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
async def test_json_by_any_of_its_names(receiver: Receiver, content_type: str) -> None:
    assert (await receiver.post(content_type=content_type)).status_code == 202


async def test_a_gzip_bomb_is_never_unpacked(receiver: Receiver) -> None:
    bomb = gzip.compress(b"0" * 100_000)
    assert (await receiver.post(bomb, content_encoding="gzip")).status_code == 415


async def test_only_post(receiver: Receiver) -> None:
    assert (await receiver.client.get(receiver.served.url)).status_code == 405


def request(body: bytes, *extra: str, **changes: str | None) -> bytes:
    lines = [f"{name}: {value}" for name, value in headers(body, **changes).items()]
    return "\r\n".join(["POST /webhook HTTP/1.1", "host: x", "connection: close", *lines, *extra, "", ""]).encode()


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        pytest.param(f"x-hub-signature-256: {signature(BODY)}", b"401", id="WH-6-two-signatures"),
        pytest.param(f"x-github-delivery: {GUID}", b"400", id="two-guids"),
        pytest.param("x-github-event: push", b"400", id="two-events"),
        pytest.param("content-type: application/json", b"415", id="two-types"),
    ],
)
async def test_a_header_that_comes_twice_is_refused(receiver: Receiver, extra: str, status: bytes) -> None:
    answer = await receiver.served.raw(request(BODY, extra, f"content-length: {len(BODY)}") + BODY)
    assert answer.split(b" ")[1] == status
    assert await receiver.kept() == ()


async def test_an_announced_length_beyond_the_limit_is_refused_unread(receiver: Receiver) -> None:
    answer = await receiver.served.raw(request(b"", f"content-length: {LIMIT + 1}"))
    assert answer.split(b" ")[1] == b"413"


async def test_a_body_of_unknown_length_is_refused_at_the_limit(receiver: Receiver) -> None:
    chunk = b"%x\r\n%s\r\n" % (LIMIT // 2, b"x" * (LIMIT // 2))
    answer = await receiver.served.raw(request(b"", "transfer-encoding: chunked") + 3 * chunk)
    assert answer.split(b" ")[1] == b"413"


async def test_a_body_at_the_limit_is_stored(receiver: Receiver) -> None:
    body = json.dumps({"text": "x" * (LIMIT - 12)}).encode()
    assert len(body) == LIMIT
    assert (await receiver.post(body)).status_code == 202


async def never(delivery: Delivery) -> InboxResult:
    """A store that does not answer."""
    await asyncio.Event().wait()
    return "stored"


async def full(delivery: Delivery) -> InboxResult:
    raise StoreUnavailable("the disk is full: make room")


async def test_a_body_that_does_not_arrive_is_given_up() -> None:
    async with serving(WebhookReceiver(SECRET, never, answer_seconds=0.05)) as served:
        answer = await served.raw(request(BODY, f"content-length: {len(BODY)}") + BODY[:5])
        assert answer.split(b" ")[1] == b"408"


@pytest.mark.parametrize("store", [never, full])
async def test_what_is_not_stored_in_time_is_not_acknowledged(store: Store) -> None:
    async with serving(WebhookReceiver(SECRET, store, answer_seconds=0.05)) as served, httpx.AsyncClient() as client:
        answer = await client.post(served.url, content=BODY, headers=headers(BODY))
        assert answer.status_code == 503
        assert "disk" not in answer.text


async def test_unfinished_bodies_share_one_buffer_and_give_it_back(receiver: Receiver) -> None:
    body = b"x" * LIMIT
    start = request(body, f"content-length: {LIMIT}")
    held = [await asyncio.open_connection("127.0.0.1", receiver.served.port) for _ in range(3)]
    for _, writer in held:
        writer.write(start + body[:-1])
        await writer.drain()
    async with asyncio.timeout(20):
        while (await receiver.post(b"y" * 500, x_github_delivery="probe")).status_code != 503:
            pass
    for reader, writer in held:
        writer.close()
        await writer.wait_closed()
        assert await reader.read() == b""
    async with asyncio.timeout(20):
        while (await receiver.post(x_github_delivery="after")).status_code != 202:
            pass


async def test_everything_else_goes_to_the_application_behind() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    front = in_front_of(application, WebhookReceiver(SECRET, never))
    async with serving(front) as served, httpx.AsyncClient() as client:
        behind = await client.get(f"http://127.0.0.1:{served.port}/webhook/other")
        assert (behind.status_code, behind.text) == (418, "/webhook/other")
        assert (await client.get(served.url)).status_code == 405


def test_a_receiver_needs_a_secret() -> None:
    with pytest.raises(Exception, match="empty"):
        WebhookReceiver(WebhookSecret(b""), never)
