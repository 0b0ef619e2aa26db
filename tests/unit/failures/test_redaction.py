"""Redaction: credentials go, ordinary messages stay, and no text makes it slow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.failures.redaction import REDACTED, redact, redact_all

BODY = "A1b2C3d4" * 5
KEY = f"-----BEGIN RSA PRIVATE KEY-----\n{BODY}\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"token ghp_{BODY} end", f"token {REDACTED} end"),
        (f"ghs_{BODY}", REDACTED),
        (f"gho_{BODY}'", f"{REDACTED}'"),
        (f"github_pat_{BODY}", REDACTED),
        (f"key=sk-ant-api03-{BODY}", f"key={REDACTED}"),
        (f"sk-{BODY}", REDACTED),
        ("AKIAABCDEFGHIJKLMNOP", REDACTED),
        (f"xoxb-{BODY}", REDACTED),
        (f"eyJhbGciOiJI.eyJzdWIiOiIx.{BODY}", REDACTED),
        (f"before {KEY} after", f"before {REDACTED} after"),
        (KEY[:60], REDACTED),
        (f"said:\n{KEY[40:]}\nand on", f"said:\n{REDACTED}\nand on"),
        (f"{KEY[40:]}\n{KEY}\nx\n{KEY[40:]}", f"{REDACTED}\n{REDACTED}\nx\n{REDACTED}"),
        ("https://me:secret@host/x", f"https://{REDACTED}@host/x"),
        ("postgresql://rmo:p%40ss@db:5432/rmo", f"postgresql://{REDACTED}@db:5432/rmo"),
    ],
)
def test_credentials_go(text: str, kept: str) -> None:
    assert redact(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "assert add(1, 2) == 3",
        "see https://example.org/a:b@c and tests/test_a.py::test_b",
        "task-force-of-very-many-people",
        "AKIA is a prefix",
        "ghp_short",
        "mail me@example.org",
    ],
)
def test_ordinary_texts_stay(text: str) -> None:
    assert redact(text) == text


def test_in_plain_data_every_string_is_redacted() -> None:
    secret = f"ghp_{BODY}"
    given = {"a": [secret, 1, None, b"x"], "b": {"c": (secret,)}}
    assert redact_all(given) == {"a": [REDACTED, 1, None, b"x"], "b": {"c": [REDACTED]}}


@given(
    st.text()
    | st.text("ghp_sk-AKIA:/@eyJ.-BEGIN PRIVATE KEY\n0")
    | st.lists(st.sampled_from([*KEY.splitlines(), "\n", "x", "gh", "p_"])).map("".join)
)
def test_a_second_time_changes_nothing(text: str) -> None:
    assert redact(redact(text)) == redact(text)
