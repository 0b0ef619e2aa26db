"""Which addresses are spoken to, and the forms of an operator's URL: pure, and with a word for each refusal."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.network.addresses import BaseUrl, Leave, is_internet, parse_base_url, refusal_of
from bot.network.errors import BadUrl

NONE = Leave(loopback=False, private=False)
ALL = Leave(loopback=True, private=True)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.170.2",
        "fe80::1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001:0:5efe:1::5601:5601",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "ff02::1",
        "240.0.0.1",
        "255.255.255.255",
    ],
)
def test_some_addresses_are_never_spoken_to(address: str) -> None:
    assert refusal_of(ip_address(address), ALL) is not None


@pytest.mark.parametrize(
    ("address", "leave"),
    [
        ("127.0.0.1", Leave(loopback=True, private=False)),
        ("::1", Leave(loopback=True, private=False)),
        ("::ffff:127.0.0.1", Leave(loopback=True, private=False)),
        ("10.1.2.3", Leave(loopback=False, private=True)),
        ("192.168.1.1", Leave(loopback=False, private=True)),
        ("100.64.0.1", Leave(loopback=False, private=True)),
        ("fd12::1", Leave(loopback=False, private=True)),
        ("64:ff9b::a01:203", Leave(loopback=False, private=True)),
    ],
)
def test_others_only_with_leave(address: str, leave: Leave) -> None:
    assert refusal_of(ip_address(address), NONE) is not None
    assert refusal_of(ip_address(address), leave) is None


@pytest.mark.parametrize("address", ["140.82.112.5", "2606:50c0:8000::153", "64:ff9b::8c52:7005"])
def test_the_internet_needs_none(address: str) -> None:
    assert refusal_of(ip_address(address), NONE) is None
    assert is_internet(ip_address(address))


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("https://api.github.com/", BaseUrl("https://api.github.com", "https", "api.github.com", 443)),
        (
            "https://GHE.corp.example:8443/api/v3",
            BaseUrl("https://GHE.corp.example:8443/api/v3", "https", "ghe.corp.example", 8443),
        ),
        ("http://127.0.0.1:8080/v1", BaseUrl("http://127.0.0.1:8080/v1", "http", "127.0.0.1", 8080)),
        ("http://[::1]/v1", BaseUrl("http://[::1]/v1", "http", "::1", 80)),
        ("http://localhost:11434", BaseUrl("http://localhost:11434", "http", "localhost", 11434)),
    ],
)
def test_urls_that_are_taken(text: str, base: BaseUrl) -> None:
    assert parse_base_url(text, "X", allow_private=False) == base


@pytest.mark.parametrize(
    "text",
    [
        "",
        "api.github.com",
        "https://",
        "https://[::1",
        "https://host:port",
        "https://host:99999",
        "https://ghe.corp.example?x=1",
        "https://ghe.corp.example#x",
        "https://ghe.corp.example\\@evil.example",
        "https://ghe.corp.example /x",
        "https://g\u0456thub.example",
        "https://%31%32%37.0.0.1",
        "https://-x.example",
        "https://a..b",
        "https://host.",
        "https://[fe80::1%25eth0]",
        "https://[fd12::1%25eth0]",
        "https://" + "a" * 3_000,
        "http://api.github.com",
        "http://10.0.0.1",
        "https://10.0.0.1",
    ],
)
def test_urls_that_are_not_taken(text: str) -> None:
    with pytest.raises(BadUrl, match=r"^X='"):
        parse_base_url(text, "X", allow_private=False)


@pytest.mark.parametrize("text", ["http://10.0.0.1:8080", "https://10.0.0.1", "http://models.corp.example/v1"])
def test_a_private_network_is_taken_with_leave(text: str) -> None:
    assert parse_base_url(text, "X", allow_private=True).text == text


def test_a_password_is_not_told() -> None:
    with pytest.raises(BadUrl) as told:
        parse_base_url("https://me:hunter2@host", "X", allow_private=False)
    assert "hunter2" not in str(told.value)


@given(st.ip_addresses())
def test_leave_only_adds(address: object) -> None:
    given_address = ip_address(str(address))
    if refusal_of(given_address, ALL) is not None:
        assert refusal_of(given_address, NONE) is not None


@given(st.text("htps:/@.[]0123456789abxfx%\\?# ", max_size=40))
def test_whatever_is_written_is_taken_or_refused(text: str) -> None:
    try:
        base = parse_base_url(text, "X", allow_private=False)
    except BadUrl:
        return
    assert base.scheme == "https" or base.is_loopback
