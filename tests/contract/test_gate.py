"""The gate must be able to refuse: each way in which a request or an answer can be wrong is shown to it once."""

import json
from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.contract.gate import ContractGate, ContractViolated
from tests.contract.openapi import load

REACTION_OF = "/repos/octo/repo/issues/1/reactions"
USER = {
    "login": "octocat",
    "id": 1,
    "node_id": "MDQ6VXNlcjE=",
    "avatar_url": "https://example.com/a.png",
    "gravatar_id": "",
    "url": "https://example.com/users/octocat",
    "html_url": "https://example.com/octocat",
    "followers_url": "https://example.com/followers",
    "following_url": "https://example.com/following",
    "gists_url": "https://example.com/gists",
    "starred_url": "https://example.com/starred",
    "subscriptions_url": "https://example.com/subscriptions",
    "organizations_url": "https://example.com/orgs",
    "repos_url": "https://example.com/repos",
    "events_url": "https://example.com/events",
    "received_events_url": "https://example.com/received",
    "type": "User",
    "site_admin": False,
}
REACTION = {"id": 1, "node_id": "R_1", "user": USER, "content": "eyes", "created_at": "2026-01-01T00:00:00Z"}


@pytest.fixture
def gate() -> ContractGate:
    return ContractGate()


def answered(gate: ContractGate, method: str, path: str, status: int, body: object, query: str = "") -> list[str]:
    operation = gate.check_request(method, path, query, b"")
    assert operation is not None
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    gate.check_answer(operation, status, "application/json; charset=utf-8", content)
    return gate.violations


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/repos/o/r/commits/main/check-runs", "/repos/{owner}/{repo}/commits/{ref}/check-runs"),
        ("/repos/o/r/commits/rmo%2Fissue-1/status", "/repos/{owner}/{repo}/commits/{ref}/status"),
        ("/repos/o/r/git/ref/heads/rmo/issue-1", "/repos/{owner}/{repo}/git/ref/{ref}"),
        ("/repos/o/r/contents/a/b.py", "/repos/{owner}/{repo}/contents/{path}"),
        ("/repos/o/r/issues/comments/7", "/repos/{owner}/{repo}/issues/comments/{comment_id}"),
        ("/repos/o/r/branches/rmo%2Fissue-1", "/repos/{owner}/{repo}/branches/{branch}"),
    ],
)
def test_finds_the_operation_that_github_means(path: str, operation: str) -> None:
    found = load().find("GET", path)
    assert found is not None
    assert found[0].path == operation


def test_every_schema_of_the_cut_compiles() -> None:
    description = load()
    operations = description.operations()
    assert len(operations) > 90
    for operation in operations:
        for schema in (operation.body, *operation.responses.values()):
            if schema is not None:
                description.faults(schema, None)


def test_lets_pass_what_github_describes(gate: ContractGate) -> None:
    body = json.dumps({"content": "eyes"}).encode()
    operation = gate.check_request("POST", f"/api/v3{REACTION_OF}", "", body)
    assert operation is not None
    gate.check_answer(operation, 201, "application/json", json.dumps(REACTION).encode())
    gate.assert_kept()
    assert gate.seen == {("POST", "/repos/{owner}/{repo}/issues/{issue_number}/reactions", 201): 1}


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "remark"),
    [
        ("POST", REACTION_OF, "", {"content": "applause"}, "not one of"),
        ("POST", REACTION_OF, "", {}, '"content" is a required property'),
        ("POST", REACTION_OF, "", {"content": "eyes", "colour": "red"}, "colour"),
        ("POST", REACTION_OF, "", None, "body is missing"),
        ("POST", REACTION_OF, "", b"{", "not JSON"),
        ("GET", "/repos/o/r/issues/one", "", None, "issue_number"),
        ("GET", "/repos/o/r/issues", "lables=rmo", None, "unknown parameter 'lables'"),
        ("GET", "/repos/o/r/issues", "state=ajar", None, "state"),
        ("GET", "/repos/o/r/nonsense", "", None, "not an operation"),
        ("POST", "/repos/o/r/issues/1", "", {}, "not an operation"),
        ("GET", "/search/issues", "", None, "not an operation"),
    ],
)
def test_refuses_requests(gate: ContractGate, method: str, path: str, query: str, body: object, remark: str) -> None:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    gate.check_request(method, path, query, content)
    with pytest.raises(ContractViolated, match=remark):
        gate.assert_kept()


@pytest.mark.parametrize("path", ["/o/r.git/info/refs", "/o/r/pull/1", "/graphql", "/_localhub/state", "/"])
def test_leaves_alone_what_is_no_api(gate: ContractGate, path: str) -> None:
    assert gate.check_request("GET", path, "", b"") is None
    gate.assert_kept()


@pytest.mark.parametrize(
    ("status", "body", "remark"),
    [
        (200, {**REACTION, "id": "1"}, "id: "),
        (200, {name: REACTION[name] for name in REACTION if name != "user"}, "user"),
        (200, b"<html>", "not JSON"),
        (202, REACTION, "GitHub gives"),
    ],
)
def test_refuses_answers(gate: ContractGate, status: int, body: object, remark: str) -> None:
    content = json.dumps({"content": "eyes"}).encode()
    operation = gate.check_request("POST", REACTION_OF, "", content)
    assert operation is not None
    gate.check_answer(
        operation, status, "application/json", body if isinstance(body, bytes) else json.dumps(body).encode()
    )
    assert any(remark in violation for violation in gate.violations), gate.violations


def test_a_null_is_refused_where_github_promises_a_value(gate: ContractGate) -> None:
    assert answered(gate, "GET", "/rate_limit", 200, {"resources": None, "rate": None})


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502])
def test_errors_that_github_gives_anywhere_are_no_violations(gate: ContractGate, status: int) -> None:
    assert answered(gate, "GET", "/app", status, {"message": "no"}) == []


async def echo(request: Request) -> Response:
    body = await request.body()
    return JSONResponse(REACTION if body else {"wrong": True}, 201)


def application() -> Starlette:
    return Starlette(routes=[Route(REACTION_OF, echo, methods=["POST"]), Route("/page", echo)])


def through_transport(gate: ContractGate) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=gate.async_transport(httpx.ASGITransport(application())), base_url="http://127.0.0.1"
    )


def through_middleware(gate: ContractGate) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(gate.middleware(application())), base_url="http://127.0.0.1")


@pytest.mark.parametrize("through", [through_transport, through_middleware])
async def test_stands_on_the_wire_without_changing_it(
    gate: ContractGate, through: Callable[[ContractGate], httpx.AsyncClient]
) -> None:
    async with through(gate) as client:
        response = await client.post(REACTION_OF, json={"content": "eyes"})
        assert response.json() == REACTION
        gate.assert_kept()
        await client.post(REACTION_OF, json={"content": "applause"})
        await client.post(REACTION_OF)
    assert any("not one of" in violation for violation in gate.violations)
    assert any("body is missing" in violation for violation in gate.violations)
    assert any("answer 201" in violation for violation in gate.violations)
