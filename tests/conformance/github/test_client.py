"""How requests travel: who asks, how often, what is kept, and what is made of a network that fails."""

from datetime import timedelta

import pytest
from pydantic import TypeAdapter

from bot.github.app import RERUNNING, GitHubApp
from bot.github.artifacts import download_artifact
from bot.github.comments import create_comment, find_comment
from bot.github.errors import (
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    RateLimited,
    TooLarge,
    Unavailable,
    Unreadable,
)
from bot.github.pace import NO_LIMITS, WriteLimits
from bot.github.repositories import rate_limit, read_repository
from bot.github.workflows import read_log_end
from bot.model.errors import NeedsHuman
from bot.model.ids import IssueNumber, RepositoryId
from tests.conformance.github.conftest import INSTALLATION, MINT, Clock, Start
from tests.conformance.github.scripted import HANG_UP, Answer, Request, said, scripted

ISSUE = IssueNumber(1)
COMMENTS = "/repos/octo/repo/issues/1/comments"
ANYTHING: TypeAdapter[object] = TypeAdapter(object)
REPOSITORY = {"id": 5, "name": "repo", "owner": {"login": "octo"}, "default_branch": "main"}
COMMENT = {"id": 9, "body": "hello", "user": {"login": "rmo[bot]", "type": "Bot"}, "html_url": "https://example.com"}


async def test_a_token_is_for_one_repository_and_asked_for_once(start: Start) -> None:
    async with start(lambda _: said(REPOSITORY)) as (app, client, server):
        await read_repository(client)
        await read_repository(app.client("octo/repo", INSTALLATION, repository=RepositoryId(5)))
        await read_repository(app.client("octo/repo", INSTALLATION, permissions=RERUNNING))
    first, second = server.asked("POST", MINT)
    assert first.headers["authorization"].startswith("Bearer ey")
    assert first.json["repository_ids"] == [5]
    assert "workflows" not in first.json["permissions"]
    assert second.json == {"repositories": ["repo"], "permissions": {"actions": "write", "metadata": "read"}}
    authorizations = [each.headers["authorization"] for each in server.asked("GET", "/repos/octo/repo")]
    assert authorizations == ["token ghs_7_1.long", "token ghs_7_1.long", "token ghs_7_2.long"]
    assert {each.headers["x-github-api-version"] for each in server.requests} == {"2022-11-28"}


async def test_a_token_is_not_used_in_its_last_minute(start: Start, clock: Clock) -> None:
    async with start(lambda _: said(REPOSITORY)) as (_, client, server):
        await read_repository(client)
        clock.now += 3530
        await read_repository(client)
        clock.now += 60
        await read_repository(client)
    assert len(server.asked("POST", MINT)) == 2


async def test_refused_credentials_are_renewed_once(start: Start) -> None:
    def revoked(request: Request) -> Answer:
        fresh = request.headers["authorization"] == "token ghs_7_2.long"
        return said(REPOSITORY) if fresh else said({"message": "Bad credentials"}, 401)

    async with start(revoked) as (_, client, server):
        assert (await read_repository(client)).id == 5
    assert len(server.asked("POST", MINT)) == 2

    async with start(lambda _: said({"message": "Bad credentials"}, 401)) as (_, client, server):
        with pytest.raises(NotPermitted):
            await read_repository(client)
    assert len(server.asked("GET", "/repos/octo/repo")) == 2


@pytest.mark.parametrize("answer", [HANG_UP, Answer(502, b"<html>"), Answer(201, b'{"id"', promised=500)])
async def test_a_write_whose_answer_is_lost_is_sent_once(start: Start, answer: Answer | None) -> None:
    async with start(lambda _: answer) as (_, client, server):
        with pytest.raises(OutcomeUnknown):
            await create_comment(client, ISSUE, "hello")
    assert len(server.asked("POST", COMMENTS)) == 1


@pytest.mark.parametrize("answer", [HANG_UP, Answer(502, b"<html>"), Answer(200, b'{"id"', promised=500)])
async def test_a_read_that_fails_changed_nothing(start: Start, answer: Answer | None) -> None:
    async with start(lambda _: answer) as (_, client, server):
        with pytest.raises(Unavailable):
            await read_repository(client)
    assert len(server.asked("GET", "/repos/octo/repo")) == 1


