"""Serving the loopback GitHub over HTTP, in the running event loop."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn

from bot.localhub.connections import TrackedProtocol
from bot.localhub.errors import LocalhubError
from bot.localhub.hub import LocalHub


@asynccontextmanager
async def serve(hub: LocalHub, port: int = 0) -> AsyncGenerator[str, None]:
    """Serve on 127.0.0.1 and give the base URL; port 0 takes a free one.

    On leaving, what is under way is cancelled and the server ends. Raises LocalhubError where the port is taken.
    """
    # Named by its protocol: asyncio sends small answers at once only on such sockets, else each waits for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise LocalhubError(f"can't listen on 127.0.0.1:{port} ({error}); choose another port") from error
    hub.world.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        hub.app,
        http=TrackedProtocol,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await server.listening.wait()
        yield hub.world.base_url
    finally:
        await hub.world.background.stop()
        server.should_exit = True
        await task
        await hub.close()  # after the last request, which may have started a process of git
        listener.close()


class _Server(uvicorn.Server):
    """Uvicorn that says when it listens and leaves signals to the program that runs it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        await self._serve(sockets)
