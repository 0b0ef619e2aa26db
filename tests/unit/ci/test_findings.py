"""From artifacts, annotations and logs to findings: recognised by content, each fact once, nothing lost in silence."""

import json
import zipfile
from io import BytesIO
from random import Random

from bot.ci.findings import ANNOTATIONS, collect
from bot.model.check import Annotation
from bot.model.report import Coverage
from tests.unit.ci.real_tools import RealReports


def archive(members: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return buffer.getvalue()


def real_archive(reports: RealReports) -> bytes:
    return archive(
        {
            "a": reports.junit,
            "b": reports.ruff,
            "c": reports.bandit,
            "d": reports.coverage_xml,
            "e": reports.coverage_json,
            "notes.txt": b"hello",
        }
    )


def junit(outcome: str) -> bytes:
    inside = f"<{outcome}/>" if outcome != "passed" else ""
    return f'<testsuite name="pytest"><testcase classname="t" name="a">{inside}</testcase></testsuite>'.encode()


def test_reports_are_recognised_whatever_they_are_called(reports: RealReports) -> None:
    findings = collect({"everything": real_archive(reports)}, (), {}, reports.checkout)
    assert findings.unread == ()
    assert {test.outcome for test in findings.tests} == {"passed", "failed", "error", "skipped"}
    assert {finding.tool for finding in findings.lint} == {"ruff", "bandit"}
    assert findings.coverage is not None
    assert findings == collect(
        {"1": reports.junit, "2": reports.ruff, "3": reports.bandit, "4": reports.coverage_xml}
        | {"5": reports.coverage_json},
        (),
        {},
        reports.checkout,
    )


def test_one_result_a_test_and_a_failure_anywhere_is_a_failure() -> None:
    for names in (("1", "2"), ("2", "1")):
        findings = collect(dict(zip(names, (junit("passed"), junit("failure")), strict=True)), (), {})
        assert [test.outcome for test in findings.tests] == ["failed"]
    assert [test.outcome for test in collect({"1": junit("skipped"), "2": junit("passed")}, (), {}).tests] == ["passed"]


def test_logs_speak_only_where_no_report_names_a_test(reports: RealReports) -> None:
    logs = {"job": reports.log}
    assert collect({"junit.xml": junit("passed")}, (), logs).tests[0].outcome == "passed"
    assert "failed" in {test.outcome for test in collect({}, (), logs).tests}
    assert [end.name for end in collect({}, (), logs).log_ends] == ["job"]


def test_annotations_become_findings_or_remarks_once() -> None:
    ruff = Annotation("src/a.py", 3, "failure", "src/a.py:3:1: F401 unused")
    other = Annotation("src/b.py", 1, "failure", "it \x1b[31mbroke")
    findings = collect(
        {},
        [
            ruff,
            ruff,
            other,
            other,
            Annotation("src/b.py", 1, "warning", "careful"),
            Annotation(".github", 1, "failure", "Process completed with exit code 1."),
        ],
        {},
    )
    assert [(finding.rule, finding.path, finding.line) for finding in findings.lint] == [("F401", "src/a.py", 3)]
    assert findings.remarks == (Annotation("src/b.py", 1, "failure", "it broke"),)


def test_a_hundred_thousand_annotations_are_capped() -> None:
    """CI-2."""
    annotations = [Annotation(f"{number}.py", number, "failure", "x") for number in range(100_000)]
    assert len(collect({}, annotations, {}).remarks) == ANNOTATIONS


def test_the_lowest_coverage_counts() -> None:
    low, high = b'<coverage line-rate="0.5"/>', b'<coverage line-rate="0.9"/>'
    assert collect({"1": high, "2": low}, (), {}).coverage == Coverage(0.5, None, ())


def test_everything_that_could_not_be_read_is_named() -> None:
    large = Random(0).randbytes(6 * 1024**2)
    findings = collect(
        {
            "bomb.zip": archive({"a": b"\0" * 10_000_000}),
            "bundle": archive({"junit.xml": large, "wheel.whl": large, "inner": archive({"a": b"x"})}),
            "coverage.json": b"not json",
            "dist": b"\0\1\2",
            "junit-16.xml": "<testsuite/>".encode("utf-16"),
            "list": b'[{"filename": 1, "location": 2}]',
            "notes.xml": b"<html/>",
            "object": b'{"results": [], "errors": 3}',
            "package.json": b'{"name": "x"}',
            "torn\x1b[31m": b"<testsuite><testcase>",
            "totals": b'{"totals": {}, "files": {}}',
        },
        (),
        {},
    )
    assert [remark.partition(":")[0] for remark in findings.unread] == [
        "bomb.zip",
        "bundle/junit.xml",
        "bundle/inner",
        "coverage.json",
        "junit-16.xml",
        "list",
        "object",
        "torn",
        "totals",
    ]


def test_the_number_of_artifacts_is_capped() -> None:
    findings = collect({f"{number:04}": junit("passed") for number in range(300)}, (), {})
    assert findings.unread == ("100 artifacts: more than 200 in all",)
    assert len(findings.tests) == 1


def test_no_findings_from_nothing() -> None:
    findings = collect({"empty": b"[]"}, (), {})
    assert (findings.tests, findings.lint, findings.coverage, findings.remarks) == ((), (), None, ())


def test_the_validation_action_s_manifest_is_kept() -> None:
    manifest = {
        "schema": "fractal-rmo/validation",
        "version": 1,
        "complete": True,
        "commit": "",
        "base": None,
        "python": "3.11",
        "tools": [],
        "tests": [],
        "tests_left_out": 0,
        "second_pass": [{"id": "t.py::test_a", "outcome": "passed"}],
        "not_run": [],
    }
    findings = collect({"validation/manifest.json": json.dumps(manifest).encode()}, (), {})
    (kept,) = findings.manifests
    assert [look.id for look in kept.second_pass] == ["t.py::test_a"]
    assert findings.unread == ()
