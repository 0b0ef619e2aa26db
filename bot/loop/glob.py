"""Glob patterns over repository paths, with git's meaning: `*` stays in a directory, `**` crosses them."""

import re

MAX_PATTERN = 300
MAX_STARS = 8
"""Each star multiplies the ways to match; beyond these a star stands for itself."""
_TOKEN = re.compile(r"(?:\*\*/)+|\*\*+|\*|\?|[^*?]+")


def glob_pattern(pattern: str) -> re.Pattern[str]:
    """A regular expression for `pattern`; one without a slash is sought in every directory."""
    cut = pattern[:MAX_PATTERN]
    anchored = cut if "/" in cut else f"**/{cut}"
    stars = 0
    parts: list[str] = []
    for token in _TOKEN.findall(anchored):
        stars += token[0] == "*"
        parts.append(_part(token) if stars <= MAX_STARS else re.escape(token))
    return re.compile("".join(parts), re.DOTALL)


def _part(token: str) -> str:
    if token.startswith("**"):
        return "(?:[^/]+/)*" if token.endswith("/") else ".*"
    return {"*": "[^/]*", "?": "[^/]"}.get(token) or re.escape(token)
