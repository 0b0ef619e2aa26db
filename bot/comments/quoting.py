"""Text of others, made harmless before the bot repeats it.

Zero-width spaces break what GitHub, a browser or another bot would act on, and a reader sees no difference. Entities
are broken too: GitHub looks for mentions in the rendered text, where `&#64;` has become a mark like any other.
"""

import re
from typing import Final

MAX_CHARACTERS: Final = 60_000
"""GitHub refuses comments over 65,536 characters."""

_SPACE: Final = "\u200b"
_CLOSES = re.compile(
    r"\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)([ \t]*:[ \t]*|\s+)(?:(#|gh-)|(?=[\w.-]+/|https?:))", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?=#?[0-9A-Za-z]{1,40};)")
_FENCE = re.compile(r"([`~])(?=\1\1)")
_BLOCK = re.compile(r"^([ \t]*)(?=#{1,6}(?:\s|$)|[-=:|*_][-=:|*_ \t]*$)", re.MULTILINE)
"""What makes a line a heading, the line above it a heading or a table, or a rule: only the bot's own text has those."""
_LINK = re.compile(r"(https?:)(?=//)|(www)(?=\.)", re.IGNORECASE)
_OTHERS_ISSUE = re.compile(r"(?<=[\w.-])#(?=[0-9])")
_OTHERS_COMMAND = re.compile(r"^([ \t]*)/(?=[a-z])", re.IGNORECASE | re.MULTILINE)


def quote(text: str, limit: int = 2_000) -> str:
    """Text of others, made harmless.

    No HTML, mention, closing keyword, image, link, reference into another repository, code fence, heading, command to a
    bot, control or invisible character.
    """
    cut = text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
    shown = "".join(character for character in cut if character == "\n" or character.isprintable())
    shown = _ENTITY.sub("&amp;", shown).replace("<", "&lt;").replace(">", "&gt;")
    shown = shown.replace("@", f"@{_SPACE}").replace("![", f"!{_SPACE}[").replace("](", f"]{_SPACE}(")
    shown = shown.replace("]:", f"]{_SPACE}:")
    shown = _CLOSES.sub(rf"\1{_SPACE}\2\3{_SPACE}", shown)
    shown = _LINK.sub(rf"\1\2{_SPACE}", shown)
    shown = _OTHERS_ISSUE.sub(f"{_SPACE}#{_SPACE}", shown)
    shown = _OTHERS_COMMAND.sub(rf"\1{_SPACE}/", shown)
    shown = _BLOCK.sub(rf"\1{_SPACE}", shown)
    return _FENCE.sub(rf"\1{_SPACE}", shown)


def line(text: str, limit: int = 200) -> str:
    """`quote` on one line."""
    return quote(" ".join(text.split()), limit)


def cell(text: str, limit: int = 200) -> str:
    """`line` that stays within its cell of a table."""
    return line(text, limit).replace("|", "&#124;")


def whole(*parts: str) -> str:
    """The parts that say something, a blank line between them, never longer than GitHub takes."""
    return "\n\n".join(part for part in parts if part)[:MAX_CHARACTERS] + "\n"


def section(title: str, text: str) -> str:
    """A heading and what stands under it; nothing where that is nothing."""
    return f"#### {title}\n\n{text}" if text else ""
