"""Text of others, made harmless before the bot repeats it."""

import re

MAX_CHARACTERS = 60_000
"""GitHub refuses comments over 65,536 characters."""

_CLOSES = re.compile(r"\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(\s*:?\s+)(?=#|\w+/|https?:)", re.IGNORECASE)
_HTML = str.maketrans({"<": "&lt;", ">": "&gt;"})


def quote(text: str, limit: int = 2_000) -> str:
    """Text of others, made harmless: no HTML, no mention, no closing keyword, no image, no link."""
    cut = text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
    shown = "".join(character for character in cut if character == "\n" or character.isprintable())
    shown = shown.translate(_HTML).replace("@", "@\u200b").replace("![", "!\u200b[").replace("](", "]\u200b(")
    return _CLOSES.sub("\\1\u200b\\2", shown).replace("```", "`\u200b``")


def line(text: str, limit: int = 200) -> str:
    """`quote` on one line."""
    return quote(" ".join(text.split()), limit)
