from collections import Counter

import pytest

from bot.ci.reports.lint import read_bandit, read_ruff, read_ruff_annotation
from bot.model.report import LintFinding, Unreadable
from tests.unit.ci.real_tools import RealReports


def test_ruff_findings(reports: RealReports) -> None:
    checkout = reports.checkout.removesuffix("project") + "broken"
    findings = read_ruff(reports.ruff, checkout)
    assert not isinstance(findings, Unreadable)
    by_rule = {finding.rule: finding for finding in findings}
    assert by_rule["F821"].path == "shop/cart.py"
    assert "undefined" in by_rule["F821"].message
    assert by_rule["invalid-syntax"].path == "tests/test_syntax.py"
    assert by_rule["S605"].line > 1
    assert {finding.tool for finding in findings} == {"ruff"}


def test_a_finding_without_a_code_is_a_syntax_error() -> None:
    content = b'[{"code": null, "filename": "a.py", "location": {"row": 2}, "message": "SyntaxError: x"}]'
    assert read_ruff(content) == (LintFinding("ruff", "invalid-syntax", "a.py", 2, "SyntaxError: x"),)


def test_bandit_findings(reports: RealReports) -> None:
    findings = read_bandit(reports.bandit)
    assert not isinstance(findings, Unreadable)
    count = Counter((finding.rule, finding.path) for finding in findings)
    assert count["B605", "shop/cart.py"] == 1
    assert count["invalid-syntax", "tests/test_syntax.py"] == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[1]", "at 0"),
        (b"{}", "not as the tool writes it"),
        (b'[{"code": "F401"}]', "not as the tool writes it"),
        (b"[" * 100_000, "not as the tool writes it"),
        (b"[" + b"9" * 5000 + b"]", "not as the tool writes it"),
        (b"\xff\xfe[]", "not as the tool writes it"),
        (b'[{"code": "\\ud800", "filename": "", "location": {"row": 1}, "message": ""}]', "not as the tool writes it"),
        (b" " * (5 * 1024**2 + 1), "larger than"),
    ],
)
def test_what_ruff_does_not_write_is_unreadable(content: bytes, reason: str) -> None:
    findings = read_ruff(content)
    assert isinstance(findings, Unreadable)
    assert reason in findings.reason


def test_very_many_findings_are_refused() -> None:
    one = b'{"code":"F401","filename":"a","location":{"row":1},"message":""}'
    many = read_ruff(b"[" + b",".join([one] * 20_001) + b"]")
    assert many == Unreadable("more than 20000 findings")
    error = b'{"filename":"a","reason":""}'
    many = read_bandit(b'{"results":[],"errors":[' + b",".join([error] * 20_001) + b"]}")
    assert many == Unreadable("more than 20000 findings")
    assert isinstance(read_bandit(b"[]"), Unreadable)


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        ("src/cart.py:1:8: F401 `os` imported but unused", "F401"),
        ("tests/a.py:1:7: invalid-syntax: Expected a parameter", "invalid-syntax"),
        ("C:\\a\\b.py:1:7: PLR0911 Too many returns", "PLR0911"),
    ],
)
def test_annotations_of_ruff_are_findings(message: str, rule: str) -> None:
    finding = read_ruff_annotation("src/cart.py", 1, message)
    assert finding is not None
    assert (finding.tool, finding.rule, finding.line) == ("ruff", rule, 1)


@pytest.mark.parametrize(
    "message", ["", "Process completed with exit code 1.", "a.py:1: F401 x", "a.py:x:1: F401 x", "a.py:1:2: error: bad"]
)
def test_other_annotations_are_not(message: str) -> None:
    assert read_ruff_annotation("a.py", 1, message) is None
