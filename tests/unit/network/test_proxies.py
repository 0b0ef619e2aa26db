"""Which proxy leads where: as curl reads the settings, which git is built on."""

import pytest

from bot.network.errors import BadNetwork
from bot.network.proxies import DIRECT, proxies_of

EVERY = proxies_of("http://one:3128", "http://two:3128", "", "")


def test_a_proxy_is_for_its_scheme() -> None:
    assert EVERY.proxy_for("https", "api.github.com", 443) == "http://one:3128"
    assert EVERY.proxy_for("http", "models.corp.example", 80) == "http://two:3128"
    assert proxies_of("", "", "http://all:1", "").proxy_for("https", "x.example", 443) == "http://all:1"
    assert DIRECT.proxy_for("https", "x.example", 443) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_is_reached_directly(host: str) -> None:
    assert EVERY.proxy_for("http", host, 80) is None


@pytest.mark.parametrize(
    ("exceptions", "host", "direct"),
    [
        ("*", "a.example", True),
        ("a.example", "a.example", True),
        ("A.Example", "a.example", True),
        ("example", "a.example", True),
        (".example", "a.example", True),
        ("*.example", "a.example", True),
        ("ample", "a.example", False),
        ("b.example, a.example", "a.example", True),
        ("a.example:443", "a.example", True),
        ("a.example:8443", "a.example", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("fd12::/16", "fd12::1", True),
        ("[fd12::1]", "fd12::1", True),
        ("nonsense/99", "10.1.2.3", False),
        ("fd12::/16", "10.1.2.3", False),
        ("", "a.example", False),
    ],
)
def test_exceptions(exceptions: str, host: str, direct: bool) -> None:
    proxies = proxies_of("http://one:3128", "", "", exceptions)
    assert (proxies.proxy_for("https", host, 443) is None) == direct


@pytest.mark.parametrize("text", ["one:3128", "socks5://one:1080", "http://"])
def test_other_kinds_are_refused(text: str) -> None:
    with pytest.raises(BadNetwork, match="HTTPS_PROXY"):
        proxies_of(text, "", "", "")


def test_a_password_is_in_no_repr() -> None:
    assert "hunter2" not in repr(proxies_of("http://me:hunter2@one:3128", "", "", ""))
