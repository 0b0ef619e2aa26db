"""Which files are worth showing at the start: those that the task names, by path or by the identifiers it uses.

A rule and not a model: the same task over the same tree always shows the same files.
"""

import re
from collections.abc import Mapping, Sequence

_QUOTED = re.compile(r"`([^`\n]{2,80})`")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,60}")
_TELLING = re.compile(r"_|[a-z][A-Z]|[A-Z]{2}[a-z]")
MAX_TERMS = 12


def search_terms(title: str, body: str) -> tuple[str, ...]:
    """Identifiers that the task quotes as code or writes like code, in the order of their appearance."""
    text = f"{title}\n{body}"
    quoted = [name for piece in _QUOTED.findall(text) for name in _IDENTIFIER.findall(piece)]
    written = [name for name in _IDENTIFIER.findall(text) if _TELLING.search(name)]
    return tuple(dict.fromkeys((*quoted, *written)))[:MAX_TERMS]


def named_paths(text: str, paths: Sequence[str]) -> tuple[str, ...]:
    """Paths of the tree that the text spells out, whole or by a file name with its suffix."""
    words = set(re.findall(r"[\w./-]+", text))
    return tuple(path for path in paths if path in words or ("." in path and path.rpartition("/")[2] in words))


def ranked(named: Sequence[str], matches: Mapping[str, Sequence[str]], limit: int = 20) -> tuple[str, ...]:
    """Paths by worth: named ones, then by how many of the terms (`matches`: term -> paths) occur in them.

    A term that occurs almost everywhere says little: each counts by the inverse of how many files hold it.
    """
    scores: dict[str, float] = {}
    for paths in matches.values():
        for path in set(paths):
            scores[path] = scores.get(path, 0.0) + 1.0 / len(set(paths))
    for path in named:
        scores[path] = scores.get(path, 0.0) + 10.0
    return tuple(sorted(scores, key=lambda path: (-scores[path], path)))[:limit]


def fitting(texts: Sequence[tuple[str, str]], max_characters: int) -> tuple[tuple[str, str], ...]:
    """As many of the (path, text) pairs, in their order, as fit; one that is too long by itself is cut at a line."""
    found: list[tuple[str, str]] = []
    left = max_characters
    for path, text in texts:
        if len(text) > left:
            text = _cut(text, min(left, max_characters // 2))
        if text:
            found.append((path, text))
            left -= len(text)
    return tuple(found)


def _cut(text: str, characters: int) -> str:
    if characters < 400:
        return ""
    head = text[: characters - 60].rpartition("\n")[0]
    return f"{head}\n[cut here: {len(text) - len(head)} more characters; read the file]" if head else ""
