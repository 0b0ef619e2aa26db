"""Everything that reads hostile bytes, each with the law that it keeps on any input: it raises nothing and more."""

from collections.abc import Callable, Mapping

from bot.ci.findings import collect
from bot.ci.reports.archive import Members, Refused, read_archive
from bot.ci.reports.coverage import read_coverage_json, read_coverage_xml
from bot.ci.reports.ends import read_ends
from bot.ci.reports.junit import read_junit
from bot.ci.reports.lint import read_bandit, read_ruff
from bot.ci.reports.log import read_log
from bot.ci.reports.recorded import read_recorded
from bot.ci.reports.traceback import read_traceback
from bot.ci.reports.types import read_mypy_json, read_mypy_text, read_pyright
from bot.ci.reports.unittest import read_unittest
from bot.failures.failure import failures_of
from bot.failures.fingerprint import exception_fingerprint, shape
from bot.failures.history import read_record
from bot.failures.masks import mask, mask_callee, mask_identifiers
from bot.model.history import HistoricRecord
from bot.model.report import Coverage, Unreadable, report_text

MESSAGE = 2000


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _findings(content: bytes) -> None:
    found = collect({"junit.xml": content, "report": content}, (), {"job": content})
    for failure in failures_of(found, source="ci"):
        assert len(failure.message) <= MESSAGE
        assert report_text(failure.message) == failure.message
        assert len(failure.fingerprint) == 16


def _entries(read: Callable[[bytes], object]) -> Callable[[bytes], None]:
    def checked(content: bytes) -> None:
        assert isinstance(read(content), tuple | Unreadable)

    return checked


def _coverage(read: Callable[[bytes], object]) -> Callable[[bytes], None]:
    def checked(content: bytes) -> None:
        found = read(content)
        assert isinstance(found, Coverage | Unreadable)
        assert isinstance(found, Unreadable) or 0.0 <= found.line_rate <= 1.0

    return checked


def _archive(content: bytes) -> None:
    assert isinstance(read_archive(content), Members | Refused)


def _log(content: bytes) -> None:
    reading = read_log("job", content)
    assert all(test.outcome in ("failed", "error") for test in reading.tests)


def _lines(content: bytes) -> None:
    lines = _text(content).split("\n")
    assert all(test.tool == "unittest" for test in read_unittest(lines))
    assert len(read_ends(lines)) <= 3


def _traceback(content: bytes) -> None:
    read = read_traceback(_text(content))
    assert len(read.message) <= MESSAGE
    once = shape(read.exception, read.message)
    assert shape(read.exception, once) == once
    exception_fingerprint("pytest", read.exception, read.message, read.frames)


def _masks(content: bytes) -> None:
    text = _text(content)
    for masked in (mask, mask_callee, mask_identifiers):
        once = masked(text)
        assert masked(once) == once


def _record(content: bytes) -> None:
    assert isinstance(read_record(content), HistoricRecord | Unreadable)
    for kind in ("", "WrongAnswer", "KeyError"):
        assert len(read_recorded(_text(content), kind).message) <= MESSAGE


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "findings": _findings,
    "junit": _entries(read_junit),
    "ruff": _entries(read_ruff),
    "bandit": _entries(read_bandit),
    "mypy text": _entries(read_mypy_text),
    "mypy json": _entries(read_mypy_json),
    "pyright": _entries(read_pyright),
    "coverage xml": _coverage(read_coverage_xml),
    "coverage json": _coverage(read_coverage_json),
    "archive": _archive,
    "log": _log,
    "lines": _lines,
    "traceback": _traceback,
    "masks": _masks,
    "record": _record,
}
SEEDS: tuple[bytes, ...] = (
    b'<testsuite name="pytest"><testcase classname="t" name="a"><error>KeyError</error></testcase></testsuite>',
    b'<coverage line-rate="0.5" branches-valid="1"><class filename="a.py" line-rate="1"/></coverage>',
    b'[{"code": "F401", "filename": "a.py", "location": {"row": 2}, "message": "m"}]',
    b'{"results": [], "errors": [{"filename": "a.py", "reason": "syntax"}]}',
    b'{"generalDiagnostics": [{"file": "a", "severity": "error", "message": "m", "range": {"start": {"line": 1}}}]}',
    b'{"file": "a.py", "line": 1, "message": "m", "code": "misc", "severity": "error"}\n',
    b"a.py:1:2: error: Incompatible types  [assignment]\nFound 1 error in 1 file (checked 1 source file)\n",
    b'=====\nFAIL: t (m.C.t)\n-----\n  File "m.py", line 3, in t\n    f(x)\nKeyError: no\nRan 1 test in 0.1s',
    b"FAILED a.py::t - assert 1 == 2\n____ t ____\n>   assert add(1) == 2\nE   assert 1 == 2\nE    + where 1 = f()\n",
    b"assert <function add at 0x7f12>(1.5) in [b'x', 2026-01-01] == <bound method C.f of <m.C object at 0x1>>\n",
    b"##[error]The action x has timed out after\nKilled\nCoverage failure: total of 9 is less than fail-under=10",
    b'{"source": "s", "task_id": "t", "passed": false, "error_type": "KeyError", "error_text": "KeyError: 1"}',
    b"Wrong Answer: input '[1]\\n2' expected '3' got '4' (1/2 test cases)\nLine 4 in f (a.py)\nTypeError('x')",
    b"PK\x03\x04",
)
