"""A server on loopback that answers exactly what a test wrote down, byte for byte, or hangs up instead.

The GitHub on loopback behaves; this one misbehaves in ways that no server framework allows.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    promised: int | None = None
    """Bytes announced, where they are more than are sent."""


HANG_UP = None
"""The connection is closed without an answer."""

Script = Callable[[Request], Answer | None]


def said(content: object, status: int = 200, **headers: str) -> Answer:
    """A JSON answer; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps(content).encode(), {"content-type": "application/json", **named})


@dataclass(slots=True)
class Scripted:
    """The running server: where it is, and what it was asked."""

    url: str
    requests: list[Request] = field(default_factory=list[Request])

    def asked(self, method: str, path: str) -> list[Request]:
        return [each for each in self.requests if each.method == method and each.target.partition("?")[0] == path]


@asynccontextmanager
async def scripted(script: Script) -> AsyncGenerator[Scripted]:
    """Serve `script` on a free port until the end of the block."""
    running = Scripted("")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _read(reader)
        if request is not None:
            running.requests.append(request)
            answer = script(request)
            if answer is not None:
                writer.write(_written(answer))
                await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    running.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield running


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target, headers, body)


def _written(answer: Answer) -> bytes:
    length = len(answer.body) if answer.promised is None else answer.promised
    headers = {**answer.headers, "content-length": str(length), "connection": "close"}
    lines = [f"HTTP/1.1 {answer.status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + answer.body
