"""From an HTTP request to an endpoint and back: caller, permission, fault, body, answer, journal, in this order."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from bot.localhub.auth import actor_of, identify
from bot.localhub.connections import CutShort, Lost
from bot.localhub.errors import ApiError, moved, not_found
from bot.localhub.faults import Answer, CutResponse, Delay, LoseResponse, RequestFault
from bot.localhub.journal import READS
from bot.localhub.permissions import AppOnly, Needs, check, require_writable, sees
from bot.localhub.state.accounts import Account, Anonymous, App, AsApp, AsInstallation, Identity
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World

Shape = dict[str, object]
"""A JSON object on its way out."""

Item = TypeVar("Item")
Body = TypeVar("Body", bound=BaseModel)
RATE_LIMIT = 5000


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint answers."""

    body: Shape | Sequence[Shape] | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    effect: str = ""
    """What was done, for the journal."""
    content: bytes | None = None
    """An answer that is not JSON; `headers` then hold its type."""


@dataclass(slots=True)
class Call:
    """One request, as an endpoint sees it."""

    world: World
    request: Request
    identity: Identity
    found: HubRepository | None
    raw: bytes

    @property
    def repository(self) -> HubRepository:
        """The repository that the path names; it exists and the caller sees it."""
        if self.found is None:
            raise not_found()
        return self.found

    @property
    def actor(self) -> Account:
        """Who acts."""
        account = actor_of(self.identity)
        if account is None:
            raise ApiError(401, "Requires authentication")
        return account

    @property
    def app(self) -> App | None:
        """The App that acts, if it is one."""
        return self.identity.app if isinstance(self.identity, AsInstallation | AsApp) else None

    def text(self, name: str) -> str:
        """A parameter of the path."""
        return str(self.request.path_params[name])

    def number(self, name: str) -> int:
        """A whole number of the path."""
        return int(self.request.path_params[name])

    def query(self, name: str, default: str = "") -> str:
        return self.request.query_params.get(name, default)

    def parse(self, model: type[Body]) -> Body:
        """The JSON body as `model`; raises ApiError 400 or 422 as GitHub does."""
        try:
            content = json.loads(self.raw or b"{}")
        except ValueError as error:
            raise ApiError(400, "Problems parsing JSON") from error
        try:
            return model.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            place = "/".join(str(part) for part in first["loc"])
            raise ApiError(422, f"Invalid request.\n\nFor {place!r}, {first['msg']}.") from error

    def page(self, items: Sequence[Item]) -> tuple[Sequence[Item], dict[str, str]]:
        """The asked-for page of `items`, and the Link header that leads to the others.

        https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
        """
        size = min(max(_whole(self.query("per_page"), 30), 1), 100)
        page = max(_whole(self.query("page"), 1), 1)
        last = max((len(items) + size - 1) // size, 1)
        links: list[str] = []
        for relation, target in (("prev", page - 1), ("next", page + 1), ("last", last), ("first", 1)):
            wanted = page < last if relation in ("next", "last") else page > 1
            if wanted and 1 <= target <= last:
                links.append(f'<{self.request.url.include_query_params(page=target)}>; rel="{relation}"')
        return items[(page - 1) * size : page * size], {"link": ", ".join(links)} if links else {}


def _whole(text: str, default: int) -> int:
    return int(text) if text.isdecimal() else default


Endpoint = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the API's table: what is asked, who may ask it, what answers."""

    method: str
    path: str
    """In Starlette's notation, without the `/api/v3` prefix."""
    needs: Needs
    endpoint: Endpoint


def api_path(request: Request) -> str:
    """The request's path as github.com has it."""
    path = request.url.path
    for prefix in ("/api/v3", "/api"):
        if path.startswith(f"{prefix}/"):
            return path[len(prefix) :]
    return path


async def dispatch(world: World, route: Route, request: Request) -> Response:
    """Answer one API request."""
    raw = await request.body()
    path = api_path(request)
    faults = world.faults.take_request(request.method, path)
    for fault in faults:
        if isinstance(fault, Delay):
            await asyncio.sleep(fault.seconds)
    early = next((each for each in faults if isinstance(each, Answer) and each.effect == "skipped"), None)
    if early is not None:
        world.journal.record(world.now(), request.method, path, "", early.status, "")
        return _injected(early)
    identity: Identity = Anonymous()
    try:
        identity = identify(world, request.headers.get("authorization"))
        repository = _repository(world, request)
        if repository is None:
            _send_on(world, request, identity)
        call = Call(world, request, identity, repository, raw)
        if isinstance(identity, AsApp) and not isinstance(route.needs, AppOnly):
            raise ApiError(401, "Bad credentials")
        check(world, identity, route.needs, repository)
        if repository is not None and request.method not in READS:
            require_writable(repository)
        reply = await route.endpoint(call)
    except ApiError as error:
        reply = Reply(error.body(), error.status, error.headers)
    actor = actor_of(identity)
    login = "" if actor is None else actor.login
    world.journal.record(world.now(), request.method, path, login, reply.status, reply.effect)
    return _faulty(faults, _respond(world, request, reply, login))


def _repository(world: World, request: Request) -> HubRepository | None:
    parameters = request.path_params
    if "repository_id" in parameters:
        return world.repositories.get(int(parameters["repository_id"]))
    if "owner" in parameters and "repo" in parameters:
        return world.repository(str(parameters["owner"]), str(parameters["repo"]))
    return None


def _send_on(world: World, request: Request, identity: Identity) -> None:
    """Raise GitHub's redirect where the path has a former name of a repository that the caller sees."""
    parameters = request.path_params
    if "owner" not in parameters or "repo" not in parameters:
        return
    owner, name = str(parameters["owner"]), str(parameters["repo"])
    found = world.moved_repository(owner, name)
    if found is not None and (isinstance(identity, AsApp) or sees(world, identity, found)):
        rest = api_path(request).removeprefix(f"/repos/{owner}/{name}")
        query = f"?{request.url.query}" if request.url.query else ""
        place = f"{world.api_url}/repositories/{found.id}{rest}{query}"
        raise moved(place, reading=request.method in READS)


def _injected(answer: Answer) -> Response:
    return Response(answer.body, answer.status, dict(answer.headers))


def _faulty(faults: tuple[RequestFault, ...], response: Response) -> Response:
    for fault in faults:
        match fault:
            case Answer():
                return _injected(fault)
            case LoseResponse():
                return Lost()
            case CutResponse():
                return CutShort(response)
            case Delay():
                continue
    return response


def _respond(world: World, request: Request, reply: Reply, login: str) -> Response:
    headers = {
        **reply.headers,
        **rate_headers(world, login),
        "x-github-media-type": "github.v3; format=json",
        "x-github-request-id": f"LOCALHUB:{len(world.journal.requests)}",
    }
    if reply.content is not None:
        return Response(reply.content, reply.status, headers)
    if reply.body is None:
        return Response(None, reply.status, headers)
    content = orjson.dumps(reply.body)
    if request.method in READS and reply.status == 200:
        tag = f'W/"{hashlib.sha256(content).hexdigest()}"'
        headers |= {"etag": tag, "cache-control": "private, max-age=60, s-maxage=60", "vary": "Accept, Authorization"}
        if _matches(request.headers.get("if-none-match"), tag):
            return Response(None, 304, headers)
    world.rate_used[login] += 1
    return Response(content, reply.status, {**headers, "content-type": "application/json; charset=utf-8"})


def _matches(wanted: str | None, tag: str) -> bool:
    """Weak comparison of RFC 9110, section 13.1.2."""
    if wanted is None:
        return False
    return tag.removeprefix("W/") in [each.strip().removeprefix("W/") for each in wanted.split(",")]


def rate_headers(world: World, login: str) -> dict[str, str]:
    """The primary limit's headers; this server counts but never refuses by itself: tests order refusals as faults."""
    used = world.rate_used[login] % RATE_LIMIT
    reset = (int(world.now().timestamp()) // 3600 + 1) * 3600
    return {
        "x-ratelimit-limit": str(RATE_LIMIT),
        "x-ratelimit-remaining": str(RATE_LIMIT - used),
        "x-ratelimit-used": str(used),
        "x-ratelimit-reset": str(reset),
        "x-ratelimit-resource": "core",
    }
