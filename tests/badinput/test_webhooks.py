"""WH: deliveries that lie, through the real receiver into a real inbox, and from there through the bot to a real end.

The bot stands before a GitHub on loopback with two repositories, in both of which issue 1 is labelled by somebody who
may; so whatever a delivery gets the bot to do there can be seen.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import delete, select
from structlog.testing import capture_logs

from bot.config import Settings
from bot.jobs.context import Context
from bot.jobs.deliveries import receive_deliveries
from bot.jobs.receive_event import receive_delivery
from bot.localhub import LocalHub, serve
from bot.model.errors import NeedsHuman
from bot.model.event import Delivery
from bot.model.ids import DeliveryId, RepositoryId, RunId
from bot.serving import start_web
from bot.store import journal
from bot.store.database import Database
from bot.store.group_commit import GroupCommit
from bot.store.inbox import delivery
from bot.web.webhook import BODY_BYTES, WebhookReceiver
from tests.badinput.cases import surfaces
from tests.conformance.jobs.desk import Clock, open_context
from tests.conformance.localhub.town import PERMISSIONS
from tests.unit.web.receiving import GUID, SECRET, Served, headers, serving, signature

pytestmark = pytest.mark.asyncio(loop_scope="module")
LIMIT = 2_000_000
"""Room for a body that is a hundred thousand levels deep."""
PATIENCE = 0.3
"""Seconds that a body may take; GitHub's real patience is ten."""
SHA = "0123456789abcdef0123456789abcdef01234567"
CASES = set(surfaces()["WH"].cases)


@dataclass(slots=True)
class Queue:
    """Runs that would have begun."""

    enqueued: list[RunId] = field(default_factory=list[RunId])

    async def enqueue(self, run: RunId, repository: RepositoryId) -> None:
        self.enqueued.append(run)

    async def wake(self, run: RunId, key: str) -> None: ...


@dataclass(slots=True)
class Door:
    """The receiver, the bot behind it and the GitHub that it asks."""

    hub: LocalHub
    context: Context
    served: Served
    client: httpx.AsyncClient
    shop: RepositoryId
    bank: RepositoryId
    installation: int
    queue: Queue = field(default_factory=Queue)

    def body(self, **changes: object) -> dict[str, Any]:
        """That issue 1 of the shop was labelled, as GitHub says it."""
        usual: dict[str, Any] = {
            "action": "labeled",
            "issue": {"number": 1},
            "label": {"name": "rmo"},
            "installation": {"id": self.installation},
            "repository": {"id": self.shop, "full_name": "acme/shop"},
            "sender": {"login": "maintainer", "type": "User"},
        }
        return {**usual, **changes}

    async def post(self, body: bytes, **changes: str | None) -> httpx.Response:
        return await self.client.post(self.served.url, content=body, headers=headers(body, **changes))

    async def kept(self) -> list[Delivery]:
        """What is in the inbox, whole."""
        found = select(delivery.c.guid, delivery.c.event, delivery.c.body).order_by(delivery.c.guid)
        rows = await self.context.database.transact(lambda connection: connection.execute(found).all())
        return [Delivery(DeliveryId(guid), event, body) for guid, event, body in rows]

    async def outcomes(self) -> list[str | None]:
        """What the bot made of each delivery, now that it has dealt with all."""
        await receive_deliveries(self.context, self.queue, receive_delivery)
        found = select(delivery.c.outcome).order_by(delivery.c.guid)
        return list(await self.context.database.transact(lambda connection: connection.execute(found).scalars().all()))

    async def ignored(self, body: bytes, event: str = "issues") -> str:
        """The outcome of a signed body that is acknowledged and then leads to nothing."""
        assert (await self.post(body, x_github_event=event)).status_code == 202
        (outcome,) = await self.outcomes()
        assert not await self.done()
        assert outcome is not None
        return outcome

    async def done(self) -> list[object]:
        """Runs that were opened, and what was written on GitHub by anybody but people; a token changes nothing."""
        runs = await self.context.database.transact(journal.active_runs)
        acts = [each for each in self.hub.journal.entries if each.actor != "maintainer"]
        return [*self.queue.enqueued, *runs, *(each for each in acts if not each.path.endswith("/access_tokens"))]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Door]:
    place = tmp_path_factory.mktemp("webhooks")
    hub = LocalHub(place / "hub")
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serve(hub))
        app = hub.create_app("rmo", PERMISSIONS, ("issues",), None, "unused")
        token = hub.add_user("maintainer")
        shop, bank = [await hub.create_repository("acme", name, {"a.txt": "a\n"}) for name in ("shop", "bank")]
        for repository in (shop, bank):
            hub.set_role(repository, "maintainer", "admin")
            installation = hub.install(app, repository)
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=60))
        for name in ("shop", "bank"):
            made = await client.post(
                f"{url}/repos/acme/{name}/issues",
                json={"title": "One", "labels": ["rmo"]},
                headers={"authorization": f"Bearer {token}"},
            )
            assert made.status_code == 201, made.text
        clock = Clock(datetime.now(UTC))
        context = await stack.enter_async_context(
            open_context(place / "bot", clock, url=url, app=app.id, private_key=app.private_key_pem)
        )
        inbox = await stack.enter_async_context(GroupCommit(context.database, clock))
        receiver = WebhookReceiver(SECRET, inbox.store, body_bytes=LIMIT, answer_seconds=PATIENCE)
        served = await stack.enter_async_context(serving(receiver))
        yield Door(hub, context, served, client, shop, bank, int(installation))


