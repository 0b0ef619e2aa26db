"""Which lint findings a change introduced: what the base version of the same code has too is not blamed on it.

A finding is known again by its rule and by the text of its line, which survives when lines move; numbers and spaces
count for nothing in it. Each finding of the base excuses one of the head.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bot.model.report import LintFinding

Lines = Mapping[str, Sequence[str]]
"""Path -> the lines of that file."""

_MOVING = re.compile(r"\d++|\s++")


def introduced(
    head: Iterable[LintFinding], base: Iterable[LintFinding], head_lines: Lines, base_lines: Lines
) -> tuple[LintFinding, ...]:
    """The findings of the head that no finding of the base excuses, in the head's order.

    A finding in a file that the head no longer has excuses one anywhere, as files are renamed.
    """
    excuses: Counter[tuple[str, str, str, str]] = Counter()
    for finding in base:
        excuses[_key(finding, base_lines, "" if finding.path not in head_lines else finding.path)] += 1
    found: list[LintFinding] = []
    for finding in head:
        moved = _key(finding, head_lines, "")
        same = _key(finding, head_lines, finding.path)
        excuse = same if excuses[same] else moved
        if excuses[excuse]:
            excuses[excuse] -= 1
        else:
            found.append(finding)
    return tuple(found)


def _key(finding: LintFinding, lines: Lines, path: str) -> tuple[str, str, str, str]:
    text = lines.get(finding.path, ())
    line = text[finding.line - 1] if 0 < finding.line <= len(text) else finding.message
    return path, finding.tool, finding.rule, _MOVING.sub("", line)
