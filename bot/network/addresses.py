"""Which addresses may be spoken to, and which forms of a server's URL are taken from an operator. Pure.

A name is whatever its owner says at the moment, and some addresses answer with credentials to whoever asks: a cloud's
metadata service lends out the machine's own. So those are refused whatever is set, and addresses within a network
unless the operator says that the server is there (OWASP: "Server-Side Request Forgery Prevention Cheat Sheet").
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Literal
from urllib.parse import urlsplit

from bot.network.errors import BadUrl

Address = IPv4Address | IPv6Address
PORTS = {"https": 443, "http": 80}

_METADATA = frozenset(
    map(
        ip_address,
        (
            "100.100.100.200",  # Alibaba Cloud
            "168.63.129.16",  # Azure's own channel to its machines
            "192.0.0.192",  # Oracle Cloud, before 2020
            "fd00:ec2::254",  # AWS; that of IPv4 is link-local, as are most
            "fd20:ce::254",  # Google Cloud
        ),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.(?!-)[A-Za-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_MOST_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """A server as an operator named it."""

    text: str
    """Without a slash at its end."""
    scheme: Literal["https", "http"]
    host: str
    """In small letters; of IPv6 without brackets."""
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether the operator named this machine itself."""
        return is_loopback_name(self.host)


@dataclass(frozen=True, slots=True)
class Leave:
    """What an operator allows beyond the internet."""

    loopback: bool
    """This machine itself: only where the operator's own URL names it."""
    private: bool
    """Networks that the internet does not reach (`RMO_ALLOW_PRIVATE_HOSTS`)."""


def refusal_of(address: Address, leave: Leave) -> str | None:
    """Why nothing is sent to `address`; None where it may be."""
    address = _meant(address)
    if address.is_link_local or address in _METADATA:
        return "a machine's metadata service may answer there"
    if address.is_unspecified or address.is_multicast or (address.is_reserved and not address.is_loopback):
        return "no server has such an address"
    if address.is_loopback:
        return None if leave.loopback else "that is this machine itself"
    if not address.is_global and not leave.private:
        return "that is within a private network; set RMO_ALLOW_PRIVATE_HOSTS=true if the server is there"
    return None


def is_internet(address: Address) -> bool:
    """Whether what is sent to `address` leaves for the internet."""
    return _meant(address).is_global


def literal(host: str) -> Address | None:
    """The address that `host` spells out, None where it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_loopback_name(host: str) -> bool:
    address = literal(host)
    return host == "localhost" if address is None else address.is_loopback


def parse_base_url(text: str, setting: str, *, allow_private: bool) -> BaseUrl:
    """The server that a setting names: `https://` anywhere, `http://` on loopback, or in a private network if allowed.

    `setting` is its name, for the message. Raises BadUrl for any other scheme, credentials, an address in a form that
    programs read differently, or one that `refusal_of` refuses.
    """

    def bad(reason: str) -> BadUrl:
        return BadUrl(f"{setting}={_shown(text)!r} can't be used: {reason}")

    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise bad(f"{error}; write https://HOST") from error
    scheme = parts.scheme
    if scheme != "https" and scheme != "http":
        raise bad("write https://HOST")
    if "@" in parts.netloc:
        raise bad("a user's name or a password has no place in it")
    if len(text) > _MOST_CHARACTERS or not text.isascii() or not text.isprintable() or re.search(r"[\s\\]", text):
        raise bad("it holds characters that no URL has; write a name in other letters as xn--...")
    if "?" in text or "#" in text:
        raise bad("leave out what follows `?` or `#`")
    address = literal(host)
    if address is None and _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise bad("write the address as four decimal numbers, without zeros before them")
    if address is None and _NAME.fullmatch(host) is None:
        raise bad("it names no host")
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise bad("leave out the zone of the address")
    reason = None if address is None else refusal_of(address, Leave(loopback=True, private=allow_private))
    if reason is not None:
        raise bad(reason)
    if scheme == "http" and not (is_loopback_name(host) or allow_private):
        raise bad("what is sent there could be read on the way; write https://")
    return BaseUrl(text.rstrip("/"), scheme, host, port or PORTS[scheme])


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    tunnel = address.teredo[1] if address.teredo is not None else None
    return address.ipv4_mapped or address.sixtofour or tunnel or address


def _shown(text: str) -> str:
    """For a message, without anything before an `@`, which may be a password."""
    scheme, separator, rest = text[:200].partition("://")
    return f"{scheme}://...@{rest.rpartition('@')[2]}" if separator and "@" in rest else text[:200]