@pytest_asyncio.fixture(loop_scope="module")
async def door(opened: Door) -> AsyncGenerator[Door]:
    await opened.context.database.transact(lambda connection: connection.execute(delete(delivery)))
    opened.queue.enqueued.clear()
    yield opened


def named(*ids: str) -> pytest.MarkDecorator:
    """The test is the one of these cases, whose texts say what is tried."""
    assert set(ids) <= CASES
    return pytest.mark.parametrize("case", ids)


def raw(body: bytes, *extra: str, **changes: str | None) -> bytes:
    """The head of a request, as no client would send it."""
    lines = [f"{name}: {value}" for name, value in headers(body, **changes).items()]
    return "\r\n".join(["POST /webhook HTTP/1.1", "host: x", "connection: close", *lines, *extra, "", ""]).encode()


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ")[1])


REFUSED: dict[str, list[dict[str, str | None]]] = {
    "WH-1": [{"x_hub_signature_256": None}, {"x_hub_signature_256": ""}],
    "WH-2": [
        {"x_hub_signature_256": signature(b"PAYLOAD", b"another secret")},
        {"x_hub_signature_256": signature(b"")},
        {"x_hub_signature_256": "sha256=" + "0" * 64},
        {"x_hub_signature_256": "sha256="},
    ],
    "WH-3": [{"x_hub_signature_256": None, "x_hub_signature": "SHA1"}, {"x_hub_signature_256": "SHA1"}],
    "WH-4": [{"x_hub_signature_256": "COMPACT"}],
    "WH-6": [
        {"x_hub_signature_256": change}
        for change in ("UPPER", "UPPER-DIGITS", "sha256= RIGHT", "RIGHT-TAIL x", "RIGHT, RIGHT", "RIGHT,RIGHT")
    ],
    "WH-12": [
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": "text/plain"},
        {"content_type": "application/json-patch+json"},
        {"content_type": "application/json; charset=utf-16"},
        {"content_type": None},
    ],
}
STATUS = {"WH-12": 415}


