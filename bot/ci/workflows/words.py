"""The words of an expression of GitHub Actions, and where a text holds expressions at all."""

import re
from dataclasses import dataclass
from typing import Final, cast

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?))|(?P<name>[A-Za-z_][\w-]*)"
    r"|(?P<sign>\}\}|==|!=|<=|>=|&&|\|\||[!<>().,\[\]*]))"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of an expression; `kind` is `text`, `number`, `name` or `sign`."""

    kind: str
    word: str


def expressions(text: str) -> list[tuple[Token, ...]]:
    """The expressions that `text` holds between `${{` and `}}`, each as its tokens up to the first that is none."""
    found: list[tuple[Token, ...]] = []
    start = text.find("${{")
    while start >= 0:
        tokens, end = tokens_of(text, start + 3)
        found.append(tokens)
        start = text.find("${{", max(end, start + 3))
    return found


def tokens_of(text: str, start: int) -> tuple[tuple[Token, ...], int]:
    """The tokens from `start` to the closing braces, or to what is none; and where that is."""
    found: list[Token] = []
    place = start
    while match := _TOKEN.match(text, place):
        place = match.end()
        if match["sign"] == "}}":
            break
        kind = cast("str", match.lastgroup)  # the pattern has one group for each kind, and one of them has matched
        found.append(Token(kind, match[kind]))
    return tuple(found), place
