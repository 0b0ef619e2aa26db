"""How runs end as a whole, in the words of the kernel, the shell, the runner and coverage."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ci.findings import collect
from bot.ci.reports.ends import read_ends
from bot.failures.failure import coverage_failure, failures_of, lint_failure
from bot.model.report import Coverage, LintFinding


@pytest.mark.parametrize(
    ("line", "tool", "rule"),
    [
        ("Killed", "process", "OutOfMemory"),
        ("/home/runner/work/_temp/1.sh: line 1:  1844 Killed                  pytest", "process", "OutOfMemory"),
        ("##[error]Process completed with exit code 137.", "process", "OutOfMemory"),
        ("The container exited with code 137", "process", "OutOfMemory"),
        ("command terminated with exit code 137", "process", "OutOfMemory"),
        ("MemoryError", "process", "OutOfMemory"),
        ("MemoryError: Unable to allocate 8 GiB", "process", "OutOfMemory"),
        ("[12.3] kernel: Out of memory: Killed process 12 (python)", "process", "OutOfMemory"),
        (
            "##[error]The job running on runner Hosted Agent has exceeded the maximum execution time of 5 minutes.",
            "process",
            "Timeout",
        ),
        ("##[error]The action 'Test' has timed out after 5 minutes.", "process", "Timeout"),
        ("##[error]Process completed with exit code 124.", "process", "Timeout"),
        ("+++++++++++ Timeout +++++++++++", "process", "Timeout"),
        ("Coverage failure: total of 90 is less than fail-under=100", "coverage", "fail-under"),
        ("ERROR: Coverage failure: total of 90.5 is less than fail-under=100.0", "coverage", "fail-under"),
        ("FAIL Required test coverage of 100% not reached. Total coverage: 90.00%", "coverage", "fail-under"),
        ("ERROR: Required test coverage of 100% not reached. Total coverage: 90.00%", "coverage", "fail-under"),
    ],
)
def test_each_way_to_end(line: str, tool: str, rule: str) -> None:
    (found,) = read_ends([line])
    assert (found.tool, found.rule) == (tool, rule)
    (failure,) = failures_of(collect({}, (), {"job": line.encode()}), source="ci")
    assert failure.category == ("logic" if tool == "coverage" else "performance")
    assert failure.rule == rule


@pytest.mark.parametrize(
    "line", ["he was Killed", "Process completed with exit code 1.", "total of 137", "it took a long time", "timed out"]
)
def test_other_lines_say_nothing(line: str) -> None:
    assert read_ends([line]) == ()


def test_each_end_is_told_once_by_its_last_line() -> None:
    assert [one.message for one in read_ends(["Killed", "MemoryError", "exited with code 137"])] == [
        "exited with code 137"
    ]


def test_coverage_is_one_failure_whoever_says_it() -> None:
    line = "Coverage failure: total of 90 is less than fail-under=100"
    of_log = lint_failure(read_ends([line])[0], source="ci")
    assert of_log.fingerprint == coverage_failure(Coverage(0.5, None, ()), 0.9).fingerprint


@settings(deadline=None)
@given(st.lists(st.text(max_size=80)))
def test_law_no_text_raises(lines: list[str]) -> None:
    assert all(isinstance(one, LintFinding) for one in read_ends(lines))
