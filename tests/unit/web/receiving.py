"""A receiver served by uvicorn on loopback over a real SQLite file, and a sender that signs as GitHub does."""

import asyncio
import hashlib
import hmac
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn

from bot.intake.webhook import WebhookSecret
from bot.web.webhook import Application

SECRET = WebhookSecret(b"a secret of the tests")
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"


def signature(body: bytes, key: bytes = SECRET.key) -> str:
    return "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()


def headers(body: bytes, **changes: str | None) -> dict[str, str]:
    """GitHub's headers for `body`; a change to None leaves one out, `_` in its name stands for `-`."""
    usual: dict[str, str | None] = {
        "content-type": "application/json",
        "x-github-event": "issues",
        "x-github-delivery": GUID,
        "x-hub-signature-256": signature(body),
    }
    usual.update({name.replace("_", "-"): value for name, value in changes.items()})
    return {name: value for name, value in usual.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Served:
    """Where an application is listening."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhook"

    async def raw(self, request: bytes) -> bytes:
        """The whole answer to bytes that no HTTP client would send."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            await writer.drain()
            return await reader.read()
        finally:
            writer.close()
            await writer.wait_closed()


@asynccontextmanager
async def serving(application: Application) -> AsyncGenerator[Served]:
    """`application` under uvicorn on a free port of 127.0.0.1, until the end of the block."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_level="error", access_log=False))  # pyright: ignore[reportArgumentType] - ASGI types are structural dicts here
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield Served(listening.getsockname()[1])
    finally:
        server.should_exit = True
        await running
        listening.close()
