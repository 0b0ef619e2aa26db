"""JUnit XML as pytest writes it (`--junitxml`, docs.pytest.org "Creating JUnitXML format files"), and its relatives."""

import re
from collections.abc import Mapping

from bot.ci.reports.markup import Abandoned, walk
from bot.ci.reports.place import repository_path
from bot.ci.reports.traceback import Traceback, read_traceback, split_exception
from bot.model.report import Outcome, TestResult, Unreadable, report_text

TESTS = 100_000
ID_CHARACTERS = 500
BODY_CHARACTERS = 64 * 1024
"""How much of one failure's text is read."""

_OUTCOMES: Mapping[str, Outcome] = {"failure": "failed", "error": "error", "skipped": "skipped"}
_WRAPPED = re.compile(r'failed on (?:setup|teardown) with "(.*)"', re.DOTALL)


def read_junit(content: bytes, checkout: str = "") -> tuple[TestResult, ...] | Unreadable:
    """Every test case, in the report's order; a test that failed in two phases is there twice."""
    suite = _Suite(checkout)
    refusal = walk(content, suite)
    return tuple(suite.results) if refusal is None else refusal


class _Suite:
    """Gathers test cases while the report is walked through."""

    def __init__(self, checkout: str) -> None:
        self.results: list[TestResult] = []
        self._checkout = checkout
        self._tool = "junit"
        self._case: dict[str, str] | None = None
        self._complaints: list[tuple[Outcome, Mapping[str, str], str]] = []
        self._body: list[str] | None = None
        self._attributes: Mapping[str, str] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "testsuite":
            self._tool = "pytest" if attributes.get("name") == "pytest" else "junit"
        elif tag == "testcase":
            self._case, self._complaints = dict(attributes), []
        elif self._case is not None and tag in _OUTCOMES:
            self._body, self._attributes = [], dict(attributes)

    def text(self, content: str) -> None:
        if self._body is not None:
            self._body.append(content)

    def end(self, tag: str) -> None:
        if tag in _OUTCOMES and self._body is not None:
            self._complaints.append((_OUTCOMES[tag], self._attributes, "".join(self._body)))
            self._body = None
        elif tag == "testcase" and self._case is not None:
            complaints = self._complaints or [("passed", {}, "")]
            self.results.extend(self._result(self._case, *complaint) for complaint in complaints)
            self._case = None
            if len(self.results) > TESTS:
                raise Abandoned(f"more than {TESTS} test cases")

    def _result(
        self, case: Mapping[str, str], outcome: Outcome, attributes: Mapping[str, str], body: str
    ) -> TestResult:
        said = attributes.get("message", "")
        traceback = Traceback("", "", "", ())
        if outcome in ("failed", "error"):
            traceback = _explained(body[-BODY_CHARACTERS:], said, attributes.get("type", ""), self._checkout)
        elif outcome == "skipped":
            traceback = Traceback("", report_text(said), "", ())
        return TestResult(
            id=report_text(node_id(case, self._tool), ID_CHARACTERS),
            outcome=outcome,
            exception=traceback.exception,
            message=traceback.message,
            traceback_end=traceback.end,
            seconds=_seconds(case.get("time", "")),
            frames=traceback.frames,
            tool=self._tool,
        )


def _explained(body: str, said: str, kind: str, checkout: str) -> Traceback:
    """The traceback of the body, completed by the attributes where it is silent."""
    traceback = read_traceback(body, checkout)
    said = report_text(said)
    wrapped = _WRAPPED.fullmatch(said)
    exception, message = split_exception(wrapped[1] if wrapped else said)
    named, _ = split_exception(report_text(kind, 200))
    return Traceback(
        exception=traceback.exception or named or exception,
        message=traceback.message or message.strip() or said.strip(),
        end=traceback.end,
        frames=traceback.frames,
    )


def node_id(case: Mapping[str, str], tool: str) -> str:
    """pytest's node id, of which its report keeps only the parts joined by dots.

    Parts at the end that start with a capital are taken for classes, as PEP 8 names them and `python_classes` does by
    default. A collection error has no class name at all and stands for its file.
    """
    group, name = case.get("classname", ""), case.get("name", "")
    if tool != "pytest":
        return f"{group}::{name}" if group else name
    parts = (group or name).split(".")
    count = len(parts)
    while count > 1 and parts[count - 1][:1].isupper():
        count -= 1
    path = repository_path(case.get("file", "")) or f"{'/'.join(parts[:count])}.py"
    return "::".join([path, *parts[count:], *([name] if group else [])])


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return seconds if 0.0 <= seconds < 1e9 else 0.0
