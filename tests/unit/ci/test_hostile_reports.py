"""No bytes make a parser raise, and no shape of them makes it slow."""

import subprocess
import sys
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ci.findings import collect
from bot.ci.reports.archive import read_archive
from bot.ci.reports.coverage import read_coverage_json, read_coverage_xml
from bot.ci.reports.junit import read_junit
from bot.ci.reports.lint import read_bandit, read_ruff
from bot.ci.reports.log import read_log
from bot.model.check import Annotation
from bot.model.report import Findings
from tests.unit.ci.real_tools import RealReports
from tests.unit.ci.test_findings import real_archive
from tests.unmeasured import environment

PARSERS: tuple[Callable[[bytes], object], ...] = (
    read_junit,
    read_ruff,
    read_bandit,
    read_coverage_xml,
    read_coverage_json,
    read_archive,
    lambda content: read_log("job", content),
    lambda content: collect({"junit.xml": content}, (), {"job": content}),
)
edits = st.lists(st.tuples(st.integers(0, 2**32), st.integers(0, 40), st.binary(max_size=12)), min_size=1, max_size=6)


def mutated(content: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for place, length, replacement in changes:
        start = place % (len(content) + 1)
        content = content[:start] + replacement + content[start + length :]
    return content


@settings(deadline=None)
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"<testsuite", b"<coverage", b"[{", b'{"results"'])
)
def test_law_no_bytes_raise(content: bytes, start: bytes) -> None:
    for parse in PARSERS:
        parse(start + content)


@settings(deadline=None)
@given(changes=edits, which=st.integers(0, 7))
def test_law_no_change_to_a_real_report_raises(
    reports: RealReports, changes: list[tuple[int, int, bytes]], which: int
) -> None:
    whole = (
        reports.junit,
        reports.broken_junit,
        reports.ruff,
        reports.bandit,
        reports.coverage_xml,
        reports.coverage_json,
        real_archive(reports),
        reports.log,
    )[which]
    content = mutated(whole, changes)
    for parse in PARSERS:
        parse(content)


@settings(deadline=None)
@given(st.lists(st.builds(Annotation, st.text(), st.integers(), st.just("failure"), st.text()), max_size=5))
def test_law_no_annotation_raises(annotations: list[Annotation]) -> None:
    assert isinstance(collect({}, annotations, {}), Findings)


SLOW_SHAPES: Mapping[str, str] = {
    "RX-1": "b' ' * 50_000 + b'x'",
    "RX-1 megabytes": "b'E   ' + b' ' * 4_000_000 + b'x'",
    "RX-2": "b'a' * 26 + b'!'",
    "RX-2 megabytes": "b'a' * 4_000_000 + b'!'",
    "RX-3": "b'\\x1b[' + b'1;' * 500_000",
    "RX-3 many": "b'\\x1b[1;' * 1_000_000",
    "RX-3 commands": "b'\\x1b]' * 2_000_000",
    "RX-4": "b'E   ' + b'([{' * 1_000_000",
    "RX-4 closed": "b'E   ' + b'[' * 900 + b']' * 900 + b'\\n'",
    "frames": "b'a:1:' * 1_000_000",
    "drives": "b'a:/' * 1_000_000",
    "headers": "b'_' * 4_000_000",
    "dots": "b'a.' * 2_000_000 + b'Error: x'",
    "causes": "b'The above exception was the direct cause of the following exception:\\n' * 60_000",
    "lines": "b'\\n' * 5_000_000",
    "returns": "b'\\r\\x1b[2K' * 1_000_000",
}
GUARDED = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from bot.ci.findings import collect
from bot.ci.reports.traceback import read_traceback
from bot.failures.failure import failures_of
content = {shape}
xml = b'<testsuite name="pytest"><testcase classname="t" name="a"><failure>' + content.replace(b"\\x1b", b"")
xml += b"</failure></testcase></testsuite>"
read_traceback(content.decode())
failures_of(collect({{"junit.xml": xml, "content": content}}, (), {{"job": content}}), source="ci")
"""


@pytest.mark.parametrize("shape", SLOW_SHAPES.values(), ids=SLOW_SHAPES)
def test_time_is_linear(shape: str) -> None:
    """In a child that dies after a minute of processor time: a quadratic pattern would need hours."""
    program = GUARDED.format(shape=shape)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, env=environment())
    assert (done.returncode, done.stderr.decode()) == (0, "")
