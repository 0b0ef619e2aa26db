"""Redaction: credentials that a tool's output may show are taken out before the text is kept anywhere.

Only forms that cannot be anything else, so that an ordinary message stays readable; this is a net below the sandbox,
which holds no credential that repository code could print. Every pattern is possessive: linear in the text's length.
"""

import re
from collections.abc import Mapping, Sequence
from typing import cast

REDACTED = "[redacted]"

_SECRETS = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:(?!-----END )[\s\S])*+(?:-----END [A-Z ]{0,40}-----)?+"
    r"|(?<![A-Za-z0-9])(?:"
    r"gh[opsur]_[A-Za-z0-9_]{16,}+"  # GitHub: "About authentication to GitHub", token formats
    r"|github_pat_[A-Za-z0-9_]{16,}+"
    r"|sk-[A-Za-z0-9_-]{16,}+"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|xox[abposr]-[A-Za-z0-9-]{10,}+"
    r"|eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+"  # JSON Web Token
    r")"
)
_IN_URL = re.compile(r"(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]{0,30}+://)[^\s/@:'\"<>]*+:[^\s/@'\"<>]++@")
_KEY_END = re.compile(r"-----END [A-Z ]{0,40}PRIVATE KEY-----")
_KEY_LINE_CHARACTERS = 40
"""A key's lines have 64 characters (RFC 7468) or 70 (OpenSSH), but for its last one and for one that was cut."""
_KEY_LINE = re.compile(r"\s*+[A-Za-z0-9+/=]*+\s*+")


def redact(text: str) -> str:
    """`text` with every credential in it replaced by `[redacted]`; applying it again changes nothing."""
    return _IN_URL.sub(rf"\1{REDACTED}@", _without_torn_keys(_SECRETS.sub(REDACTED, text)))


def redact_all(value: object) -> object:
    """Plain data (strings, numbers, sequences, mappings) with every string in it redacted; keys of mappings stay."""
    match value:
        case str():
            return redact(value)
        case Mapping():
            entries = cast(Mapping[object, object], value)
            return {name: redact_all(entry) for name, entry in entries.items()}
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return [redact_all(entry) for entry in cast(Sequence[object], value)]
        case _:
            return value


def _without_torn_keys(text: str) -> str:
    """Of a private key whose beginning was cut away (as the end of a log does) its last lines are one as well."""
    kept: list[str] = []
    done = 0
    for end in _KEY_END.finditer(text):
        lines = text[done : end.start()].splitlines(keepends=True)
        left = len(lines)
        while (
            left
            and _KEY_LINE.fullmatch(lines[left - 1])
            and (left in (1, len(lines)) or len(lines[left - 1]) > _KEY_LINE_CHARACTERS)
        ):
            left -= 1
        kept += [*lines[:left], REDACTED]
        done = end.end()
    return "".join((*kept, text[done:]))
