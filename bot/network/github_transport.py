"""A transport of httpx on the ways of `bot.network.network`, for the client of GitHub.

A request goes to an address that was judged, under the name that its certificate has to show. Each name has its own
connections: two names with one address share none, for a connection proves the one name that it was opened for.
"""

import httpx as http

from bot.network.errors import Unreachable
from bot.network.network import Direct, Network, Through


class GitHubTransport(http.AsyncBaseTransport):
    """Sends as `network` says; give it to the client in place of its own, which then looks at no proxy by itself."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._open: dict[tuple[str, str], http.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: http.Request) -> http.Response:
        """Raises httpx.ConnectError where the server may not be spoken to, else as any transport does."""
        url = request.url
        try:
            way = await self._network.way(url.scheme, url.host, url.port)
        except Unreachable as error:
            raise http.ConnectError(str(error), request=request) from error
        match way:
            case Through(proxy):
                return await self._through(url.host, proxy).handle_async_request(request)
            case Direct(addresses):
                return await self._directly(request, addresses)

    async def aclose(self) -> None:
        for transport in self._open.values():
            await transport.aclose()
        self._open.clear()

    async def _directly(self, request: http.Request, addresses: tuple[str, ...]) -> http.Response:
        host = request.url.host
        key = host, ""
        if key not in self._open:
            self._open[key] = http.AsyncHTTPTransport(verify=self._network.trust.context, trust_env=False)
        refused: http.TransportError = http.ConnectError(f"{host!r} has no address", request=request)
        for address in addresses:
            pinned = http.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await self._open[key].handle_async_request(pinned)
            except (http.ConnectError, http.ConnectTimeout) as error:
                refused = error
        raise refused

    def _through(self, host: str, proxy: str) -> http.AsyncHTTPTransport:
        key = host, proxy
        if key not in self._open:
            context = self._network.trust.context
            way = http.Proxy(proxy, ssl_context=context if proxy.startswith("https:") else None)
            self._open[key] = http.AsyncHTTPTransport(verify=context, trust_env=False, proxy=way)
        return self._open[key]
