"""The end of a job's log: evidence for a reader, and a last resort where no report says which tests failed.

A log can say anything, in the very words of any tool; so it never counts for a test that passed, and its failures are
used only where there is no report.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.ci.reports.ends import read_ends
from bot.ci.reports.markup import REPORT_BYTES
from bot.ci.reports.traceback import read_traceback, split_exception
from bot.ci.reports.types import mypy_errors
from bot.ci.reports.unittest import read_unittest
from bot.model.report import LintFinding, LogEnd, Outcome, TestResult, report_text

LINES = 200
"""How many lines are kept as the end of the log."""
MOST_LINES = 200_000
"""How many lines, from the end, are looked at."""
LINE_CHARACTERS = 2000
FAILURES = 1000

_TIMESTAMP = re.compile(r"\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z ?")
_HEADER = re.compile(r"_{3,}+ (.{1,500}) _{3,}+")
_LAST_LINE = re.compile(r"(?:[A-Za-z_]\w*+\.)*+[A-Z]\w*+(?<=Error|ption|upted):(?: .*)?")
_COMPLAINTS = ("##[error]", "error: ", "Error: ", "ERROR: ", "fatal: ")
_EXIT_CODE = "Process completed with exit code"
_SUMMARY: Mapping[str, Outcome] = {"FAILED": "failed", "ERROR": "error"}


@dataclass(frozen=True, slots=True)
class LogReading:
    end: LogEnd
    tests: tuple[TestResult, ...]
    """Failed tests and errors, from pytest's short summary and the tracebacks above it, else from unittest's."""
    lint: tuple[LintFinding, ...]
    """Errors of mypy, and how the run ended as a whole: for want of memory, time or coverage."""


def read_log(name: str, content: bytes, checkout: str = "") -> LogReading:
    """What the last megabytes of a log say; any bytes are a log."""
    last = content[-REPORT_BYTES:].decode("utf-8", "replace").rsplit("\n", MOST_LINES)[-MOST_LINES:]
    lines = [_plain(line) for line in last]
    text = "\n".join(lines[-LINES:]).strip("\n")
    tests = _failures(lines, checkout) or read_unittest(lines, checkout)
    return LogReading(LogEnd(name, text, _cause(lines)), tests, (*mypy_errors(lines, checkout), *read_ends(lines)))


def _plain(line: str) -> str:
    if stamp := _TIMESTAMP.match(line):
        line = line[stamp.end() :]
    return report_text(line, LINE_CHARACTERS)


def _cause(lines: Sequence[str]) -> str:
    """The last line that names an exception, as pytest or the interpreter writes it, else the last complaint."""
    complaint = ""
    for line in reversed(lines):
        if line.startswith("E   "):
            return line[1:].strip()
        if _LAST_LINE.fullmatch(line):
            return line
        if not complaint and line.startswith(_COMPLAINTS) and _EXIT_CODE not in line:
            complaint = line.removeprefix("##[error]").strip()
    return complaint


def _failures(lines: Sequence[str], checkout: str) -> tuple[TestResult, ...]:
    sections = _sections(lines)
    found: dict[tuple[str, Outcome], TestResult] = {}
    for line in lines:
        word, _, rest = line.partition(" ")
        outcome = _SUMMARY.get(word)
        test, _, said = rest.partition(" - ")
        if outcome is None or ".py" not in test or len(found) == FAILURES:
            continue
        found[test, outcome] = _failure(test.strip(), outcome, said, sections, checkout)
    return tuple(found.values())


def _failure(
    test: str, outcome: Outcome, said: str, sections: Mapping[str, Sequence[str]], checkout: str
) -> TestResult:
    names = test.split("::")
    titles = [".".join(names[1:])]
    if outcome == "error":
        titles = [f"ERROR collecting {test}", *(f"ERROR at {phase} of {titles[0]}" for phase in ("setup", "teardown"))]
    body = next((sections[title] for title in titles if title in sections), ())
    traceback = read_traceback("\n".join(body), checkout)
    exception, message = split_exception(said)
    return TestResult(
        id=test,
        outcome=outcome,
        exception=traceback.exception or exception or ("AssertionError" if said.startswith("assert") else ""),
        message=traceback.message or message,
        traceback_end=traceback.end,
        seconds=0.0,
        frames=traceback.frames,
    )


def _sections(lines: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The tracebacks of pytest's report by the title above each."""
    sections: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in lines:
        if header := _HEADER.fullmatch(line):
            current = sections.setdefault(header[1].strip(), [])
            current.clear()
        elif line.startswith(("====", "----")):
            current = None
        elif current is not None:
            current.append(line)
    return sections
