"""Comments that tell a tool to overlook what it would find."""

import ast
import bisect
import re
from collections import Counter
from collections.abc import Iterator

from bot.ci.tampering.change import Change, ChangedFile
from bot.ci.tampering.places import is_python
from bot.ci.tampering.source import FILE_CHARACTERS, Source
from bot.model.validation import TamperFinding

_LINE_CHARACTERS = 2000
_COMMENT = re.compile(
    r"#[ \t]*+(?:(?:ruff|flake8)[ \t]*+:[ \t]*+)?+("
    r"noqa\b(?:[ \t]*+:[ \t]*+[\w, \t]*+)?+"
    r"|nosec\b[ \t]*+[\w:, \t]*+"
    r"|(?:type|ty|pyrefly)[ \t]*+:[ \t]*+ignore\b(?:\[[\w, \t-]*+\])?+"
    r"|(?:pyright|basedpyright)[ \t]*+:[ \t]*+(?:ignore|basic|off|standard|report\w*+)\b(?:\[[\w, \t]*+\])?+"
    r"|mypy[ \t]*+:[ \t]*+[\w=, \t-]++"
    r"|pragma[ \t]*+:[ \t]*+no[ \t]?+(?:cover|branch|mutate)\b"
    r"|pylint[ \t]*+:[ \t]*+(?:disable|skip-file)\b[\w=, \t-]*+"
    r"|nosemgrep\b|lgtm\b|NOSONAR\b|codespell:ignore\b"
    r")",
    re.IGNORECASE,
)


def suppressed_findings(change: Change) -> Iterator[TamperFinding]:
    """Suppressions that the head has and the base had not, beyond the number that is allowed.

    Counted over the whole change, by what is suppressed: code may move with its comments, and a comment that
    suppresses more than it did is a new one.
    """
    files = [file for file in change.files if is_python(file.path)]
    known = Counter(what for file in files for what, _ in _suppressions(file, file.base, file.base_source))
    new: list[TamperFinding] = []
    for file in files:
        for what, line in _suppressions(file, file.head, file.head_source):
            known[what] -= 1
            if known[what] < 0:
                new.append(TamperFinding("finding-suppressed", file.path, line, f"{what!r} is added"))
    yield from new[change.allowed.new_suppressions :]


def _suppressions(file: ChangedFile, text: str | None, source: object) -> Iterator[tuple[str, int]]:
    """What is suppressed, in one spelling, and the line; text in string literals is none of it."""
    literals = _Literals(source) if isinstance(source, Source) else None
    for number, line in enumerate((text or "")[:FILE_CHARACTERS].split("\n"), start=1):
        if "#" not in line:
            continue
        for found in _COMMENT.finditer(line[:_LINE_CHARACTERS]):
            column = len(line[: found.start()].encode("utf-8", "surrogatepass"))
            if literals is None or not literals.hold(number, column):
                yield re.sub(r"[ \t]+", "", found[1]).lower().rstrip(",:"), number


class _Literals:
    """Where the string literals of a file are."""

    def __init__(self, source: Source) -> None:
        spans = sorted(
            ((node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0))
            for _, node in source.nodes
            if isinstance(node, ast.JoinedStr)
            or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))
        )
        self._starts: list[tuple[int, int]] = []
        self._ends: list[tuple[int, int]] = []
        for start, end in spans:
            if not self._ends or start >= self._ends[-1]:
                self._starts.append(start)
                self._ends.append(end)

    def hold(self, line: int, column: int) -> bool:
        index = bisect.bisect_right(self._starts, (line, column)) - 1
        return index >= 0 and (line, column) < self._ends[index]
