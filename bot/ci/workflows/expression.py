"""Expressions of GitHub Actions, as far as their value is certain before anything runs.

A condition excludes a job only where it is certainly false; so whatever is not known, not understood or not valid is
`UNKNOWN`, and goes on being so. https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from bot.ci.workflows.words import Token, tokens_of

_DEEP: Final = 30
"""Parentheses within parentheses; more are not followed."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is only known when it happens, if ever."""

    never: frozenset[str] = frozenset()
    """Texts that it certainly is not, in small letters."""


UNKNOWN: Final = Unknown()

Value = str | float | bool | tuple["Value", ...] | Unknown | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the contexts."""

    values: Mapping[str, Value]
    """Path in small letters (`github.ref_name`) -> value."""
    absent: tuple[str, ...] = ()
    """Paths of which everything below is null."""

    def at(self, path: str) -> Value:
        if path in self.values:
            return self.values[path]
        return None if any(path == each or path.startswith(f"{each}.") for each in self.absent) else UNKNOWN


class _NotUnderstood(Exception):
    """The expression is not one that is followed here."""


def condition(text: str, known: Known) -> Value:
    """The value of an `if:`, which needs no `${{ }}` around it."""
    stripped = text.strip()
    if "${{" not in stripped:
        tokens, end = tokens_of(stripped, 0)
        return _evaluated(tokens, known) if end == len(stripped) else UNKNOWN
    return interpolated(stripped, known)


def interpolated(text: str, known: Known) -> Value:
    """The value of a field; text around an expression makes it a text."""
    whole = _single(text.strip())
    if whole is not None:
        return _evaluated(whole, known)
    parts: list[str] = []
    place = 0
    while (start := text.find("${{", place)) >= 0:
        tokens, end = tokens_of(text, start + 3)
        value = _evaluated(tokens, known)
        if isinstance(value, Unknown | tuple) or not text.startswith("}}", end - 2):
            return UNKNOWN
        parts += [text[place:start], as_text(value)]
        place = end
    return "".join([*parts, text[place:]])


def is_false(value: Value) -> bool:
    """Whether it certainly counts as false."""
    return not isinstance(value, Unknown) and value in (None, False, 0, "")


def as_text(value: str | float | bool | None) -> str:
    """As GitHub writes it into a text."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case _:
            return f"{value:g}"


def status_asked(text: str) -> bool:
    """Whether a condition looks at how other jobs ended, and so may hold where one of them was skipped."""
    return re.search(r"\b(?:always|failure|cancelled|success)\s*\(", text, re.IGNORECASE) is not None


def _single(text: str) -> tuple[Token, ...] | None:
    if not text.startswith("${{"):
        return None
    tokens, end = tokens_of(text, 3)
    return tokens if end == len(text) and text.endswith("}}") else None


def _evaluated(tokens: Sequence[Token], known: Known) -> Value:
    reader = _Reader(tokens, known)
    try:
        value = reader.either(0)
    except _NotUnderstood:
        return UNKNOWN
    return value if reader.at_end() else UNKNOWN