def written(form: str | None, body: bytes) -> str | None:
    """A signature as the tricks above name it, made for this body."""
    if form is None:
        return None
    right = signature(body)
    sha1 = "sha1=" + hmac.new(SECRET.key, body, hashlib.sha1).hexdigest()
    compact = signature(json.dumps(json.loads(body), separators=(",", ":")).encode())
    named_forms = {"UPPER": right.upper(), "UPPER-DIGITS": "sha256=" + right[7:].upper(), "COMPACT": compact}
    return named_forms.get(form, form.replace("RIGHT-TAIL", right).replace("SHA1", sha1)).replace("RIGHT", right)


@pytest.mark.parametrize("case", REFUSED)
async def test_a_delivery_that_is_not_as_github_sends_it_is_refused(door: Door, case: str) -> None:
    body = json.dumps(door.body()).encode()
    for changes in REFUSED[case]:
        sent = {name: written(value, body) if name.startswith("x_hub") else value for name, value in changes.items()}
        answer = await door.post(body, **sent)
        assert answer.status_code == STATUS.get(case, 401), (changes, answer.text)
        assert answer.headers["connection"] == "close"
    if case == "WH-6":
        twice = raw(body, f"x-hub-signature-256: {signature(body)}", f"content-length: {len(body)}")
        assert status_of(await door.served.raw(twice + body)) == 401
    assert await door.kept() == []


