"""Answers that break off: a response lost after its effect, or cut in the middle.

An ASGI application cannot close its connection, so the server's protocol remembers each connection's transport under
the client's address, which every request carries.
"""

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_TRANSPORTS: dict[tuple[str, int], asyncio.Transport] = {}


class TrackedProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP protocol that lets `abort` find its transport."""

    _peer: tuple[str, int] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # as uvicorn's own declares it
        super().connection_made(transport)
        host, port = transport.get_extra_info("peername")[:2]
        self._peer = (str(host), int(port))
        _TRANSPORTS[self._peer] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._peer is not None:
            _TRANSPORTS.pop(self._peer, None)
        super().connection_lost(exc)


async def _abort(scope: Scope, receive: Receive) -> None:
    client = scope.get("client")
    transport = None if client is None else _TRANSPORTS.get((client[0], client[1]))
    if transport is None:
        raise ConnectionResetError("the response was ordered to be lost, and this transport has no connection to close")
    transport.abort()
    message = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()


class Lost(Response):
    """Not a byte is sent; the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _abort(scope, receive)


class CutShort(Response):
    """The head and half of the body are sent, then the connection is reset."""

    def __init__(self, whole: Response) -> None:
        super().__init__()
        self._whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytes(self._whole.body)
        await send(
            {"type": "http.response.start", "status": self._whole.status_code, "headers": self._whole.raw_headers}
        )
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await _abort(scope, receive)