async def test_nobody_there_means_that_nothing_was_written(key: str, start: Start) -> None:
    async with start(lambda _: said({})) as (_, _, server):
        gone = server.url
    app = GitHubApp(3, key, gone, write_limits=NO_LIMITS)
    with pytest.raises(Unavailable):
        await create_comment(app.client("octo/repo", INSTALLATION), ISSUE, "hello")
    await app.close()


async def test_a_limit_stops_the_whole_installation_and_no_other(start: Start, clock: Clock) -> None:
    limited = said({"message": "secondary rate limit"}, 403, retry_after="90")
    async with start(lambda request: limited if "octo" in request.target else said({})) as (app, client, server):
        with pytest.raises(RateLimited) as caught:
            await read_repository(client)
        assert caught.value.after == timedelta(seconds=90)
        before = len(server.requests)
        clock.now += 89
        with pytest.raises(RateLimited):
            await read_repository(app.client("octo/other", INSTALLATION))
        assert len(server.requests) == before
        await app.app_client().get(ANYTHING, "/app")
        clock.now += 1
        with pytest.raises(RateLimited):
            await read_repository(client)
        assert len(server.requests) > before + 1


async def test_waiting_is_measured_apart(start: Start, clock: Clock) -> None:
    def slow(_: Request) -> Answer:
        clock.now += 0.5
        return said(COMMENT, 201)

    limits = WriteLimits(timedelta(seconds=2))
    async with start(slow, limits) as (_, client, _):
        await create_comment(client, ISSUE, "one")
        between = client.waited
        await create_comment(client, ISSUE, "two")
        assert client.waited.pacing_seconds == pytest.approx(1.5)
        assert (client.waited - between).http_seconds == pytest.approx(0.5)
        assert client.waited.requests == 2


async def test_what_has_not_changed_is_asked_for_conditionally(start: Start) -> None:
    def unchanged(request: Request) -> Answer:
        if request.headers.get("if-none-match") == '"v1"':
            return Answer(304, b"", {"etag": '"v1"'})
        return said(REPOSITORY, etag='"v1"')

    async with start(unchanged) as (app, client, server):
        first = await read_repository(client)
        again = await read_repository(app.client("octo/repo", INSTALLATION, repository=RepositoryId(5)))
        await read_repository(app.client("octo/repo", INSTALLATION, permissions=RERUNNING))
    assert first == again
    asked = [each.headers.get("if-none-match") for each in server.asked("GET", "/repos/octo/repo")]
    assert asked == [None, '"v1"', None]


async def test_pages_are_followed_to_the_end(start: Start) -> None:
    server_url = ""

    def paged(request: Request) -> Answer:
        if "page=2" in request.target.split("&"):
            return said([{**COMMENT, "body": "has <!-- mark -->"}])
        return said([{**COMMENT, "id": 8}], link=f'<{server_url}{request.target}&page=2>; rel="next"')

    def script(request: Request) -> Answer:
        return said({"id": 3, "slug": "rmo"}) if request.target == "/app" else paged(request)

    async with start(script) as (_, client, server):
        server_url = server.url
        found = await find_comment(client, ISSUE, "<!-- mark -->")
        assert found is not None
        assert found.id == 9
        assert await find_comment(client, ISSUE, "<!-- other -->") is None


async def test_a_comment_with_our_marker_by_somebody_else_is_not_ours(start: Start) -> None:
    forged = [
        {**COMMENT, "body": "<!-- mark -->", "user": {"login": "mallory"}},
        {**COMMENT, "body": "<!-- mark -->", "user": {"login": "rmo"}, "performed_via_github_app": {"id": 3}},
        {**COMMENT, "body": "<!-- mark -->", "performed_via_github_app": {"id": 4}},
    ]

    def script(request: Request) -> Answer:
        return said({"id": 3, "slug": "rmo"}) if request.target == "/app" else said(forged)

    async with start(script) as (_, client, _):
        assert await find_comment(client, ISSUE, "<!-- mark -->") is None


