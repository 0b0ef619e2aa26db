"""The gates on executed tests, and how a run becomes evidence."""

import pytest

from bot.ci.evidence import evidence_of
from bot.ci.tampering import Allowance, find_tampering
from bot.failures.tampering import tampering_failures
from bot.model.report import TestResult
from bot.model.validation import TamperFinding, TestEvidence, TestState
from tests.unit.ci.tampering.asking import evidence

A, B, C = "t/test_a.py::test_a", "t/test_a.py::test_b", "t/test_c.py::test_c[1]"
BEFORE = evidence(1, {A: "passed", B: "failed", C: "error", "t/test_s.py::test_s": "skipped"})
GREEN: dict[str, TestState] = {A: "passed", B: "passed", C: "passed"}


def ask(
    after: TestEvidence | None, before: TestEvidence | None = BEFORE, allowed: Allowance | None = None
) -> list[str]:
    findings = find_tampering({}, {}, before=before, after=after, allowed=allowed or Allowance())
    return [finding.rule + "?" * finding.suspicion for finding in findings]


@pytest.mark.parametrize(
    ("exit_code", "outcomes", "rules"),
    [
        (0, GREEN, []),
        (0, GREEN | {"t/test_s.py::test_s": "passed", "t/test_n.py::test_n": "passed"}, []),
        (1, GREEN | {A: "failed"}, []),
        (0, {A: "passed", B: "passed"}, ["test-vanished"]),
        (0, GREEN | {C: "absent"}, ["test-vanished"]),
        (5, {}, ["test-vanished"] * 3),
        (None, {A: "passed", B: "passed"}, ["test-vanished"]),
        (0, GREEN | {A: "skipped"}, ["test-skipped"]),
        (0, {"t/test_a.py": "skipped", C: "passed"}, ["test-skipped"] * 2),
        (2, {"t/test_a.py": "error", C: "passed"}, []),
        (0, {"t/test_a.py": "error", C: "passed"}, ["process-exited", "test-vanished", "test-vanished"]),
        (0, GREEN | {A: "failed"}, ["process-exited"]),
        (1, GREEN, ["report-forged?"]),
        (3, GREEN, []),
    ],
)
def test_what_a_run_shows(exit_code: int | None, outcomes: dict[str, TestState], rules: list[str]) -> None:
    assert ask(evidence(exit_code, outcomes)) == rules


@pytest.mark.parametrize(("exit_code", "rules"), [(0, ["process-exited"]), (1, []), (None, [])])
def test_a_run_without_a_report(exit_code: int | None, rules: list[str]) -> None:
    """Nothing is known of any test then: only a success is wrong by itself."""
    assert ask(evidence(exit_code, {}, reported=False)) == rules


def test_without_a_run_there_is_nothing_to_compare() -> None:
    assert ask(None) == []
    assert ask(evidence(0, {A: "passed"}), before=None) == []
    assert ask(evidence(1, {}), before=None) == []
    assert ask(evidence(1, GREEN), before=None) == ["report-forged?"]


def test_a_base_that_fails_without_failed_tests_explains_the_head() -> None:
    """Too little coverage, for example."""
    assert ask(evidence(1, GREEN), before=evidence(1, GREEN)) == []


def test_what_a_person_approved() -> None:
    gone = Allowance(removed_tests=frozenset({"t/test_c.py"}))
    assert ask(evidence(0, {A: "passed", B: "passed"}), allowed=gone) == []
    skipping: dict[str, TestState] = {**GREEN, A: "skipped"}
    assert ask(evidence(0, skipping), allowed=Allowance(new_skips=1)) == []


def test_very_many_findings_are_counted() -> None:
    outcomes: dict[str, TestState] = {f"t/test_{number}.py::test": "passed" for number in range(60)}
    before = evidence(0, outcomes)
    findings = find_tampering({}, {}, before=before, after=evidence(5, {}))
    assert len(findings) == 51
    assert findings[-1] == TamperFinding("test-vanished", "", None, "10 more")


def test_evidence_of_a_run() -> None:
    results = [TestResult(name, "passed", "", "", "", 0.1) for name in ("b", "a")]
    made = evidence_of(results, exit_code=0, reported=True, source="ci")
    assert made == TestEvidence((("a", "passed"), ("b", "passed")), 0, True, "ci")


def test_a_finding_is_a_failure_of_its_rule() -> None:
    findings = [
        TamperFinding("test-deleted", "a.py", 3, "'a\x1b[2K' is gone"),
        TamperFinding("test-deleted", "a.py", 3, "'a\x1b[2K' is gone"),
        TamperFinding("test-deleted", "b.py", None, "another"),
        TamperFinding("error-swallowed", "b.py", 1, "maybe", suspicion=True),
        TamperFinding("test-edited", "c.py", 1, "changed"),
    ]
    failures = tampering_failures(findings, "sandbox")
    assert [(each.rule, each.path, each.line) for each in failures] == [
        ("test-deleted", "a.py", 3),
        ("test-deleted", "b.py", None),
        ("test-edited", "c.py", 1),
    ]
    assert {(each.category, each.tool, each.source) for each in failures} == {("tampering", "tampering", "sandbox")}
    assert failures[0].fingerprint == failures[1].fingerprint != failures[2].fingerprint
    assert "\x1b" not in failures[0].message
