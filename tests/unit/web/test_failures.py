"""The failure store over real HTTP: closed without a token, paged, and never surprised by what it is asked."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bot.catalog import find_data
from bot.model.event import Delivery
from bot.model.evidence import Evidence, FoundFailure, OpenedTask, TaskId
from bot.model.failure import Failure
from bot.model.ids import Fingerprint, ItemKey
from bot.model.run import RecordedFailure
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.failures import write_evidence
from bot.store.inbox import InboxResult
from bot.store.migrate import upgrade
from bot.web.app import create_app
from bot.web.failures import failures_api
from tests.unit.web.receiving import SECRET, serving

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
TOKEN = "a token \u00fc"
HOSTILE = "<script>alert(1)</script>\u202e \x1b[2K \x00"


def evidence(number: int) -> Evidence:
    failure = Failure("ci", "logic", "pytest", "ValueError", HOSTILE, "a.py", 1, "t", Fingerprint(f"f{number % 2}"))
    found = FoundFailure(RecordedFailure(1, "fix_defect", 1, failure), ItemKey("1"), "executor", "ci", "ValueError", {})
    opened = OpenedTask("octo/tally", number, "m", "p", NOON)
    return Evidence(TaskId(f"t{number}"), 1, NOON, opened=opened, failures=(found,))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/rmo.db")
    await asyncio.to_thread(upgrade, opened, find_data("migrations"))
    await opened.transact(write_evidence, [evidence(number) for number in range(5)])
    yield opened
    opened.close()


@asynccontextmanager
async def api(database: Database, token: str = TOKEN) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the real application that knows the token."""

    async def store(_: Delivery) -> InboxResult:
        return "stored"

    async def ping() -> None:
        return None

    app = create_app(SECRET, store, ping, failures_api(database, token))
    headers = {"authorization": f"Bearer {TOKEN}".encode()}
    async with serving(app) as served:
        base = f"http://127.0.0.1:{served.port}"
        async with httpx.AsyncClient(base_url=base, headers=headers) as client:  # pyright: ignore[reportArgumentType] - bytes for a token that is not ASCII
            yield client


async def test_pages_lead_through_all_failures(database: Database) -> None:
    async with api(database) as client:
        first = (await client.get("/api/v1/failures", params={"limit": 3})).json()
        second = (await client.get("/api/v1/failures", params={"limit": 3, "before": first["next"]})).json()
    assert [each["issue"] for each in (*first["failures"], *second["failures"])] == [4, 3, 2, 1, 0]
    assert second["next"] is None
    assert "message" not in first["failures"][0]


async def test_one_failure_is_shown_with_its_text_as_data(database: Database) -> None:
    async with api(database) as client:
        answer = await client.get("/api/v1/failures/1")
        missing = await client.get("/api/v1/failures/999999999999999999")
    assert answer.json()["message"] == HOSTILE.replace("\x00", "\u2400")
    assert answer.content.isascii()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert missing.status_code == 404
    assert "GET /api/v1/failures" in missing.json()["error"]


async def test_the_top_has_counts_and_rates(database: Database) -> None:
    async with api(database) as client:
        top = (await client.get("/api/v1/failures/top", params={"repository": "octo/tally"})).json()
    assert top["tasks"] == 5
    assert [(each["group"], each["tasks"], each["rate"]) for each in top["groups"]] == [("f0", 3, 0.6), ("f1", 2, 0.4)]


async def test_sql_in_a_filter_is_a_text_like_any_other(database: Database) -> None:
    async with api(database) as client:
        for hostile in ("' or 1=1 --", "%", "\\'; drop table failure; --", '"'):
            answer = await client.get("/api/v1/failures", params={"repository": hostile})
            assert (answer.status_code, answer.json()["failures"]) == (200, [])
        assert len((await client.get("/api/v1/failures")).json()["failures"]) == 5


@pytest.mark.parametrize(
    "query",
    [
        *("?limit=1000000", "?limit=-1", "?limit=x", "?offset=-1", "?before=-5", "?category=nope", "?since=soon"),
        *("?tool=%00", "?tool=", "?limit=1&limit=2", "?by=rule", "/top?before=3", "/top?by=message"),
        *("/-1", "/x", "/1%20or%201=1", "/1?limit=3"),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_a_reason(database: Database, query: str) -> None:
    async with api(database) as client:
        answer = await client.get(f"/api/v1/failures{query}")
    assert answer.status_code == 400
    assert "\n" not in answer.json()["error"]


@pytest.mark.parametrize("path", ["", "/top", "/1", "/-1", "?limit=-1"])
async def test_nothing_is_said_without_the_token(database: Database, path: str) -> None:
    async with api(database) as client:
        for header in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}"):
            raw = {"authorization": header.encode()}
            answer = await client.get(f"/api/v1/failures{path}", headers=raw)  # pyright: ignore[reportArgumentType] - as above
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert json.loads(answer.content).keys() == {"error"}


async def test_without_a_configured_token_the_api_is_closed(database: Database) -> None:
    async with api(database, token="") as client:
        for header in ("", "Bearer", f"Bearer {TOKEN}"):
            raw = {"authorization": header.encode()}
            answer = await client.get("/api/v1/failures", headers=raw)  # pyright: ignore[reportArgumentType] - as above
            assert answer.status_code == 403
            assert "RMO_API_TOKEN" in answer.json()["error"]


async def test_only_reading_is_possible(database: Database) -> None:
    async with api(database) as client:
        assert (await client.post("/api/v1/failures")).status_code == 405
        assert (await client.delete("/api/v1/failures/1")).status_code == 405


class Unreachable(Database):
    """A database that nobody answers for."""

    async def transact(self, *_: object, **__: object) -> object:  # pyright: ignore[reportIncompatibleMethodOverride] - whatever it is asked
        raise StoreUnavailable("the database did not answer")


async def test_a_database_out_of_reach_is_said(tmp_path: Path) -> None:
    database = Unreachable(f"sqlite:///{tmp_path}/rmo.db")
    async with api(database) as client:
        answer = await client.get("/api/v1/failures")
    database.close()
    assert (answer.status_code, answer.json()) == (503, {"error": "the database did not answer"})