async def test_a_renamed_repository_is_read_but_not_written_to(start: Start) -> None:
    def moved(request: Request) -> Answer:
        if request.target.startswith("/repositories/5"):
            return said({**REPOSITORY, "name": "renamed"})
        return Answer(301, b'{"message": "Moved Permanently"}', {"location": "/repositories/5"})

    async with start(moved) as (_, client, server):
        assert (await read_repository(client)).full_name == "octo/renamed"
        with pytest.raises(NeedsHuman, match="moved"):
            await create_comment(client, ISSUE, "hello")
    assert not server.asked("POST", "/repositories/5")


@pytest.mark.parametrize("header", ["location", "link"])
async def test_our_token_follows_nobody_to_another_host(start: Start, header: str) -> None:
    async with scripted(lambda _: said([])) as elsewhere:
        place = f"{elsewhere.url}/steal"

        def astray(_: Request) -> Answer:
            if header == "location":
                return Answer(302, b"", {"location": place})
            return said([], link=f'<{place}>; rel="next"')

        async with start(astray) as (_, client, _):
            with pytest.raises(Unreadable, match="another host"):
                await client.every(ANYTHING, "/repos/octo/repo/issues")
        assert elsewhere.requests == []


async def test_a_download_shows_no_token_to_the_host_of_the_file(start: Start) -> None:
    async with scripted(lambda _: Answer(200, b"PK" + b"x" * 98)) as blobs:
        found = Answer(302, b"", {"location": f"{blobs.url}/signed?sig=1"})
        async with start(lambda _: found) as (_, client, _):
            assert len(await download_artifact(client, 4, most_bytes=100)) == 100
            with pytest.raises(TooLarge):
                await download_artifact(client, 4, most_bytes=99)
        assert [each.target for each in blobs.requests] == ["/signed?sig=1"] * 2
        assert all("authorization" not in each.headers for each in blobs.requests)


async def test_of_a_log_its_end_is_kept(start: Start) -> None:
    log = b"".join(b"line %06d\n" % number for number in range(20_000)) + b"\xff the end\n"
    async with scripted(lambda _: Answer(200, log)) as blobs:
        found = Answer(302, b"", {"location": blobs.url})
        async with start(lambda _: found) as (_, client, _):
            end = await read_log_end(client, 4, most_bytes=100)
            assert end.text.endswith("line 019999\n\N{REPLACEMENT CHARACTER} the end\n")
            assert end.dropped_bytes == len(log) - 100
            whole = await read_log_end(client, 4, most_bytes=10**7)
            assert whole.dropped_bytes == 0


@pytest.mark.parametrize(("status", "kind"), [(404, NotFound), (410, NotFound), (403, Unavailable), (500, Unavailable)])
async def test_a_file_that_is_not_there(start: Start, status: int, kind: type[Exception]) -> None:
    async with scripted(lambda _: Answer(status, b"<Error/>")) as blobs:
        found = Answer(302, b"", {"location": blobs.url})
        async with start(lambda _: found) as (_, client, _):
            with pytest.raises(kind):
                await download_artifact(client, 4, most_bytes=100)


async def test_an_answer_without_what_we_need_says_what_is_missing(start: Start) -> None:
    async with start(lambda _: said({"id": 5})) as (_, client, _):
        with pytest.raises(Unreadable, match="name"):
            await read_repository(client)


@pytest.mark.parametrize(
    "name", ["", "repo", "octo/repo/x", "octo/..", "../repo", "octo/re po", "octo/repo?x", "a/b\n"]
)
def test_a_name_that_is_none_is_refused_before_anything_is_asked(key: str, name: str) -> None:
    with pytest.raises(NeedsHuman):
        GitHubApp(3, key).client(name, INSTALLATION)


async def test_a_key_that_is_none_is_said_to_be_none() -> None:
    app = GitHubApp(3, "not a key")
    with pytest.raises(NotPermitted, match="private key"):
        await rate_limit(app.app_client())
    await app.close()
