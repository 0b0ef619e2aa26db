"""Finding credentials in a text, and taking them out of it.

A net below other walls: what the bot runs holds no credential that it could say, and a secret that is split, reversed
or encoded passes any net. What is found here never leaves, whoever wrote it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from bot.secrets.assignments import find_assignments
from bot.secrets.kinds import FORMS, Kind
from bot.secrets.placeholders import opens_something
from bot.secrets.private_keys import find_private_keys

REDACTED = "[redacted]"
_ATTEMPTS = 8
"""Taking one out can bring another to light that stood in its shadow; each time what is left is shorter or the same."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential in a text, without its value: `text[start:end]`."""

    kind: Kind
    start: int
    end: int


def scan(text: str) -> tuple[Secret, ...]:
    """The credentials in `text` in their order; none overlaps another. Linear in the text's length."""
    found = sorted(_found(text), key=lambda secret: (secret.start, -secret.end))
    kept: list[Secret] = []
    for secret in found:
        if not kept or secret.start >= kept[-1].end:
            kept.append(secret)
        elif secret.end > kept[-1].end:
            kept[-1] = Secret(kept[-1].kind, kept[-1].start, secret.end)
    return tuple(kept)


def scan_certain(text: str) -> tuple[Secret, ...]:
    """Like `scan`, without what documentation writes in a secret's place."""
    return tuple(each for each in scan(text) if opens_something(each.kind, text[each.start : each.end]))


def redact(text: str) -> str:
    """`text` with every credential in it replaced by `[redacted]`; applying it again changes nothing."""
    return _redacted(text, scan)


def redact_certain(text: str) -> str:
    """Like `redact`, but what documentation writes in a secret's place stays, as code and its examples need it."""
    return _redacted(text, scan_certain)


def redact_all(value: object) -> object:
    """Plain data (strings, numbers, sequences, mappings) with every string in it redacted; keys of mappings stay."""
    return _each(value, redact)


def redact_certain_all(value: object) -> object:
    """Like `redact_all`, by `redact_certain`."""
    return _each(value, redact_certain)


def _each(value: object, clean: Callable[[str], str]) -> object:
    match value:
        case str():
            return clean(value)
        case Mapping():
            entries = cast(Mapping[object, object], value)
            return {name: _each(entry, clean) for name, entry in entries.items()}
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return [_each(entry, clean) for entry in cast(Sequence[object], value)]
        case _:
            return value


def _redacted(text: str, find: Callable[[str], tuple[Secret, ...]]) -> str:
    for _ in range(_ATTEMPTS):
        secrets = find(text)
        if not secrets:
            return text
        text = _without(text, secrets)
    return REDACTED


def _found(text: str) -> Iterator[Secret]:
    for form in FORMS:
        if any(hint in text for hint in form.hints):
            group = "secret" if "secret" in form.pattern.groupindex else 0
            for match in form.pattern.finditer(text):
                if REDACTED not in match[group]:
                    yield Secret(form.kind, *match.span(group))
    for span in find_private_keys(text):
        yield Secret("private key", *span)
    for span in find_assignments(text):
        yield Secret("password", *span)


def _without(text: str, secrets: tuple[Secret, ...]) -> str:
    pieces: list[str] = []
    done = 0
    for secret in secrets:
        pieces += (text[done : secret.start], REDACTED)
        done = secret.end
    return "".join((*pieces, text[done:]))
