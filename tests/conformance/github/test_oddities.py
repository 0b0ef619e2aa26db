"""Answers that GitHub gives seldom, or that the GitHub on loopback never gives."""

from datetime import UTC, datetime
from itertools import count
from urllib.parse import urlsplit

import pytest
from pydantic import TypeAdapter

from bot.github.checks import list_annotations, list_check_runs, list_statuses
from bot.github.commits import create_tree
from bot.github.deliveries import list_failed_deliveries
from bot.github.errors import NotPermitted, RateLimited, Refused, TooLarge
from bot.github.issues import read_issue
from bot.github.pulls import mark_ready
from bot.github.repositories import list_installations, permission_of, read_file
from bot.github.required_checks import required_checks
from bot.model.forge import PullRequestState, RequiredCheck
from bot.model.ids import CommitSha, IssueNumber, PullRequestNumber, TreeSha
from tests.conformance.github.conftest import Start
from tests.conformance.github.scripted import Answer, Request, said

SHA = CommitSha("a" * 40)
ANYTHING: TypeAdapter[object] = TypeAdapter(object)
DRAFT = PullRequestState(
    PullRequestNumber(1), "PR_1", "", "", "", "open", True, False, "head", SHA, "octo/repo", "main", None
)


def check(name: str, status: str, conclusion: str | None) -> dict[str, object]:
    return {"id": 1, "name": name, "head_sha": SHA, "status": status, "conclusion": conclusion, "output": {}}


async def test_states_that_are_new_to_us_never_look_like_success(start: Start) -> None:
    runs = [check("a", "waiting", None), check("b", "completed", "splendid"), check("c", "completed", "success")]
    async with start(lambda _: said({"total_count": 3, "check_runs": runs})) as (_, client, _):
        found = await list_check_runs(client, SHA)
    assert [(each.state, each.conclusion, each.app) for each in found] == [
        ("queued", None, None),
        ("completed", "action_required", None),
        ("completed", "success", None),
    ]


async def test_a_hostile_run_s_remarks_are_read_up_to_a_number(start: Start) -> None:
    pages = count(1)
    remark = {"path": "a.py", "start_line": 1, "annotation_level": None, "message": None}

    def endless(request: Request) -> Answer:
        return said([remark] * 100, link=f'<http://{request.headers["host"]}/more?page={next(pages)}>; rel="next"')

    async with start(endless) as (_, client, server):
        assert len(await list_annotations(client, 1, most=250)) == 250
        assert len([each for each in server.requests if each.method == "GET"]) == 3
        with pytest.raises(TooLarge, match="100 pages"):
            await client.every(ANYTHING, "/endless")


async def test_a_status_without_a_target_is_read(start: Start) -> None:
    status = {"id": 1, "context": "build", "state": "error", "created_at": "2026-01-01T00:00:00Z"}
    answer = {"sha": SHA, "statuses": [{**status, "updated_at": "2026-01-01T00:00:01Z", "target_url": None}]}
    async with start(lambda _: said(answer)) as (_, client, _):
        (found,) = await list_statuses(client, SHA)
    assert (found.conclusion, found.url) == ("failure", "")


async def test_rules_bind_a_check_to_an_app_or_to_any(start: Start) -> None:
    def script(request: Request) -> Answer:
        if "/rules/" in request.target:
            checks = [{"context": "test", "integration_id": 15368}, {"context": "lint", "integration_id": None}]
            rule = {"type": "required_status_checks", "parameters": {"required_status_checks": checks}}
            return said([{"type": "deletion"}, {"type": "pull_request", "parameters": {"x": 1}}, rule])
        protection = {"contexts": ["test", "old"], "checks": [{"context": "test", "app_id": -1}]}
        return said({"name": "main", "protection": {"enabled": True, "required_status_checks": protection}})

    async with start(script) as (_, client, _):
        assert await required_checks(client, "main") == (
            RequiredCheck("test", 15368),
            RequiredCheck("lint", None),
            RequiredCheck("test", None),
            RequiredCheck("old", None),
        )


@pytest.mark.parametrize("status", [403, 404])
async def test_without_rulesets_the_classic_protection_counts(start: Start, status: int) -> None:
    def script(request: Request) -> Answer:
        if "/rules/" in request.target:
            return said({"message": "Upgrade to GitHub Pro"}, status)
        return said({"name": "main", "protection": {"required_status_checks": {"contexts": ["test"]}}})

    async with start(script) as (_, client, _):
        assert await required_checks(client, "feature/a") == (RequiredCheck("test", None),)


