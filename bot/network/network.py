"""The ways to a server: through a proxy, or directly to addresses that were looked up and judged once.

Whoever connects uses the addresses given here and not the name: asked again, a name may answer with another address
than the one that was judged (DNS rebinding). A proxy looks names up itself; what it reaches is its owner's affair.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.network.addresses import PORTS, Address, BaseUrl, Leave, is_internet, literal, refusal_of
from bot.network.errors import Unreachable
from bot.network.proxies import DIRECT, Proxies
from bot.network.trust import Trust

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a name, best first; raises OSError where it has none."""


@dataclass(frozen=True, slots=True)
class Direct:
    """Addresses to try one after another."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Through:
    """A proxy's URL, which may hold a password."""

    proxy: str = field(repr=False)


Way = Direct | Through


async def resolve(host: str, port: int) -> Sequence[str]:
    """What the machine's own resolver says; raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Network:
    """What an operator's settings say of the way to one server of theirs, and to what it refers to."""

    base: BaseUrl
    trust: Trust
    proxies: Proxies = DIRECT
    allow_private: bool = False
    resolve: Resolve = resolve

    async def way(self, scheme: str, host: str, port: int | None = None) -> Way:
        """How to reach a server, which may be another than `base`: an artifact lies elsewhere.

        Raises Unreachable where its name leads nowhere, or one of its addresses to where nothing may be sent.
        """
        at = port if port is not None else PORTS[scheme]
        spelled = literal(host)
        if spelled is not None:
            self._judge(scheme, host, spelled)
        proxy = self.proxies.proxy_for(scheme, host, at)
        if proxy is not None:
            return Through(proxy)
        if spelled is not None:
            return Direct((host,))
        try:
            addresses = tuple(await self.resolve(host, at))
        except OSError as error:
            raise Unreachable(f"{host!r} has no address ({error}); check the name and the resolver") from error
        for text in addresses:
            address = literal(text.partition("%")[0])
            if address is None:
                raise Unreachable(f"{host!r} leads to {text!r}, which is no address; check the resolver")
            self._judge(scheme, host, address)
        return Direct(addresses)

    async def git_settings(self, url: str) -> Mapping[str, str]:
        """What git has to be told so that it goes the same way as the other clients; raises as `way` does."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        # Never asked to look the way up by itself: its environment is empty, and so is this
        said = {"http.proxy": ""}
        if self.trust.file is not None:
            said["http.sslCAInfo"] = str(self.trust.file)
        match await self.way(parts.scheme, host, port):
            case Through(proxy):
                said["http.proxy"] = proxy
            case Direct(addresses) if literal(host) is None:
                joined = ",".join(f"[{address}]" if ":" in address else address for address in addresses)
                said["http.curloptResolve"] = f"{host}:{port}:{joined}"
            case Direct():
                pass
        return said

    def _judge(self, scheme: str, host: str, address: Address) -> None:
        leave = Leave(loopback=self.base.is_loopback, private=self.allow_private)
        reason = refusal_of(address, leave)
        if reason is None and scheme != "https" and is_internet(address):
            reason = "what is sent there could be read on the way; use https"
        if reason is not None:
            raise Unreachable(f"{host!r} leads to {address}, where nothing is sent: {reason}")
