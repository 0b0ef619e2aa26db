"""Passwords without a form of their own: what is assigned to a telling name and looks drawn by lot.

Few false alarms matter more here than few misses: an alarm stops a change. So the name has to tell, the value has to be
one that no person would write, and placeholders, names of things, numbers and digests of content are left alone.
"""

import re
from collections import Counter
from collections.abc import Iterator
from math import log2

_VALUE = re.compile(
    r"(?:=|:)\s{0,4}+(?:(?P<quote>[\"'])(?P<quoted>[A-Za-z0-9+/=_.~!@#$%^&*-]{20,200}+)(?P=quote)"
    r"|(?P<bare>[A-Za-z0-9+/=_.~-]{20,200}+)(?=\s*(?:\n|$)))"
)
_NAME = re.compile(
    r"(?:password|passwd|passphrase|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|auth[_-]?key|encryption[_-]?key|signing[_-]?key|account[_-]?key|shared[_-]?key)s?"
    r"(?:[_-]?(?:key|value|base64|b64|hex|str|string|default|prod|production|live|[0-9]{1,2}))?[\"'\])]?"
    r"\s{0,4}(?::\s{0,2}[A-Za-z_.\[\]| ]{1,30})?\s{0,4}",
    re.IGNORECASE,
)
_NAME_REACH = 90
_PLACEHOLDER = re.compile(
    r"example|placeholder|change[_-]?me|dummy|fake|sample|your[_-]|redacted|insert|replace|secret|passw|token"
    r"|test|xxxx|0000|1234|abcd|\.\.\.|\*\*\*",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+(?:\.[A-Za-z_][A-Za-z0-9_]*+)++")
_WORD = re.compile(r"[A-Za-z]+|[0-9]+|[A-Za-z]{2,}[0-9]{1,2}|v[0-9]+")
_SEPARATOR = re.compile(r"[_./~:@&$%#!^*+=-]+")
_HEX = re.compile(r"[0-9a-f]{32,}|[0-9A-F]{32,}")
_MOST_BITS = 3.6
"""Bits a character above which a text is taken for chance; 20 of base64 drawn by lot have 4.1, of prose 3.3."""
_HEX_BITS = 3.0


def find_assignments(text: str) -> Iterator[tuple[int, int]]:
    """Where values stand in `text` that were assigned as passwords."""
    for found in _VALUE.finditer(text):
        group = "quoted" if found["quoted"] is not None else "bare"
        attribute = group == "bare" and _ATTRIBUTE.fullmatch(found[group])
        if not attribute and _is_chance(found[group]) and _is_named(text, found.start()):
            yield found.span(group)


def _is_named(text: str, end: int) -> bool:
    """Whether what stands before the sign of assignment is a name that tells."""
    start = max(text.rfind("\n", 0, end) + 1, end - _NAME_REACH)
    before = text[start:end].rstrip()
    # The last word that tells has to reach to the sign: not every mention on the line is its name
    return any(found.end() == len(before) for found in _NAME.finditer(before))


def _is_chance(value: str) -> bool:
    if _PLACEHOLDER.search(value):
        return False
    if _HEX.fullmatch(value):
        return _bits(value) >= _HEX_BITS
    digits = sum(map(str.isdigit, value))
    mixed = any(map(str.isupper, value)) and any(map(str.islower, value))
    if digits < (2 if mixed else 4) or digits > len(value) * 2 // 3:
        return False
    parts = [part for part in _SEPARATOR.split(value) if part]
    longest = max(parts, key=len)
    return len(longest) >= 12 and _WORD.fullmatch(longest) is None and _bits(value) >= _MOST_BITS


def _bits(value: str) -> float:
    """Shannon entropy a character."""
    length = len(value)
    return -sum(count / length * log2(count / length) for count in Counter(value).values())