async def test_modes_are_found_in_a_tree_too_large_to_list(start: Start) -> None:
    listings = {
        "root": [{"path": "bin", "mode": "040000", "type": "tree", "sha": "bin"}],
        "bin": [{"path": "run", "mode": "100755", "type": "blob", "sha": "1"}],
    }

    def script(request: Request) -> Answer:
        parts = urlsplit(request.target)
        if request.method == "POST":
            return said({"sha": "new", "tree": []}, 201)
        name = parts.path.rsplit("/", 1)[1]
        return said({"sha": name, "tree": [] if parts.query else listings[name], "truncated": bool(parts.query)})

    changes = {"bin/run": "#!/bin/sh\n", "bin/gone": None, "lib/x/y.py": "y\n"}
    async with start(script) as (_, client, server):
        assert await create_tree(client, TreeSha("root"), changes) == "new"
        (sent,) = server.asked("POST", "/repos/octo/repo/git/trees")
    assert [(each["path"], each["mode"]) for each in sent.json["tree"]] == [
        ("bin/run", "100755"),
        ("lib/x/y.py", "100644"),
    ]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"type": "RATE_LIMITED", "message": "API rate limit exceeded"}, RateLimited),
        ({"type": "FORBIDDEN", "message": "Resource not accessible by integration"}, NotPermitted),
        ({"type": "UNPROCESSABLE", "message": "Something"}, Refused),
    ],
)
async def test_graphql_hides_its_errors_in_a_success(
    start: Start, error: dict[str, str], kind: type[Exception]
) -> None:
    pull = {"number": 1, "node_id": "PR_1", "html_url": "", "title": "", "state": "open", "draft": True}
    side = {"ref": "head", "sha": SHA, "repo": None}

    def script(request: Request) -> Answer:
        if request.method == "POST":
            return said({"data": None, "errors": [error]})
        return said({**pull, "head": side, "base": side})

    async with start(script) as (_, client, server):
        with pytest.raises(kind):
            await mark_ready(client, DRAFT)
        assert len(server.asked("POST", "/graphql")) == 1


@pytest.mark.parametrize(
    ("said_permission", "read"), [("maintain", "write"), ("triage", "read"), ("owner?", "none"), ("admin", "admin")]
)
async def test_a_permission_that_is_new_to_us_is_none(start: Start, said_permission: str, read: str) -> None:
    async with start(lambda _: said({"permission": said_permission})) as (_, client, server):
        assert await permission_of(client, "dependabot[bot]") == read
        assert server.requests[-1].target == "/repos/octo/repo/collaborators/dependabot%5Bbot%5D/permission"


async def test_the_issue_of_a_deleted_account_is_read(start: Start) -> None:
    issue = {"number": 1, "title": "t", "state": "open", "user": None, "body": None, "labels": ["a", {"name": "b"}]}
    async with start(lambda _: said({**issue, "updated_at": "2026-01-01T00:00:00Z"})) as (_, client, _):
        found = await read_issue(client, IssueNumber(1))
    assert (found.user, found.body, found.labels) == ("", "", ("a", "b"))


async def test_an_enterprise_is_named_by_its_slug(start: Start) -> None:
    answer = [{"id": 9, "account": {"slug": "acme"}, "suspended_at": "2026-01-01T00:00:00Z"}]
    async with start(lambda _: said(answer)) as (app, _, _):
        (found,) = await list_installations(app.app_client())
    assert (found.account, found.suspended, found.permissions) == ("acme", True, {})


async def test_a_file_above_a_megabyte_is_not_taken_for_an_empty_one(start: Start) -> None:
    async with start(lambda _: said({"type": "file", "encoding": "none", "content": ""})) as (_, client, _):
        with pytest.raises(TooLarge):
            await read_file(client, "a b/#1?.txt", SHA)


async def test_a_delivery_that_arrived_at_last_has_not_failed(start: Start) -> None:
    def attempt(number: int, guid: str, status: int, hour: int) -> dict[str, object]:
        when = f"2026-01-01T{hour:02}:00:00Z"
        return {"id": number, "guid": guid, "event": "push", "delivered_at": when, "status_code": status}

    answer = [
        attempt(5, "a", 200, 9),
        attempt(4, "b", 502, 8),
        attempt(3, "a", 500, 7),
        attempt(2, "b", 500, 6),
        attempt(1, "c", 500, 2),
    ]
    async with start(lambda _: said(answer)) as (app, _, _):
        failed = await list_failed_deliveries(app.app_client(), datetime(2026, 1, 1, 5, tzinfo=UTC))
    assert [(each.id, each.delivery) for each in failed] == [(4, "b")]