@named("WH-5")
async def test_nothing_listens_without_a_secret(case: str, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/inbox.db")
    for secret in ("", " ", "\n"):
        settings = Settings().model_copy(update={"webhook_secret": SecretStr(secret), "port": 0, "home": tmp_path})
        async with AsyncExitStack() as stack:
            with pytest.raises(NeedsHuman, match="secret"):
                await start_web(stack, settings, database, None)
    database.close()


@named("WH-7")
async def test_a_delivery_that_comes_twice_is_kept_once(door: Door, case: str) -> None:
    body = json.dumps(door.body(action="opened")).encode()
    answers = await asyncio.gather(*(door.post(body) for _ in range(8)))
    assert [answer.status_code for answer in answers] == [202] * 8
    assert sorted(answer.json()["result"] for answer in answers) == ["duplicate"] * 7 + ["stored"]
    assert len(await door.kept()) == 1
    await door.outcomes()
    assert (await door.post(body)).json() == {"result": "duplicate"}, "also when it was dealt with long since"
    assert len(await door.outcomes()) == 1


@named("WH-8")
async def test_the_same_words_under_another_id_are_another_delivery(door: Door, case: str) -> None:
    body = json.dumps(door.body(action="opened")).encode()
    for guid in ("first", "second"):
        assert (await door.post(body, x_github_delivery=guid)).json() == {"result": "stored"}
    assert len(set(await door.outcomes())) == 1
    assert [each.id for each in await door.kept()] == ["first", "second"]


@named("WH-9")
async def test_an_id_that_is_taken_is_an_alarm_and_the_first_stays(door: Door, case: str) -> None:
    first = json.dumps(door.body(action="opened")).encode()
    await door.post(first)
    with capture_logs() as logs:
        assert (await door.post(json.dumps(door.body()).encode())).status_code == 409
        assert (await door.post(first, x_github_event="push")).status_code == 409
    assert [(each["event"], each["log_level"]) for each in logs] == [("delivery_id_reused", "warning")] * 2
    assert await door.kept() == [Delivery(DeliveryId(GUID), "issues", first)]


@named("WH-10")
async def test_a_body_under_the_name_of_another_event_leads_to_nothing(door: Door, case: str) -> None:
    issue, push = door.body(), door.body(ref="refs/heads/main", before=SHA, after=SHA)
    del push["issue"], push["label"], push["action"]
    sent = [("push", issue), ("check_run", issue), ("pull_request", issue), ("issues", push), ("status", push)]
    sent.append(("issues", door.body(action="edited", comment={"id": 3, "body": "/rmo stop"})))
    for number, (event, body) in enumerate(sent):
        answer = await door.post(json.dumps(body).encode(), x_github_event=event, x_github_delivery=f"g-{number}")
        assert answer.status_code == 202
    assert set(await door.outcomes()) == {"ignored: the body does not have the shape of its event"}
    assert not await door.done()


@named("WH-11")
async def test_a_body_of_the_wrong_length_is_refused_and_not_held(door: Door, case: str) -> None:
    body = json.dumps(door.body()).encode()
    pieces = b"%x\r\n%s\r\n" % (LIMIT, b"x" * LIMIT) + b"1\r\nx\r\n"
    tricks = {
        "announced beyond GitHub's limit": (raw(b"", f"content-length: {BODY_BYTES + 1_000_000}"), 413),
        "longer than the limit, and not announced": (raw(b"", "transfer-encoding: chunked") + pieces, 413),
        "never ends": (raw(body, f"content-length: {len(body)}") + body[:-1], 408),
        "shorter than announced": (raw(body, f"content-length: {len(body) + 9}") + body, 408),
        "longer than announced": (raw(body, f"content-length: {len(body) - 9}") + body, 401),
        "packed": (raw(body, "content-encoding: gzip", f"content-length: {len(body)}") + body, 415),
        "two lengths": (raw(body, f"content-length: {len(body)}", "content-length: 5") + body, 400),
        "a length and pieces": (raw(body, "content-length: 5", "transfer-encoding: chunked") + b"0\r\n\r\n", 400),
    }
    for name, (request, status) in tricks.items():
        assert status_of(await door.served.raw(request)) == status, name
    assert await door.kept() == []


def inside(door: Door, value: bytes) -> bytes:
    """A delivery that would be acted on, but for one value in it that nobody reads."""
    return json.dumps(door.body(extra="HERE")).encode().replace(b'"HERE"', value)


HOSTILE = {
    "WH-13": [b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b"[" * 100_000 + b"]" * 100_000],
    "WH-14": [b"9" * 5_000, b"-" + b"9" * 5_000],
    "WH-15": [b"NaN", b"-Infinity", b'1, "action": "closed"', b'{"a": 1, "a": 2}'],
}


@pytest.mark.parametrize("case", HOSTILE)
async def test_hostile_json_reaches_an_end_and_leads_to_nothing(door: Door, case: str) -> None:
    for number, value in enumerate(HOSTILE[case]):
        answer = await door.post(inside(door, value), x_github_delivery=f"g-{number}")
        assert answer.status_code == 202
    for outcome in await door.outcomes():
        assert outcome is not None
        assert outcome.startswith("ignored: the body is n"), outcome
    assert not await door.done()


@named("WH-16")
async def test_what_nobody_has_heard_of_leads_to_nothing(door: Door, case: str) -> None:
    unknown = [("unheard_of", "labeled"), ("issues", "obeyed"), ("issues", "x" * 1000), ("projects_v2_item", "edited")]
    for number, (event, action) in enumerate(unknown):
        body = json.dumps(door.body(action=action)).encode()
        assert (await door.post(body, x_github_event=event, x_github_delivery=f"g-{number}")).status_code == 202
    for outcome in await door.outcomes():
        assert outcome is not None
        assert outcome.startswith("ignored: "), outcome
        assert "obeyed" not in outcome
    assert not await door.done()


@named("WH-17")
async def test_an_installation_that_is_not_ours_is_given_up(door: Door, case: str) -> None:
    outcome = await door.ignored(json.dumps(door.body(installation={"id": 987_654})).encode())
    assert outcome.startswith("given up: "), outcome


@named("WH-18")
async def test_a_name_that_is_not_the_ids_gets_nothing(door: Door, case: str) -> None:
    liar = {"id": door.shop, "full_name": "acme/bank"}
    outcome = await door.ignored(json.dumps(door.body(repository=liar)).encode())
    assert outcome.startswith("given up: "), outcome


async def test_the_delivery_that_all_of_these_resemble_is_acted_on(opened: Door, door: Door) -> None:
    assert (await door.post(json.dumps(door.body()).encode())).status_code == 202
    (outcome,) = await door.outcomes()
    assert await door.done(), outcome
