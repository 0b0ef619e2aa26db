"""The contract gate: nothing passes between a client and a GitHub in a test without GitHub's own description agreeing.

It stands on the wire, as an httpx transport around the bot's requests or as an ASGI middleware around a server, so
that every test of either is a contract test without saying so. A violation is collected rather than thrown where it
happens, because a client would take an exception of its transport for a network fault; the test's fixture throws.
"""

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast
from urllib.parse import parse_qsl

import httpx

from tests.contract.openapi import Description, Json, Operation, Parameter, Schema, load

ALWAYS_POSSIBLE = frozenset({301, 304, 307, 401, 403, 404, 429})
"""GitHub gives these to any request, and leaves them out of most operations' descriptions; so it does with 5xx."""
BY_ID = re.compile(r"^/repositories/\d+")
"""Where GitHub sends on to from the former name of a repository; its description knows only names."""
ALSO_TAKEN: dict[str, Schema] = {
    "POST /repos/{owner}/{repo}/issues/{issue_number}/labels": {"type": "array", "items": {"type": "string"}}
}
"""What GitHub takes besides what it describes: a bare list of labels, which is how PyGithub sends them."""
OTHER_API_ROOTS = frozenset({"orgs", "organizations", "repositories", "search", "notifications", "gists", "events"})

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class ContractViolated(AssertionError):
    """A request or an answer is not as GitHub describes it."""


class ContractGate:
    """Collects violations of GitHub's description in `violations`, and counts what was exercised in `seen`."""

    def __init__(self, description: Description | None = None, *, prefixes: tuple[str, ...] = ("/api/v3",)) -> None:
        self.description = description or load()
        self.violations: list[str] = []
        self.seen: Counter[tuple[str, str, int]] = Counter()
        """(method, path of the description, status) -> how often."""
        self._prefixes = prefixes

    def assert_kept(self) -> None:
        """Raise `ContractViolated` with every violation so far, once each."""
        if self.violations:
            raise ContractViolated("\n".join(dict.fromkeys(self.violations)))

    def check_request(self, method: str, raw_path: str, query: str, body: bytes) -> Operation | None:
        """Judge a request; the operation it names, None where the API's description does not apply."""
        path = raw_path
        for prefix in self._prefixes:
            path = path.removeprefix(prefix)
        path = BY_ID.sub("/repos/owner/name", path)
        found = self.description.find(method, path)
        if found is None:
            if path.split("/")[1] in self.description.roots | OTHER_API_ROOTS:
                self.violations.append(f"{method} {path}: not an operation of GitHub's that this project uses")
            return None
        operation, arguments = found
        faults = self._parameter_faults(operation, arguments, parse_qsl(query, keep_blank_values=True))
        faults += self._body_faults(operation, body)
        self.violations += [f"request {operation}: {fault}" for fault in faults]
        return operation

    def check_answer(self, operation: Operation, status: int, media_type: str, body: bytes) -> None:
        """Judge the answer to a request that `check_request` recognised."""
        self.seen[operation.method, operation.path, status] += 1
        where = f"answer {status} to {operation}"
        if str(status) not in operation.responses:
            if status not in ALWAYS_POSSIBLE and status < 500:
                self.violations.append(f"{where}: GitHub gives {sorted(operation.responses)} only")
            return
        schema = operation.responses[str(status)]
        if schema is None:
            if body and status in (204, 304):
                self.violations.append(f"{where}: has a body")
            return
        if "json" not in media_type or "raw" in media_type:
            if "vnd.github" not in media_type:
                self.violations.append(f"{where}: is {media_type!r}, not JSON")
            return
        parsed, fault = _parsed(body)
        faults = [fault] if fault else self.description.faults(schema, parsed)
        self.violations += [f"{where}: {fault}" for fault in faults]

    def transport(self, inner: httpx.BaseTransport) -> httpx.BaseTransport:
        """`inner` behind this gate, for synchronous clients."""
        return _Transport(self, inner)

    def async_transport(self, inner: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        """`inner` behind this gate, for asynchronous clients."""
        return _AsyncTransport(self, inner)

    def middleware(self, app: App) -> App:
        """`app` behind this gate: whatever client calls it."""

        async def gated(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not self._described(scope):
                await app(scope, receive, send)
                return
            body = await _request_body(receive)
            path = cast(bytes, scope.get("raw_path") or scope["path"].encode()).decode("ascii", "replace")
            query = cast(bytes, scope["query_string"]).decode()
            operation = self.check_request(scope["method"], path, query, body)
            await app(scope, _replayed(body, receive), self._watched(operation, send))

        return gated

    def _described(self, scope: Scope) -> bool:
        path = cast(str, scope["path"])
        for prefix in self._prefixes:
            path = path.removeprefix(prefix)
        return path.lstrip("/").split("/")[0] in self.description.roots | OTHER_API_ROOTS

    def _watched(self, operation: Operation | None, send: Send) -> Send:
        status = 0
        media_type = ""
        chunks: list[bytes] = []

        async def watch(message: Message) -> None:
            nonlocal status, media_type
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = dict(cast(list[tuple[bytes, bytes]], message.get("headers", [])))
                media_type = headers.get(b"content-type", b"").decode()
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))
                if operation is not None and not message.get("more_body", False):
                    self.check_answer(operation, status, media_type, b"".join(chunks))
            await send(message)

        return watch

    def _parameter_faults(
        self, operation: Operation, arguments: dict[str, str], query: list[tuple[str, str]]
    ) -> list[str]:
        given = {("path", name): value for name, value in arguments.items()}
        given |= {("query", name): value for name, value in query}
        declared = {(parameter.place, parameter.name): parameter for parameter in operation.parameters}
        faults = [f"unknown parameter {name!r}" for place, name in given if (place, name) not in declared]
        for key, parameter in declared.items():
            if key in given:
                value = _typed(parameter, given[key])
                faults += [f"{parameter.name}: {fault}" for fault in self.description.faults(parameter.schema, value)]
            elif parameter.required and parameter.place in ("path", "query"):
                faults.append(f"{parameter.name} is missing")
        return faults

    def _body_faults(self, operation: Operation, body: bytes) -> list[str]:
        if not body:
            return ["body is missing"] if operation.body_required and operation.body is not None else []
        if operation.body is None:
            return [] if body == b"{}" else ["takes no body"]
        parsed, fault = _parsed(body)
        if fault:
            return [fault]
        also = ALSO_TAKEN.get(str(operation))
        if also is not None and not self.description.faults(also, parsed):
            return []
        return self.description.faults(operation.body, parsed)


