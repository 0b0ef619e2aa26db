"""What unittest's runner prints: a section for each test that failed, with its traceback (docs.python.org, unittest).

Like a log of pytest it counts only where there is no report, and never for a test that passed.
"""

import re
from collections.abc import Mapping, Sequence

from bot.ci.reports.junit import ID_CHARACTERS, node_id
from bot.ci.reports.traceback import read_traceback
from bot.model.report import Outcome, TestResult, report_text

FAILURES = 1000
SECTION_LINES = 400
"""How many lines of one traceback are read, from its end."""
END = re.compile(r"Ran \d{1,9} tests? in \d{1,9}\.\d{1,9}s")
"""The line below all sections."""

_HEADER = re.compile(r"(FAIL|ERROR): (\S{1,300}) \(([\w.<>]{1,400})\)(?: .{0,300})?")
_OUTCOMES: Mapping[str, Outcome] = {"FAIL": "failed", "ERROR": "error"}
_UNLOADED = "unittest.loader._FailedTest"


def read_unittest(lines: Sequence[str], checkout: str = "") -> tuple[TestResult, ...]:
    """Failed tests and errors of plain `lines`; of a test's several subtests the first that failed."""
    found: dict[tuple[str, Outcome], TestResult] = {}
    ruler = ""
    start = 0
    title: re.Match[str] | None = None
    for index, line in enumerate(lines):
        if ruler.startswith("=====") and (header := _HEADER.fullmatch(line)):
            _finish(found, title, lines[start:index], checkout)
            title, start = header, index + 1
        elif title is not None and END.fullmatch(line):
            _finish(found, title, lines[start:index], checkout)
            title = None
        if len(found) == FAILURES:
            return tuple(found.values())
        ruler = line
    _finish(found, title, lines[start:], checkout)
    return tuple(found.values())


def _finish(
    found: dict[tuple[str, Outcome], TestResult], title: re.Match[str] | None, body: Sequence[str], checkout: str
) -> None:
    if title is None:
        return
    outcome = _OUTCOMES[title[1]]
    name = report_text(_id(title[2], title[3]), ID_CHARACTERS)
    if (name, outcome) in found:
        return
    traceback = read_traceback("\n".join(_below_ruler(body)), checkout)
    found[name, outcome] = TestResult(
        id=name,
        outcome=outcome,
        exception=traceback.exception,
        message=traceback.message,
        traceback_end=traceback.end,
        seconds=0.0,
        frames=traceback.frames,
        tool="unittest",
    )


def _below_ruler(body: Sequence[str]) -> Sequence[str]:
    """The traceback alone: without the first line of the test's docstring, and without the rulers around it."""
    start = next((index + 1 for index, line in enumerate(body[:5]) if line.startswith("-----")), 0)
    kept = [line for line in body[start:] if not line.startswith(("=====", "-----"))]
    return kept[-SECTION_LINES:]


def _id(name: str, place: str) -> str:
    """As pytest would name it: `test_add (tests.test_cart.TestCart.test_add)`, before 3.11 without the last part."""
    if place.startswith(_UNLOADED):
        return f"{name.replace('.', '/')}.py"
    group = place.removesuffix(f".{name}")
    return node_id({"classname": group, "name": name}, "pytest")
