"""Serving an application on loopback, in the event loop that is running."""

import asyncio
import socket
import sys
from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from bot.model.errors import NeedsHuman
from bot.web.webhook import Application


def run_web(work: Coroutine[None, None, None]) -> None:
    """Run `work` to its end in the event loop that takes the least of a request.

    For processes that only serve: work that starts other processes was tried in asyncio's own loop.
    """
    if sys.platform == "win32":
        asyncio.run(work)
    else:
        import uvloop

        uvloop.run(work)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises NeedsHuman where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named by its protocol: asyncio sends small answers at once only on such sockets, else each waits for an ACK.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(512)
    except (OSError, OverflowError) as error:
        listening.close()
        raise NeedsHuman(f"can't listen on {host}:{port} ({error}); choose another port with --port") from error
    return listening


class _Server(uvicorn.Server):
    """Leaves signals to the command line: several servers may share one process."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def serving(application: Application, listening: socket.socket) -> AsyncGenerator[str]:
    """Serves `application` on the socket until the block ends; gives the URL."""
    config = uvicorn.Config(
        application,  # pyright: ignore[reportArgumentType] - our ASGI types are narrower than uvicorn's
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    host, port = listening.getsockname()[:2]
    try:
        while not server.started:
            if running.done():
                await running
            await asyncio.sleep(0.01)
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        await running
