"""Findings of ruff and bandit, from their JSON reports."""

from bot.ci.reports.place import repository_path
from bot.ci.reports.wire import BANDIT, FINDINGS, RUFF, parsed
from bot.model.report import LintFinding, Unreadable, report_text

INVALID_SYNTAX = "invalid-syntax"
"""ruff's name for what does not parse; older releases give such a finding no code."""
RULE_CHARACTERS = 40


def read_ruff(content: bytes, checkout: str = "") -> tuple[LintFinding, ...] | Unreadable:
    """Every finding of `ruff check --output-format json`."""
    report = parsed(content, RUFF)
    if isinstance(report, Unreadable):
        return report
    if len(report) > FINDINGS:
        return Unreadable(f"more than {FINDINGS} findings")
    return tuple(
        _finding("ruff", one.code or INVALID_SYNTAX, one.filename, one.location.row, one.message, checkout)
        for one in report
    )


def read_bandit(content: bytes, checkout: str = "") -> tuple[LintFinding, ...] | Unreadable:
    """Every result of `bandit -f json`, and one finding for each file that bandit could not parse."""
    report = parsed(content, BANDIT)
    if isinstance(report, Unreadable):
        return report
    if len(report.results) + len(report.errors) > FINDINGS:
        return Unreadable(f"more than {FINDINGS} findings")
    found = [
        _finding("bandit", one.test_id, one.filename, one.line_number, one.issue_text, checkout)
        for one in report.results
    ]
    found += [_finding("bandit", INVALID_SYNTAX, one.filename, 0, one.reason, checkout) for one in report.errors]
    return tuple(found)


def read_ruff_annotation(path: str, line: int, message: str) -> LintFinding | None:
    """The finding behind an annotation that `ruff check --output-format github` made, None for any other annotation.

    Such a message reads `src/cart.py:1:8: F401 unused import`, or `src/cart.py:1:8: invalid-syntax: …`.
    """
    place, _, said = message.partition(": ")
    if place.count(":") < 2 or not all(part.isdigit() for part in place.rsplit(":", 2)[1:]):
        return None
    rule, _, text = said.partition(" ")
    rule = rule.removesuffix(":")
    if rule == INVALID_SYNTAX or (rule[:1].isupper() and rule.isalnum() and rule[-1:].isdigit()):
        return _finding("ruff", rule, path, line, text, "")
    return None


def _finding(tool: str, rule: str, path: str, line: int, message: str, checkout: str) -> LintFinding:
    return LintFinding(
        tool=tool,
        rule=report_text(rule, RULE_CHARACTERS),
        path=report_text(repository_path(path, checkout)),
        line=line,
        message=report_text(message),
    )
