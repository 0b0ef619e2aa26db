"""Connections that outlive a request: githubkit opens and closes an HTTP client for each one unless it is told not to.

A connection belongs to the event loop it was opened on, so there is one pool a loop. Proxies and certificate bundles
of the environment (`HTTPS_PROXY`, `SSL_CERT_FILE`) apply.
"""

import asyncio
from collections.abc import Callable
from weakref import WeakKeyDictionary

import httpx

GITHUB_COM = "https://api.github.com"
TIMEOUT = httpx.Timeout(30.0, connect=10.0)


class Connections(httpx.AsyncBaseTransport):
    """A transport that stays open when a client on it is closed; `shut` really closes it."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport | None = None,
        connect: Callable[[], httpx.AsyncBaseTransport] | None = None,
    ) -> None:
        """`transport` replaces the network; else `connect` opens the way to it, for each event loop its own."""
        self._given = transport
        self._connect = connect
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._given is not None:
            return await self._given.handle_async_request(request)
        return await self._pool().send(request, stream=True, follow_redirects=False)

    async def aclose(self) -> None:
        """Nothing: called after each request."""

    async def shut(self) -> None:
        """Close what this event loop holds open."""
        if self._given is not None:
            await self._given.aclose()
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.aclose()

    def _pool(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if loop not in self._pools:
            way = self._connect() if self._connect is not None else None
            self._pools[loop] = httpx.AsyncClient(timeout=TIMEOUT, transport=way)
        return self._pools[loop]
