"""The App's end of the webhooks: a server on loopback that keeps every delivery with its raw bytes."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> str:
        return self.headers["x-github-event"]

    @property
    def payload(self) -> Any:
        return json.loads(self.body)

    @property
    def name(self) -> str:
        """`issues.labeled`, or `push` where there is no action."""
        action = self.payload.get("action")
        return f"{self.event}.{action}" if action else self.event

    def signed_with(self, secret: str) -> bool:
        expected = "sha256=" + hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, self.headers["x-hub-signature-256"])


@dataclass(slots=True)
class Receiver:
    url: str = ""
    status: int = 202
    deliveries: list[Received] = field(default_factory=list[Received])

    def named(self, name: str) -> list[Received]:
        return [each for each in self.deliveries if each.name == name]

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.deliveries]


@asynccontextmanager
async def receiving() -> AsyncGenerator[Receiver]:
    """Listen on a free port until the end of the block."""
    receiver = Receiver()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")[1:]
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines) if name}
                body = await reader.readexactly(int(headers["content-length"]))
                receiver.deliveries.append(Received(headers, body))
                writer.write(f"HTTP/1.1 {receiver.status} Done\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhook"
    try:
        yield receiver
    finally:
        server.close()
