"""Masks: what changes from one occurrence of the same failure to the next is replaced by its kind.

The order matters: a path may hold digits, a quoted string may hold a path, a list may hold strings. A mask replaces
whole words, and no replacement holds anything that a mask looks for, so masking what is masked changes nothing. Every
pattern is possessive and starts at the start of a word: the time is linear in the length of the text.
"""

import re
from collections.abc import Mapping

from bot.model.report import MESSAGE_CHARACTERS, report_text

_URL = re.compile(r"(?<![\w+.-])[A-Za-z][\w+.-]*+://[^\s'\"<>()\[\]{}`]*+")
_PATH = re.compile(
    r"(?<![\w.+@~\\/-])(?:"
    r"(?:[A-Za-z]:(?=[\\/]))?+(?:[\w.+@~-]*+[\\/]++)++[\w.+@~-]*+"
    r"|[\w.+@~-]++(?<=\.py)"
    r")(?::\d++(?![\w.+@~\\/-]))*+"
)
_UUID = re.compile(r"(?<![\w-])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![\w-])")
_HEX = re.compile(r"(?<!\w)0[xX][0-9A-Fa-f]\w*+")
_DIGEST = re.compile(
    r"(?<!\w)(?:(?=[a-f]*+[0-9])(?=[0-9]*+[a-f])[0-9a-f]{7,}+|(?:[a-f]{40}|[a-f]{64}))(?!\w)",
)
_DATE = re.compile(
    r"(?<!\w)datetime\.(?:datetime|date|time)\(\d[^()]*+\)"
    r"|(?<!\w)(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?+\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
    r"(?: \d\d:\d\d:\d\d)?+(?: GMT| [+-]\d{4})?+(?!\w)"
    r"|(?<!\w)\d{4}-\d\d-\d\d"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?+)?+(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?+)?+(?!\w)"
    r"|(?<!\w)\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?+(?!\w)"
)
_FLOAT = re.compile(r"(?<!\w)-?(?:\d++\.\d++(?:[eE][+-]?\d++)?+|\d++[eE][+-]?\d++)\w*+")
_NOT_FINITE = re.compile(r"(?<![\w.])-?(?:inf|nan)(?!\w)")
_INT = re.compile(r"(?<!\w)-?\d\w*+")
_TYPES = (
    "int|float|complex|bool|str|bytes|bytearray|list|tuple|dict|set|frozenset|range|slice|type|object|function|method"
    "|module|property|generator|coroutine|NoneType|ellipsis|builtin_function_or_method|Decimal|datetime|date"
    "|timedelta|Path|PosixPath"
)
_STRING = re.compile(
    r"(?<!\w)(?P<prefix>[rRbBfFuU]{1,2})?+(?:"
    rf"'(?P<type>(?:{_TYPES}))'|'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\")"
)
_QUOTED = re.compile(r'"[^"\n]*+"')
_CALLEE = re.compile(r"(?<![\w.])[A-Za-z_]\w*+(?:\.(?:[A-Za-z_]\w*+|<locals>))*+\(\)")
_CALLABLE = re.compile(
    r"(?<![\w.+@~\\/-])<(?:"
    r"(?:async |built-in )?(?:function|method) (?P<plain>[A-Za-z_][\w.]*+)(?: at <hex>| of [\w.]*+ ?object at <hex>)?"
    r"|bound method (?P<bound>[A-Za-z_][\w.]*+) of <[^<>]*+(?:<[a-z]++>[^<>]*+)*+>"
    r")>(?![\w.+@~\\/-])"
)
"""How a function or method shows itself: nothing but its name says what it is."""
_LITERAL = re.compile(
    r"(?:<(?:int|float|str|bytes|list|dict|set|tuple|hex|date|uuid|path|url)>|None|True|False|[,:\s.])*+"
)
_CLOSING: Mapping[str, str] = {"(": ")", "[": "]", "{": "}"}


def mask(text: str) -> str:
    """`text` with addresses, places, times, values and names in quotes replaced by what kind of thing they are.

    Types survive: `assert [1] == 'a'` becomes `assert <list> == <str>`, and the quoted name of a built-in type stays.
    The result is cut where the text was: after `MESSAGE_CHARACTERS`.
    """
    return "\n".join(_mask_line(line) for line in report_text(text).split("\n"))[:MESSAGE_CHARACTERS]


def mask_callee(text: str) -> str:
    """`text` with the name before `()` masked, as a TypeError about arguments writes it: `add() missing …`."""
    return _CALLEE.sub("<fn>()", text)


def mask_identifiers(text: str) -> str:
    """`text` with whatever stands in double quotes as `<id>`: so type checkers quote names and types."""
    return _QUOTED.sub("<id>", report_text(text))


def _mask_line(line: str) -> str:
    line = _URL.sub("<url>", line)
    line = _PATH.sub("<path>", line)
    line = _UUID.sub("<uuid>", line)
    line = _HEX.sub("<hex>", line)
    line = _DATE.sub("<date>", line)
    # One placeholder for digests and whole numbers: a short commit id may consist of digits alone.
    line = _DIGEST.sub("<int>", line)
    line = _FLOAT.sub("<float>", line)
    line = _NOT_FINITE.sub("<float>", line)
    line = _INT.sub("<int>", line)
    line = _STRING.sub(_string, line)
    line = _CALLABLE.sub(_callable, line)
    return _mask_containers(line)


def _string(match: re.Match[str]) -> str:
    if match["type"]:
        return match[0]
    return "<bytes>" if "b" in (match["prefix"] or "").lower() else "<str>"


def _callable(match: re.Match[str]) -> str:
    return match["plain"] or match["bound"]


def _mask_containers(line: str) -> str:
    """Displays of literals by their type, innermost first, in one pass; calls and subscripts keep their shape."""
    stack: list[tuple[str, list[str]]] = []
    current: list[str] = []
    for character in line:
        if character in _CLOSING:
            stack.append((character, current))
            current = []
        elif stack and character == _CLOSING[stack[-1][0]]:
            opening, outer = stack.pop()
            outer.append(_display(opening, "".join(current), outer[-1][-1] if outer else ""))
            current = outer
        else:
            current.append(character)
    unclosed = "".join(f"{''.join(outer)}{opening}" for opening, outer in stack)
    return unclosed + "".join(current)


def _display(opening: str, inside: str, before: str) -> str:
    whole = f"{opening}{inside}{_CLOSING[opening]}"
    called = before.isalnum() or before in tuple("_)]>")
    if called or not _LITERAL.fullmatch(inside):
        return whole
    match opening:
        case "[":
            return "<list>"
        case "{":
            return "<set>" if inside and ":" not in inside else "<dict>"
        case _:
            return "<tuple>" if "," in inside or not inside else whole