class _Reader:
    """Reads tokens from left to right; one method for each level of precedence."""

    def __init__(self, tokens: Sequence[Token], known: Known) -> None:
        self._tokens = tokens
        self._known = known
        self._place = 0

    def at_end(self) -> bool:
        return self._place == len(self._tokens)

    def either(self, depth: int) -> Value:
        value = self._both(depth)
        while self._took("||"):
            other = self._both(depth)
            if is_false(value):
                value = other
            elif isinstance(value, Unknown):
                value = UNKNOWN
        return value

    def _both(self, depth: int) -> Value:
        value = self._equal(depth)
        while self._took("&&"):
            other = self._equal(depth)
            if isinstance(value, Unknown):
                value = other if is_false(other) else UNKNOWN
            elif not is_false(value):
                value = other
        return value

    def _equal(self, depth: int) -> Value:
        value = self._unary(depth)
        while True:
            if self._took("=="):
                value = _same(value, self._unary(depth))
            elif self._took("!="):
                same = _same(value, self._unary(depth))
                value = same if isinstance(same, Unknown) else not same
            elif any(self._took(sign) for sign in ("<=", ">=", "<", ">")):
                self._unary(depth)
                value = UNKNOWN
            else:
                return value

    def _unary(self, depth: int) -> Value:
        if depth > _DEEP:
            raise _NotUnderstood
        if self._took("!"):
            value = self._unary(depth + 1)
            return value if isinstance(value, Unknown) else is_false(value)
        return self._primary(depth)

    def _primary(self, depth: int) -> Value:
        token = self._next()
        match token.kind:
            case "text":
                return token.word[1:-1].replace("''", "'")
            case "number":
                return float(int(token.word, 16)) if "x" in token.word else float(token.word)
            case "name":
                return self._named(token.word.lower(), depth)
            case _ if token.word == "(":
                value = self.either(depth + 1)
                self._expect(")")
                return value
            case _:
                raise _NotUnderstood

    def _named(self, name: str, depth: int) -> Value:
        if self._took("("):
            return _called(name, self._arguments(depth))
        words: Mapping[str, Value] = {"true": True, "false": False, "null": None}
        if name in words:
            return words[name]
        path = name
        certain = True
        while True:
            if self._took("."):
                token = self._next()
                path, certain = f"{path}.{token.word.lower()}", certain and token.kind == "name"
            elif self._took("["):
                index = self.either(depth + 1)
                self._expect("]")
                path, certain = f"{path}.{str(index).lower()}", certain and isinstance(index, str)
            else:
                return self._known.at(path) if certain else UNKNOWN

    def _arguments(self, depth: int) -> list[Value]:
        found: list[Value] = []
        while not self._took(")"):
            if found:
                self._expect(",")
            found.append(self.either(depth + 1))
        return found

    def _took(self, sign: str) -> bool:
        taken = not self.at_end() and self._tokens[self._place] == Token("sign", sign)
        self._place += taken
        return taken

    def _expect(self, sign: str) -> None:
        if not self._took(sign):
            raise _NotUnderstood

    def _next(self) -> Token:
        if self.at_end():
            raise _NotUnderstood
        self._place += 1
        return self._tokens[self._place - 1]


def _same(one: Value, other: Value) -> Value:
    """Equality as GitHub has it: texts without regard to case, other kinds as numbers."""
    for value, beside in ((one, other), (other, one)):
        if isinstance(value, Unknown):
            return False if isinstance(beside, str) and beside.lower() in value.never else UNKNOWN
    if isinstance(one, tuple) or isinstance(other, tuple):
        return UNKNOWN
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return _number(one) == _number(other)


def _number(value: str | float | bool | Unknown | None) -> float:
    try:
        return float(cast("str", value or 0))  # every other kind that gets here is a number
    except ValueError:
        return float("nan")


def _called(name: str, arguments: Sequence[Value]) -> Value:
    match name, tuple(arguments):
        case "always", ():
            return True
        case "contains", (str(where), str(what)):
            return what.lower() in where.lower()
        case "contains", (tuple() as where, what):
            found = [_same(each, what) for each in where]
            return True if True in found else UNKNOWN if UNKNOWN in found else False
        case "startswith", (str(where), str(what)):
            return where.lower().startswith(what.lower())
        case "endswith", (str(where), str(what)):
            return where.lower().endswith(what.lower())
        case "fromjson", (str(text),):
            return _parsed(text)
        case _:
            return UNKNOWN


def _parsed(text: str) -> Value:
    """Lists of plain values, and plain values; the rest is not followed."""
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError):
        return UNKNOWN
    if isinstance(content, list):
        return tuple(_plain(each) for each in cast("list[object]", content))
    return _plain(content)


def _plain(value: object) -> Value:
    if isinstance(value, bool | str) or value is None:
        return value
    return float(value) if isinstance(value, int | float) else UNKNOWN
