"""One asker at GitHub: sends its requests one way, so that pace, limits, waiting and errors are the same for all.

A write is sent once; a read is asked for conditionally, so that polling what has not changed costs no quota. The
answers are read with small tolerant shapes, since githubkit's models refuse an answer in which GitHub dropped a field
that nobody needs.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.github.connections import TIMEOUT
from bot.github.errors import (
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    RateLimited,
    Refused,
    TooLarge,
    Unavailable,
    Unreadable,
)
from bot.github.etags import Answer
from bot.github.exchange import Body, Exchange
from bot.github.meter import Waited
from bot.github.outgoing import guarded
from bot.github.refusals import ONE_MINUTE, answered_at, error_of
from bot.model.forge import AppIdentity
from bot.model.ids import InstallationId

PAGE = 100
MOST_PAGES = 100
REDIRECTS = (301, 302, 307, 308)

Shape = TypeVar("Shape")
Query = Mapping[str, str | int]


class _GraphQLError(BaseModel):
    type: str = ""
    message: str = ""


class _GraphQLAnswer(BaseModel):
    data: Any = None
    errors: list[_GraphQLError] = []


_GRAPHQL = TypeAdapter(_GraphQLAnswer)


class Client:
    """Requests of one asker; cheap to make, so make one for each group of calls whose waiting is of interest."""

    def __init__(
        self,
        exchange: Exchange,
        identity: Callable[[], Awaitable[AppIdentity]],
        *,
        full_name: str = "",
        installation: InstallationId | None = None,
    ) -> None:
        self._exchange = exchange
        self._line = exchange.line
        self.identity = identity
        """The App that asks, asked for once in a process."""
        self.full_name = full_name
        """`owner/name` of the repository that this client may touch; empty for none in particular."""
        self.installation = installation

    @property
    def waited(self) -> Waited:
        """What this client has waited for GitHub so far."""
        return self._exchange.meter.waited

    def guarded(self, body: Body) -> dict[str, Any]:
        """The body of a write as it will leave, to compare with what is there already."""
        return guarded(self._line.guard, body)

    def said(self, text: str) -> str:
        """A text as it will leave."""
        return self._line.guard(text)

    @property
    def repository(self) -> str:
        """Path of the repository's API."""
        return f"/repos/{self.full_name}"

    async def get(self, shape: TypeAdapter[Shape], path: str, query: Query | None = None) -> Shape:
        """The answer to a GET, asked for conditionally.

        Raises `Unavailable`, `RateLimited`, `NotFound`, `NotPermitted`, `Refused`, or `Unreadable`.
        """
        return _read(shape, path, (await self._get(path, query)).body)

    async def find(self, shape: TypeAdapter[Shape], path: str, query: Query | None = None) -> Shape | None:
        """Like `get`, None where GitHub knows nothing."""
        try:
            return await self.get(shape, path, query)
        except NotFound:
            return None

    async def pages(self, shape: TypeAdapter[Shape], path: str, query: Query | None = None) -> AsyncIterator[Shape]:
        """Each page of a list, in GitHub's order; raises `TooLarge` rather than to leave pages out in silence."""
        url: str | None = path
        asked: Query | None = {"per_page": PAGE, **(query or {})}
        for _ in range(MOST_PAGES):
            if url is None:
                return
            answer = await self._get(url, asked)
            yield _read(shape, path, answer.body)
            url, asked = answer.next_page, None
        if url is not None:
            raise TooLarge(f"{path} has more than {MOST_PAGES} pages; narrow the question")

    async def every(self, shape: TypeAdapter[Shape], path: str, query: Query | None = None) -> list[Shape]:
        """All pages of a list; raises as `pages` does."""
        return [page async for page in self.pages(shape, path, query)]

    async def send(self, shape: TypeAdapter[Shape], method: str, path: str, body: Body) -> Shape:
        """The answer to a write; it is sent once, and never again of our own accord.

        Raises `OutcomeUnknown` when it may have happened all the same, else as `get` does.
        """
        return _read(shape, path, (await self._write(method, path, body)).content)

    async def send_once(self, shape: TypeAdapter[Shape], method: str, path: str, body: Body) -> Shape | None:
        """Like `send`, None where GitHub answers without content that there was nothing to do."""
        response = await self._write(method, path, body)
        return _read(shape, path, response.content) if response.status_code != 204 else None

    async def order(self, method: str, path: str, body: Body | None = None) -> None:
        """A write whose answer says nothing; raises as `send` does."""
        await self._write(method, path, body)

    async def send_dated(self, shape: TypeAdapter[Shape], path: str, body: Body) -> tuple[Shape, datetime]:
        """The answer to a POST that shows nowhere and may be repeated, so it is not paced; with GitHub's own time.

        Raises as `get` does.
        """
        try:
            response = await self._exchange.ask("POST", path, body=body)
        except OutcomeUnknown as error:
            raise Unavailable(str(error), after=error.after) from error
        return _read(shape, path, response.content), answered_at(response.headers)

    async def graphql(self, mutation: str, variables: Mapping[str, Any]) -> None:
        """A GraphQL mutation, for what the REST API lacks; raises as `send` does."""
        response = await self._write("POST", self._graphql_url(), {"query": mutation, "variables": dict(variables)})
        self._graphql_data(response)

    async def query(self, shape: TypeAdapter[Shape], query: str, variables: Mapping[str, Any]) -> Shape:
        """The data of a GraphQL query, for what the REST API does not show; not paced, as it changes nothing.

        Raises as `get` does.
        """
        body = {"query": query, "variables": dict(variables)}
        try:
            response = await self._exchange.ask("POST", self._graphql_url(), body=body)
        except OutcomeUnknown as error:
            raise Unavailable(str(error), after=error.after) from error
        try:
            return shape.validate_python(self._graphql_data(response))
        except ValidationError as error:
            raise _unreadable("/graphql", error) from error

    def _graphql_data(self, response: httpx.Response) -> Any:
        answer = _read(_GRAPHQL, "/graphql", response.content)
        errors = answer.errors
        if not errors:
            return answer.data
        reasons = tuple(error.message for error in errors)
        if any(error.type in ("RATE_LIMIT", "RATE_LIMITED") for error in errors):
            self._line.pace.close(ONE_MINUTE)
            raise RateLimited(f"GitHub limits GraphQL ({reasons!r}); wait a minute", after=ONE_MINUTE)
        if any(error.type == "FORBIDDEN" for error in errors):
            raise NotPermitted(f"GitHub forbids this by GraphQL ({reasons!r}); check the App's permissions")
        raise Refused(f"GitHub refuses this by GraphQL ({reasons!r})", status=200, reasons=reasons)

    async def download(self, path: str) -> AsyncIterator[bytes]:
        """The bytes that `path` redirects to, in pieces.

        They lie on another host, which must not see our token: it is asked without any (GitHub docs: "Download an
        artifact"; the address is signed and valid for a minute). Raises as `get` does.
        """
        response = await self._exchange.ask("GET", path)
        if response.status_code not in REDIRECTS:
            raise Unreadable(f"GET {path} was answered by {response.status_code} and not by a redirect; try again")
        place = httpx.URL(self._line.base_url).join(response.headers.get("location", ""))
        if place.scheme != "https" and place.scheme != httpx.URL(self._line.base_url).scheme:
            raise Refused(f"GET {path} leads to {place.scheme!r}, which is not taken", status=response.status_code)
        started = self._line.clock()
        client = httpx.AsyncClient(transport=self._line.connections, timeout=TIMEOUT, follow_redirects=False)
        try:
            async with client, client.stream("GET", place) as blob:
                if blob.status_code in (404, 410):
                    raise NotFound(f"the file of {path} is gone")
                if blob.status_code != 200:
                    raise Unavailable(f"the file of {path} was answered by {blob.status_code}; try again")
                async for piece in blob.aiter_bytes():
                    yield piece
        except httpx.TransportError as error:
            raise Unavailable(f"the file of {path} broke off ({error!r}); try again") from error
        finally:
            self._exchange.meter.add_request(self._line.clock() - started)

    async def _get(self, path: str, query: Query | None) -> Answer:
        url = f"{path}?{httpx.QueryParams(dict(query))}" if query else path
        known = self._line.etags.find(self._exchange.credentials.asker, url)
        response = await self._exchange.ask("GET", url, headers={"if-none-match": known[0]} if known else {})
        for _ in range(2):
            if response.status_code not in REDIRECTS:
                break
            place = self._same_host(path, response.headers.get("location", ""))
            response = await self._exchange.ask("GET", place)
        if response.status_code == 304 and known is not None:
            return known[1]
        if response.status_code >= 300:
            raise error_of("GET", path, response.status_code, response.headers, response.content)
        following = response.links.get("next", {}).get("url")
        answer = Answer(response.content, self._same_host(path, following) if following else None)
        if "etag" in response.headers:
            self._line.etags.keep(self._exchange.credentials.asker, url, response.headers["etag"], answer)
        return answer

    async def _write(self, method: str, path: str, body: Body | None) -> httpx.Response:
        said = guarded(self._line.guard, body) if body is not None else None
        response = await self._exchange.paced(method, path, said)
        if response.status_code >= 300:
            raise error_of(method, path, response.status_code, response.headers, response.content)
        return response

    def _same_host(self, path: str, location: str) -> str:
        """Where GitHub sends us on to; never elsewhere, as our token would go there too."""
        base = httpx.URL(self._line.base_url)
        place = base.join(location)
        if (place.scheme, place.host, place.port) != (base.scheme, base.host, base.port):
            raise Unreadable(f"GitHub sends {path} on to another host, {place.host!r}; check the API's base URL")
        return str(place)

    def _graphql_url(self) -> str:
        base = self._line.base_url.rstrip("/")
        enterprise = base.removesuffix("/api/v3")
        return f"{enterprise}/api/graphql" if enterprise != base else f"{base}/graphql"


def _read(shape: TypeAdapter[Shape], path: str, body: bytes) -> Shape:
    try:
        return shape.validate_json(body)
    except ValidationError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: ValidationError) -> Unreadable:
    fault = error.errors(include_url=False, include_input=False)[0]
    return Unreadable(f"GitHub's answer at {path} lacks what we need: {fault['loc']!r} {fault['msg']!r}")
