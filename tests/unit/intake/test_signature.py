"""Whether bytes are GitHub's: the documented vector passes, and everything that only resembles it does not."""

import hashlib
import hmac

import pytest

from bot.intake.webhook import WebhookSecret, verify_signature
from bot.model.errors import NeedsHuman

SECRET = WebhookSecret(b"It's a Secret to Everybody")
BODY = b"Hello, World!"
SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def test_the_vector_of_githubs_documentation_is_accepted() -> None:
    assert verify_signature(SECRET, BODY, SIGNATURE)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="WH-1-none"),
        pytest.param("", id="WH-1-empty"),
        pytest.param("sha256=" + "0" * 64, id="WH-2-wrong"),
        pytest.param("sha1=" + hmac.new(SECRET.key, BODY, hashlib.sha1).hexdigest(), id="WH-3-sha1"),
        pytest.param(SIGNATURE.upper(), id="WH-6-upper-case"),
        pytest.param("sha256=" + SIGNATURE[7:].upper(), id="WH-6-upper-case-digits"),
        pytest.param(f" {SIGNATURE}", id="WH-6-space-before"),
        pytest.param(f"{SIGNATURE}\n", id="WH-6-newline-after"),
        pytest.param(f"{SIGNATURE}, {SIGNATURE}", id="WH-6-two-headers-joined"),
        pytest.param(SIGNATURE[:-2], id="short"),
        pytest.param(SIGNATURE[7:], id="no-algorithm"),
        pytest.param("sha256=" + "\u0661" * 64, id="other-digits"),
    ],
)
def test_anything_else_is_refused(header: str | None) -> None:
    assert not verify_signature(SECRET, BODY, header)


def test_the_raw_bytes_count_and_not_what_they_mean() -> None:
    sent = b'{"a": 1}'
    signature = "sha256=" + hmac.new(SECRET.key, sent, hashlib.sha256).hexdigest()
    assert verify_signature(SECRET, sent, signature)
    assert not verify_signature(SECRET, b'{"a":1}', signature)


@pytest.mark.parametrize("key", [b"", b" ", b"\n"])
def test_an_empty_secret_cannot_be_made(key: bytes) -> None:
    with pytest.raises(NeedsHuman, match="webhook secret is empty"):
        WebhookSecret(key)


def test_a_secret_does_not_show_itself() -> None:
    assert "Everybody" not in repr(SECRET)
