"""Which proxy leads to a server, as `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say. Pure.

Programs differ in how they read these; this follows curl, which git is built on: https://curl.se/docs/manpage.html#-x
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from urllib.parse import urlsplit

from bot.network.addresses import is_loopback_name, literal
from bot.network.errors import BadNetwork


@dataclass(frozen=True, slots=True)
class Proxies:
    """Proxies by the scheme of what is asked for; they may hold a password and are in no `repr`."""

    by_scheme: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """`https`, `http`, or `all`."""
    exceptions: str = ""
    """Hosts that are reached directly: names with all below them, addresses, networks, `HOST:PORT`, `*` for all."""

    def proxy_for(self, scheme: str, host: str, port: int) -> str | None:
        """The proxy's URL, None where the way is direct. This machine itself is always reached directly."""
        proxy = self.by_scheme.get(scheme) or self.by_scheme.get("all")
        if not proxy or is_loopback_name(host) or self._is_exception(host, port):
            return None
        return proxy

    def _is_exception(self, host: str, port: int) -> bool:
        address = literal(host)
        for entry in self.exceptions.replace(",", " ").split():
            name, colon, only = entry.lower().rpartition(":")
            if colon and only.isdigit() and ":" not in name:
                if port != int(only):
                    continue
            else:
                name = entry.lower()
            name = name.removeprefix("*.").removeprefix(".").strip("[]")
            if name == "*" or host == name or (address is None and host.endswith(f".{name}")):
                return True
            if address is not None and "/" in name and _within(host, name):
                return True
        return False


DIRECT = Proxies()


def proxies_of(https: str, http: str, every: str, exceptions: str) -> Proxies:
    """The proxies of the settings; an empty text is none.

    Raises BadNetwork for one that is neither `http://HOST:PORT` nor `https://HOST:PORT`.
    """
    named = {"https": ("HTTPS_PROXY", https), "http": ("HTTP_PROXY", http), "all": ("ALL_PROXY", every)}
    for setting, text in named.values():
        parts = urlsplit(text)
        if text and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise BadNetwork(f"{setting} can't be used: it starts with {parts.scheme!r}; write http://HOST:PORT")
    return Proxies({scheme: text for scheme, (_, text) in named.items() if text}, exceptions)


def _within(host: str, network: str) -> bool:
    try:
        return ip_network(network, strict=False).overlaps(ip_network(host))
    except (ValueError, TypeError):
        return False
