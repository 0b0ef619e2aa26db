"""Everything that a commit's artifacts, annotations and logs say, as one typed value.

Reports are recognised by what is in them: file names are chosen by each repository's workflow.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from bot.ci.reports.archive import Refused, is_archive, read_archive
from bot.ci.reports.coverage import read_coverage_json, read_coverage_xml
from bot.ci.reports.junit import read_junit
from bot.ci.reports.lint import read_bandit, read_ruff, read_ruff_annotation
from bot.ci.reports.log import LogReading, read_log
from bot.ci.reports.manifest import MARK as MANIFEST_MARK
from bot.ci.reports.manifest import read_manifest
from bot.ci.reports.markup import REPORT_BYTES
from bot.ci.reports.types import MYPY_END, read_mypy_json, read_mypy_text, read_pyright
from bot.ci.reports.unittest import END as UNITTEST_END
from bot.model.check import Annotation
from bot.model.manifest import Manifest
from bot.model.report import Coverage, Findings, LintFinding, Outcome, TestResult, Unreadable, report_text

ARTIFACTS = 200
ANNOTATIONS = 1000
LOGS = 50
NAME_CHARACTERS = 200

Report = tuple[TestResult, ...] | tuple[LintFinding, ...] | Coverage | LogReading | Manifest | Unreadable
Kind = Literal[
    "archive",
    "bandit",
    "coverage json",
    "coverage xml",
    "junit",
    "manifest",
    "mypy json",
    "mypy text",
    "output",
    "pyright",
    "ruff",
]

_HEAD_BYTES = 64 * 1024
_TAIL_BYTES = 16 * 1024
_TAIL_LINES = 40
_PYTEST_END = re.compile(r"(?:=+ )?\d{1,9} (?:passed|failed|errors?|skipped)\b.{0,200} in \d{1,9}\.\d\ds?.{0,40}")
_TELLING_NAMES = ("junit", "coverage", "ruff", "bandit", "report", "result")
_TELLING_SUFFIXES = (".xml", ".json", ".zip")
_BADNESS: Mapping[Outcome, int] = {"skipped": 0, "passed": 1, "error": 2, "failed": 3}
_OWN_PATH = ".github"
"""Where Actions puts annotations that belong to a workflow and to no file: `Process completed with exit code 1.`"""


def collect(
    artifacts: Mapping[str, bytes],
    annotations: Sequence[Annotation],
    log_tails: Mapping[str, bytes],
    checkout: str = "",
) -> Findings:
    """Read everything readable; what is not stands in `unread`, with the reason.

    `artifacts` are zip archives as GitHub hands them out or plain report files, by name. `checkout` is the absolute
    directory that the checks ran in, where it is known. No input raises; the time is linear in its size.
    """
    unread: list[str] = []
    tests: list[TestResult] = []
    lint: list[LintFinding] = []
    coverage: list[Coverage] = []
    outputs: list[LogReading] = []
    manifests: list[Manifest] = []
    for name, content in _files(artifacts, unread):
        match _read(name, content, checkout):
            case None:
                continue
            case Unreadable(reason=reason):
                unread.append(_remark(name, reason))
            case Coverage() as report:
                coverage.append(report)
            case LogReading() as output:
                outputs.append(output)
            case Manifest() as report:
                manifests.append(report)
            case report:
                tests.extend(entry for entry in report if isinstance(entry, TestResult))
                lint.extend(entry for entry in report if isinstance(entry, LintFinding))
    readings = [read_log(name, log_tails[name], checkout) for name in sorted(log_tails)[:LOGS]]
    outputs += readings
    if not tests:
        tests = [test for output in outputs for test in output.tests]
    reported = {finding.tool for finding in lint}
    lint += [finding for output in outputs for finding in output.lint if finding.tool not in reported]
    found, remarks = _read_annotations(annotations)
    return Findings(
        tests=_worst_of_each(tests),
        lint=_distinct([*lint, *found]),
        coverage=min(coverage, key=lambda report: (report.line_rate, report.branch_rate or 0.0), default=None),
        remarks=remarks,
        log_ends=tuple(reading.end for reading in readings),
        unread=tuple(unread),
        manifests=tuple(manifests),
    )


def _files(artifacts: Mapping[str, bytes], unread: list[str]) -> Iterator[tuple[str, bytes]]:
    """Every file, those of archives too, in the order of their names."""
    names = sorted(artifacts)
    if len(names) > ARTIFACTS:
        unread.append(f"{len(names) - ARTIFACTS} artifacts: more than {ARTIFACTS} in all")
    for name in names[:ARTIFACTS]:
        if not is_archive(artifacts[name]):
            yield name, artifacts[name]
            continue
        members = read_archive(artifacts[name])
        if isinstance(members, Refused):
            unread.append(_remark(name, members.reason))
            continue
        unread.extend(
            _remark(f"{name}/{member}", f"larger than {REPORT_BYTES} bytes")
            for member in members.too_large
            if _is_telling(member)
        )
        yield from ((f"{name}/{member}", content) for member, content in sorted(members.contents.items()))


def _read(name: str, content: bytes, checkout: str) -> Report | None:
    kind = _kind(content)
    if kind is not None:
        return _READERS[kind](content, checkout)
    return Unreadable("not a report that is known here") if _is_telling(name) else None


def _refuse_nested(content: bytes, checkout: str) -> Unreadable:
    return Unreadable("an archive inside an archive")


def _read_manifest(content: bytes, checkout: str) -> Manifest | Unreadable:
    return read_manifest(content)


def _read_output(content: bytes, checkout: str) -> LogReading:
    return read_log("", content, checkout)


_READERS: Mapping[Kind, Callable[[bytes, str], Report]] = {
    "archive": _refuse_nested,
    "bandit": read_bandit,
    "coverage json": read_coverage_json,
    "coverage xml": read_coverage_xml,
    "junit": read_junit,
    "manifest": _read_manifest,
    "mypy json": read_mypy_json,
    "mypy text": read_mypy_text,
    "output": _read_output,
    "pyright": read_pyright,
    "ruff": read_ruff,
}


def _kind(content: bytes) -> Kind | None:
    """What the bytes are likely to be; their parser decides whether they are."""
    if is_archive(content):
        return "archive"
    head = content[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"<"):
        places: dict[int, Kind] = {head.find(b"<testsuite"): "junit", head.find(b"<coverage"): "coverage xml"}
        places.pop(-1, None)
        return places[min(places)] if places else None
    if head == b"[]" or (head.startswith(b"[") and b'"filename"' in head and b'"location"' in head):
        return "ruff"
    if head.startswith(b"{"):
        if MANIFEST_MARK in head:
            return "manifest"
        if b'"generalDiagnostics"' in content:
            return "pyright"
        if b'"severity"' in head.partition(b"\n")[0] and b'"file"' in head.partition(b"\n")[0]:
            return "mypy json"
        if b'"results"' in content and b'"errors"' in content:
            return "bandit"
        if b'"totals"' in content and b'"files"' in content:
            return "coverage json"
    return _kind_of_text(content)


def _kind_of_text(content: bytes) -> Kind | None:
    """By its last lines: what a tool printed, redirected into a file."""
    last = content[-_TAIL_BYTES:].decode("utf-8", "replace").rstrip().split("\n")
    if MYPY_END.fullmatch(last[-1].strip()):
        return "mypy text"
    if any(_PYTEST_END.fullmatch(line.strip()) or UNITTEST_END.fullmatch(line.strip()) for line in last[-_TAIL_LINES:]):
        return "output"
    return None


def _is_telling(name: str) -> bool:
    """Whether a file's name promises a report, so that its owner should hear that it is none."""
    last = name.rpartition("/")[2].lower()
    return last.endswith(_TELLING_SUFFIXES) and any(word in last for word in _TELLING_NAMES)


