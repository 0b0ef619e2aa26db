"""The door for deliveries: whether GitHub sent it, and what it tells us.

The signature covers the raw body and nothing else, so it is checked before anything is parsed, and the event's name,
which comes from an unsigned header, is believed only where the body has that event's shape. Parsing is tolerant: of a
payload only the few fields that are used are looked at, because GitHub adds fields at will. It never raises: whatever
a stranger sends becomes an `Ignored` with a reason, so that a stored delivery always reaches an explained end.
"""

import hmac
import json
import re
from dataclasses import dataclass, field

from pydantic import ValidationError

from bot.intake.payload import parse_payload
from bot.model.errors import NeedsHuman
from bot.model.event import Event, Ignored

_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """The secret shared with GitHub; cannot be empty, because an empty key lets everyone sign."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not self.key.strip():
            raise NeedsHuman("the webhook secret is empty: set the one that the GitHub App was registered with")


def verify_signature(secret: WebhookSecret, body: bytes, header: str | None) -> bool:
    """Whether `header`, the value of `X-Hub-Signature-256`, is GitHub's signature of these very bytes.

    Exactly `sha256=` and 64 lower-case hexadecimal digits, as GitHub writes it: anything else, also the older SHA-1
    signature or two headers joined by a comma, is refused. Rule: GitHub docs, "Validating webhook deliveries".
    """
    if header is None or _SIGNATURE.fullmatch(header) is None:
        return False
    # In one call: an object to feed piecemeal costs a third more.
    expected = hmac.digest(secret.key, body, "sha256").hex()
    return hmac.compare_digest(header.removeprefix("sha256="), expected)


def parse_delivery(event: str, body: bytes) -> Event:
    """What the delivery tells us. Never raises: what cannot be used is `Ignored`, with the reason.

    `event` is the value of `X-GitHub-Event`; `body` the raw bytes. Reasons hold no text of the payload.
    """
    try:
        document = _parse_json(body)
    except RecursionError:
        return Ignored("the body is nested too deeply")
    except ValueError:
        return Ignored("the body is not JSON without duplicate keys, NaN or oversized numbers")
    try:
        return parse_payload(event, document)
    except ValidationError:
        return Ignored("the body does not have the shape of its event")


def _parse_json(body: bytes) -> object:
    """Strict JSON in UTF-8; raises ValueError or RecursionError."""
    return json.loads(body.decode("utf-8"), object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("duplicate key")
    return document


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name!r} is not JSON")
