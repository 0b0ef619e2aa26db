"""Private keys in PEM armour, whole or torn: of a log's end the beginning of a key may have been cut away.

The words of the armour alone are no key, since programs that read keys hold them.
"""

import re
from collections.abc import Iterator

_NAME = "[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?"
_KEY = re.compile(
    rf"-----BEGIN {_NAME}-----"
    r"(?:\\[nrt]|[\s\"'`,+(>|#*\\])*+"  # as a string of a program, a quoted mail or a YAML block has it
    r"(?:[A-Z][A-Za-z-]{1,20}: [^\n\\]{0,100}+(?:\\n|\s)++){0,6}+"
    r"[A-Za-z0-9+/]{16}[A-Za-z0-9+/=\s\"'`,+(>|#*\\]*+"
    rf"(?:-----END {_NAME}-----)?+"
)
_END = re.compile(rf"-----END {_NAME}-----")
_FULL_LINE = 40
"""A key's lines have 64 characters (RFC 7468) or 70 (OpenSSH), but for its last one and for one that was cut."""
_LINE = re.compile(r"[ \t>|]*+[A-Za-z0-9+/]{4,}+={0,2}[ \t\r]*+")


def find_private_keys(text: str) -> Iterator[tuple[int, int]]:
    """Where private keys stand in `text`, in order and without overlap."""
    if "PRIVATE KEY" not in text:
        return
    whole = [found.span() for found in _KEY.finditer(text)]
    yield from whole
    done = 0
    beginnings = iter((*whole, (len(text), len(text))))
    key = next(beginnings)
    for end in _END.finditer(text):
        while key[1] < end.end():
            done, key = key[1], next(beginnings)
        if key[0] <= end.start():
            continue
        torn = _torn(text, done, end.start())
        if torn is not None:
            yield torn, end.end()
        done = end.end()


def _torn(text: str, start: int, end: int) -> int | None:
    """Where the last lines of a key begin that ends at `end`; None where what stands there is none."""
    first = None
    line_end = end
    while line_end > start:
        line_start = text.rfind("\n", start, line_end - 1 if text[line_end - 1] == "\n" else line_end) + 1 or start
        line = text[line_start:line_end].rstrip("\n")
        if _LINE.fullmatch(line) is None or (first is not None and len(line.strip()) < _FULL_LINE):
            break
        first, line_end = line_start, line_start
    return first