class _Transport(httpx.BaseTransport):
    def __init__(self, gate: ContractGate, inner: httpx.BaseTransport) -> None:
        self._gate = gate
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        operation = self._gate.check_request(request.method, *_target(request), request.read())
        response = self._inner.handle_request(request)
        if operation is None:
            return response
        raw = b"".join(cast(httpx.SyncByteStream, response.stream))
        response.close()
        return _judged(self._gate, operation, response, raw)

    def close(self) -> None:
        self._inner.close()


class _AsyncTransport(httpx.AsyncBaseTransport):
    def __init__(self, gate: ContractGate, inner: httpx.AsyncBaseTransport) -> None:
        self._gate = gate
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        operation = self._gate.check_request(request.method, *_target(request), await request.aread())
        response = await self._inner.handle_async_request(request)
        if operation is None:
            return response
        raw = b"".join([chunk async for chunk in cast(httpx.AsyncByteStream, response.stream)])
        await response.aclose()
        return _judged(self._gate, operation, response, raw)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _judged(gate: ContractGate, operation: Operation, response: httpx.Response, raw: bytes) -> httpx.Response:
    """A response that can be read again, after the gate has read it."""
    decoded = httpx.Response(response.status_code, headers=response.headers, content=raw).content
    gate.check_answer(operation, response.status_code, response.headers.get("content-type", ""), decoded)
    return httpx.Response(
        response.status_code, headers=response.headers, stream=httpx.ByteStream(raw), extensions=response.extensions
    )


def _target(request: httpx.Request) -> tuple[str, str]:
    return request.url.raw_path.partition(b"?")[0].decode("ascii"), request.url.query.decode("ascii")


def _typed(parameter: Parameter, text: str) -> Json:
    """The value that a parameter's text stands for; left as text where it stands for none, which then fails."""
    kinds = json.dumps(parameter.schema)
    if '"integer"' in kinds and re.fullmatch(r"-?\d+", text):
        return int(text)
    if '"boolean"' in kinds and text in ("true", "false"):
        return text == "true"
    return [text] if '"type": "array"' in kinds else text


def _parsed(body: bytes) -> tuple[Json, str]:
    try:
        return cast(Json, json.loads(body)), ""
    except ValueError as error:
        return None, f"body is not JSON: {error}"


async def _request_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def _replayed(body: bytes, receive: Receive) -> Receive:
    pending = [body]

    async def replay() -> Message:
        if pending:
            return {"type": "http.request", "body": pending.pop(), "more_body": False}
        return await receive()

    return replay