def _read_annotations(
    annotations: Sequence[Annotation],
) -> tuple[list[LintFinding], tuple[Annotation, ...]]:
    found: list[LintFinding] = []
    remarks: dict[Annotation, None] = {}
    for annotation in annotations[:ANNOTATIONS]:
        if annotation.level != "failure" or annotation.path == _OWN_PATH:
            continue
        message = report_text(annotation.message)
        path = report_text(annotation.path, 300)
        finding = read_ruff_annotation(path, annotation.line, message)
        if finding is not None:
            found.append(finding)
        else:
            remarks[Annotation(path, annotation.line, annotation.level, message)] = None
    return found, tuple(remarks)


def _worst_of_each(tests: Iterable[TestResult]) -> tuple[TestResult, ...]:
    """One result a test: a test that failed anywhere has failed."""
    worst: dict[str, TestResult] = {}
    for test in tests:
        known = worst.get(test.id)
        if known is None or _BADNESS[test.outcome] > _BADNESS[known.outcome]:
            worst[test.id] = test
    return tuple(worst.values())


def _distinct(findings: Iterable[LintFinding]) -> tuple[LintFinding, ...]:
    distinct = {(one.tool, one.rule, one.path, one.line): one for one in findings}
    return tuple(distinct.values())


def _remark(name: str, reason: str) -> str:
    return f"{report_text(name, NAME_CHARACTERS)}: {reason}"
