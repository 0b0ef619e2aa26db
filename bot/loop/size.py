"""How large a change is: files, and lines added and removed, as a reviewer has to read them."""

import difflib
from collections import Counter
from collections.abc import Mapping

from bot.model.change import Overlay
from bot.model.repository import RepositoryConfig

EXACT_LINES = 4_000
"""Longer files are compared as bags of lines, which is quick and close enough to know that they are too many."""


def too_large(base: Mapping[str, str], code: Overlay, config: RepositoryConfig) -> str:
    """Why one pull request must not change that much, in words; empty where it may. `base` has the texts before."""
    changed = {path: text for path, text in code.items() if text != base.get(path)}
    if len(changed) > config.most_files:
        return f"it changes {len(changed)} files, and `most_files` allows {config.most_files}"
    lines = sum(_lines(base.get(path, ""), text or "") for path, text in changed.items())
    if lines > config.most_lines:
        return f"it adds and removes {lines} lines, and `most_lines` allows {config.most_lines}"
    return ""


def _lines(before: str, after: str) -> int:
    old, new = before.splitlines(), after.splitlines()
    if len(old) + len(new) > EXACT_LINES:
        return (Counter(old) - Counter(new)).total() + (Counter(new) - Counter(old)).total()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return sum(
        (end - start) + (until - since) for kind, start, end, since, until in matcher.get_opcodes() if kind != "equal"
    )
