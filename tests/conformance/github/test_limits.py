"""GitHub's limits are obeyed to the second, by one installation at a time, and nobody sleeps for it in a worker.

The clock only moves when a test moves it, so a wait that took place in a worker would show in it.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.github.client import Client
from bot.github.comments import create_comment
from bot.github.errors import RateLimited
from bot.github.pace import LONGEST_DOUBLED
from bot.github.repositories import read_file
from bot.model.ids import InstallationId, IssueNumber, RepositoryId
from tests.conformance.github.conftest import Clock, Start
from tests.conformance.github.scripted import Answer, Request, Scripted, said

NEIGHBOUR = InstallationId(8)
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
DATE = format_datetime(NOW, usegmt=True)
SECONDARY = {"message": "You have exceeded a secondary rate limit."}
PRIMARY = {"message": "API rate limit exceeded for installation ID 7."}


def primary(reset: datetime) -> Answer:
    stamp = str(int(reset.timestamp()))
    return said(PRIMARY, 403, date=DATE, x_ratelimit_remaining="0", x_ratelimit_reset=stamp)


LIMITS: dict[str, tuple[Answer, int]] = {
    "secondary with retry-after": (said(SECONDARY, 403, retry_after="90"), 90),
    "429 with retry-after": (said(SECONDARY, 429, retry_after="7"), 7),
    "secondary by its words alone": (said(SECONDARY, 403), 60),
    "primary": (primary(NOW + timedelta(minutes=40)), 2_400),
    "primary whose reset is in the past": (primary(NOW - timedelta(minutes=5)), 1),
    "primary with retry-after too": (
        said(PRIMARY, 429, date=DATE, retry_after="30", x_ratelimit_remaining="0", x_ratelimit_reset="1"),
        30,
    ),
}


def of_octo(limit: Callable[[], Answer | None]) -> Callable[[Request], Answer]:
    """A GitHub that limits one account: tokens for its neighbour, nothing there, and `limit` for octo."""

    def script(request: Request) -> Answer:
        if request.target == f"/app/installations/{NEIGHBOUR}/access_tokens":
            expires = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
            return said({"token": "ghs_8", "expires_at": expires}, 201)
        answer = limit() if "/octo/" in request.target else None
        return answer or said({"message": "Not Found"}, 404)

    return script


async def look(client: Client) -> None:
    """A request that is answered, by saying that there is nothing."""
    assert await read_file(client, "a.txt", "main") is None


async def limited(client: Client) -> timedelta:
    with pytest.raises(RateLimited) as caught:
        await read_file(client, "a.txt", "main")
    assert caught.value.after is not None
    return caught.value.after


def of(server: Scripted, owner: str) -> int:
    return sum(f"/{owner}/" in each.target for each in server.requests)


@pytest.mark.parametrize("name", LIMITS)
async def test_no_call_is_made_in_the_window_and_the_neighbour_goes_on(start: Start, clock: Clock, name: str) -> None:
    answer, seconds = LIMITS[name]
    answers = [answer]
    async with start(of_octo(lambda: answers.pop() if answers else None)) as (app, client, server):
        neighbour = app.client("next/door", NEIGHBOUR, repository=RepositoryId(6))
        assert await limited(client) == timedelta(seconds=seconds)
        asked = of(server, "octo")
        clock.now += seconds - 0.5
        assert await limited(client) == timedelta(seconds=0.5)
        with pytest.raises(RateLimited):
            await create_comment(client, IssueNumber(1), "a write waits too")
        await look(neighbour)
        assert (of(server, "octo"), of(server, "next")) == (asked, 1)
        assert clock.now == seconds - 0.5, "somebody slept in a worker"
        clock.now += 0.5
        await look(client)
        assert of(server, "octo") == asked + 1


async def test_a_limit_that_is_met_again_and_again_doubles_the_wait_until_something_is_answered(
    start: Start, clock: Clock
) -> None:
    answers: list[Answer | None] = [said(SECONDARY, 403)] * 7
    waits: list[float] = []
    async with start(of_octo(lambda: answers.pop() if answers else None)) as (_, client, server):
        while answers:
            waits.append((await limited(client)).total_seconds())
            clock.now += waits[-1]
        assert waits == [60, 120, 240, 480, 900, 900, 900]
        assert LONGEST_DOUBLED.total_seconds() == waits[-1]
        assert of(server, "octo") == len(waits)


async def test_after_an_answer_the_next_limit_is_a_first_one(start: Start, clock: Clock) -> None:
    answers = [said(SECONDARY, 403), None, said(SECONDARY, 403)]
    async with start(of_octo(lambda: answers.pop())) as (_, client, _):
        assert await limited(client) == timedelta(minutes=1)
        clock.now += 60
        await look(client)
        assert await limited(client) == timedelta(minutes=1)


async def test_what_github_itself_asks_for_is_never_shortened(start: Start, clock: Clock) -> None:
    answers = [said(SECONDARY, 403, retry_after="7200"), said(SECONDARY, 403, retry_after="3600")]
    async with start(of_octo(lambda: answers.pop())) as (_, client, _):
        assert await limited(client) == timedelta(hours=1)
        clock.now += 3_600
        assert await limited(client) == timedelta(hours=2)
