"""Redaction: credentials go, ordinary messages stay, and no text makes it slow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.secrets.logs import redact_event
from bot.secrets.scan import REDACTED, redact, redact_all, scan

BODY = "A1b2C3d4" * 5
KEY = f"-----BEGIN RSA PRIVATE KEY-----\n{BODY}\n-----END RSA PRIVATE KEY-----"
INSTALLATION = f"ghs_12345_eyJhbGciOiJI.eyJzdWIiOiIx.{BODY}"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"token ghp_{BODY} end", f"token {REDACTED} end"),
        (f"ghs_{BODY}", REDACTED),
        (f"said {INSTALLATION}.", f"said {REDACTED}."),
        (f"gho_{BODY}'", f"{REDACTED}'"),
        (f"github_pat_{BODY}", REDACTED),
        (f"basic eC1hY2Nlc3MtdG9rZW46{BODY}=", f"basic {REDACTED}"),
        (f"key=sk-ant-api03-{BODY}", f"key={REDACTED}"),
        (f"sk-{BODY}", REDACTED),
        (f"sk-proj-{BODY}", REDACTED),
        ("AKIAABCDEFGHIJKLMNOP", REDACTED),
        (f"AIza{BODY[:35]}", REDACTED),
        (f"GOCSPX-{BODY}", REDACTED),
        (f"ya29.{BODY}", REDACTED),
        (f"xoxb-{BODY}", REDACTED),
        (f"xapp-1-{BODY}", REDACTED),
        (f"https://hooks.slack.com/services/T0/B0/{BODY}", f"https://hooks.slack.com/services/{REDACTED}"),
        (f"glpat-{BODY}", REDACTED),
        (f"sk_live_{BODY}", REDACTED),
        (f"npm_{BODY[:36]}", REDACTED),
        (f"pypi-AgEIcHlwaS5vcmc{BODY}", REDACTED),
        (f"hf_{BODY[:34]}", REDACTED),
        (f"eyJhbGciOiJI.eyJzdWIiOiIx.{BODY}", REDACTED),
        (f"before {KEY} after", f"before {REDACTED} after"),
        (KEY[:60], REDACTED),
        (f"key = {KEY!r}", f"key = '{REDACTED}'"),
        (
            KEY.replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00AA\n\n", 1),
            REDACTED,
        ),
        (f"said:\n{KEY[32:]}\nand on", f"said:\n{REDACTED}\nand on"),
        (f"{KEY[32:]}\n{KEY}\nx\n{KEY[32:]}", f"{REDACTED}\n{REDACTED}\nx\n{REDACTED}"),
        (f"short\n{BODY}\n{KEY[32:]}", f"short\n{REDACTED}"),
        ("https://me:secret@host/x", f"https://{REDACTED}@host/x"),
        ("postgresql://rmo:p%40ss@db:5432/rmo", f"postgresql://{REDACTED}@db:5432/rmo"),
        ("Authorization: Bearer abcdefgh12345678", f"Authorization: Bearer {REDACTED}"),
        ("{'authorization': 'Basic dXNlcjpwYXNz'}", f"{{'authorization': 'Basic {REDACTED}'}}"),
        ("API_KEY = 'q7Zt4Wc9Lm2Xv8Rb3Kp5'", f"API_KEY = '{REDACTED}'"),
        ('"client_secret": "q7Zt4Wc9Lm2Xv8Rb3Kp5",', f'"client_secret": "{REDACTED}",'),
        ("password: str = 'q7Zt4Wc9Lm2Xv8Rb3Kp5'", f"password: str = '{REDACTED}'"),
        ("export DB_PASSWORD=q7Zt4Wc9Lm2Xv8Rb3Kp5\n", f"export DB_PASSWORD={REDACTED}\n"),
        ("secret_key: 9f86d081884c7d659a2feaa0c55ad015", f"secret_key: {REDACTED}"),
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
        "sk-learn-and-other-words-with-hyphens",
        "AKIA is a prefix",
        "ghp_short",
        "mail me@example.org",
        "if '-----BEGIN PRIVATE KEY-----' in text and text.endswith('-----END PRIVATE KEY-----'):",
        "-----END PRIVATE KEY-----",
        "token = 'access_token_of_the_first_user'",
        "password = 'correct-horse-battery-staple-2024'",
        "key_digest = '9f86d081884c7d659a2feaa0c55ad015'",
        "secret = 'your_secret_q7Zt4Wc9Lm2Xv8Rb3Kp5'",
        "secret = '00000000000000000000000000000000'",
        "token = '12345678901234567890'",
        "token: ----------------------------",
        "api_key = settings.services.first.api_key_of_2024a",
        "the password is told; x = 'q7Zt4Wc9Lm2Xv8Rb3Kp5'",
        "private_key: x25519.X25519PrivateKey",
        f"eyJhbGciOiJI-eyJzdWIiOiIx-{BODY}",
    ],
)
def test_ordinary_texts_stay(text: str) -> None:
    assert redact(text) == text


def test_in_plain_data_every_string_is_redacted() -> None:
    secret = f"ghp_{BODY}"
    given = {"a": [secret, 1, None, b"x"], "b": {"c": (secret,)}}
    assert redact_all(given) == {"a": [REDACTED, 1, None, b"x"], "b": {"c": [REDACTED]}}


def test_of_two_that_overlap_nothing_is_left() -> None:
    text = f"https://me:ghp_{BODY}@host, https://ghp_{BODY}:x@host"
    assert redact(text) == f"https://{REDACTED}@host, https://{REDACTED}@host"
    assert [secret.kind for secret in scan(text)] == ["credentials in a URL"] * 2


def test_of_two_that_share_an_end_the_whole_goes() -> None:
    text = f"Authorization: Bearer ghs_aaaaaaaaaaaaaaaaaaaa.{BODY}~~{BODY}"
    assert redact(text) == f"Authorization: Bearer {REDACTED}"
    text = f"xoxb-aaaaaaaaaaghp-glpat-{BODY}_{BODY}"
    assert redact(text) == REDACTED


def test_what_one_secret_hid_goes_as_well() -> None:
    text = f"{KEY}eyJhbGciOiJI.eyJzdWIiOiIx.{BODY}"
    assert redact(text) == REDACTED * 2


def test_what_is_logged_is_redacted() -> None:
    secret = f"ghs_{BODY}"
    event = {"event": f"failed with {secret}", "count": 3, "error": ValueError(secret), "list": [secret], "no": None}
    assert redact_event(None, "info", event) == {
        "event": f"failed with {REDACTED}",
        "count": 3,
        "error": f"ValueError('{REDACTED}')",
        "list": [REDACTED],
        "no": None,
    }


PIECES = (
    *KEY.splitlines(),
    *("\n", "x", " ", "gh", "p_", "ghs_", ".", "eyJ", "://", ":", "@", "-", "=", "'", "token", "AKIA", "AIza", "sk-"),
    BODY,
    BODY[:35],
    "ABCDEFGHIJKLMNOP",
    "Authorization: Basic ",
    REDACTED,
)


@given(st.text() | st.text("ghp_sk-AKIA:/@eyJ.-BEGIN PRIVATE KEY\n0") | st.lists(st.sampled_from(PIECES)).map("".join))
def test_a_second_time_changes_nothing(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_secrets_are_in_order_within_the_text(text: str) -> None:
    ends = [0, *(place for secret in scan(text) for place in (secret.start, secret.end)), len(text)]
    assert ends == sorted(ends)


@given(
    st.text("\n .,;()'", max_size=20),
    st.sampled_from(("ghp_", "ghs_1_eyJhbGciOiJI.eyJzdWIiOiIx.", "sk-ant-api03-", "sk-proj-", "github_pat_", "glpat-")),
    st.text("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=30, max_size=80),
    st.text("\n .,;()'", max_size=20),
)
def test_no_token_is_left_wherever_it_stands(before: str, prefix: str, drawn: str, after: str) -> None:
    token = f"{prefix}7{drawn}"
    assert drawn not in redact(f"{before}{token}{after}")
