"""Errors of type checkers: mypy's lines and its `--output json`, and the JSON of pyright and basedpyright."""

import re
from collections.abc import Iterable

from bot.ci.reports.lint import INVALID_SYNTAX, RULE_CHARACTERS
from bot.ci.reports.markup import REPORT_BYTES
from bot.ci.reports.place import repository_path
from bot.ci.reports.wire import FINDINGS, MYPY, PYRIGHT, parsed
from bot.model.report import LintFinding, Unreadable, report_text

LINE_CHARACTERS = 4000
MYPY_END = re.compile(r"Found \d{1,9} errors? in \d{1,9} files? \([^()]{1,100}\)|Success: no issues found in .{1,100}")
"""The last line of mypy's text."""

_MYPY_LINE = re.compile(r"([^\s:](?:[^:]|:(?=[\\/])){0,299}):(\d{1,9})(?::\d{1,9}){0,3}: error: (.*)")
_RULE = re.compile(r"  \[([a-z][a-z0-9-]{1,39})\]")


def read_mypy_text(content: bytes, checkout: str = "") -> tuple[LintFinding, ...] | Unreadable:
    """Every error in mypy's text; its notes only explain errors."""
    if len(content) > REPORT_BYTES:
        return Unreadable(f"larger than {REPORT_BYTES} bytes")
    found = mypy_errors(report_text(content.decode("utf-8", "replace"), REPORT_BYTES).split("\n"), checkout)
    return Unreadable(f"more than {FINDINGS} findings") if len(found) > FINDINGS else found


def mypy_errors(lines: Iterable[str], checkout: str = "") -> tuple[LintFinding, ...]:
    """Of plain lines, such as those of a log, the errors that mypy writes with a rule; at most one more than is read.

    Without a rule in brackets (`--hide-error-codes`) a line could be any tool's.
    """
    found: list[LintFinding] = []
    for line in lines:
        match = _MYPY_LINE.match(line[:LINE_CHARACTERS])
        if match is None or len(found) > FINDINGS:
            continue
        path, number, said = match.groups()
        said, _, last = said.rstrip().rpartition("  ")
        rule = _RULE.fullmatch(f"  {last}")
        if rule is not None:
            found.append(_finding("mypy", rule[1], path, int(number), said, checkout))
    return tuple(found)


def read_mypy_json(content: bytes, checkout: str = "") -> tuple[LintFinding, ...] | Unreadable:
    """Every error of `mypy --output json`, which is one object a line."""
    if len(content) > REPORT_BYTES:
        return Unreadable(f"larger than {REPORT_BYTES} bytes")
    found: list[LintFinding] = []
    for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if not line.strip():
            continue
        if len(found) == FINDINGS:
            return Unreadable(f"more than {FINDINGS} findings")
        one = parsed(line, MYPY)
        if isinstance(one, Unreadable):
            return one
        if one.severity == "error":
            found.append(_finding("mypy", one.code or "", one.file, one.line, one.message, checkout))
    return tuple(found)


def read_pyright(content: bytes, checkout: str = "") -> tuple[LintFinding, ...] | Unreadable:
    """Every error of `pyright --outputjson` (docs.basedpyright.com, "Command-line": its JSON output)."""
    report = parsed(content, PYRIGHT)
    if isinstance(report, Unreadable):
        return report
    if len(report.generalDiagnostics) > FINDINGS:
        return Unreadable(f"more than {FINDINGS} findings")
    return tuple(
        _finding(
            "pyright", one.rule or "", one.file, one.range.start.line + 1 if one.range else 0, one.message, checkout
        )
        for one in report.generalDiagnostics
        if one.severity == "error"
    )


def _finding(tool: str, rule: str, path: str, line: int, message: str, checkout: str) -> LintFinding:
    """An error without a rule is one of syntax to pyright, and so is mypy's `syntax`."""
    if rule == "syntax" or (tool == "pyright" and not rule):
        rule = INVALID_SYNTAX
    return LintFinding(
        tool=tool,
        rule=report_text(rule, RULE_CHARACTERS),
        path=report_text(repository_path(path, checkout)),
        line=line,
        message=report_text(message),
    )
