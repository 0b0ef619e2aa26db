"""Coverage rates, from coverage.py's XML (the Cobertura form) and from its JSON."""

from collections.abc import Mapping

from bot.ci.reports.markup import Abandoned, walk
from bot.ci.reports.place import is_absolute, repository_path
from bot.ci.reports.wire import COVERAGE, CoverageSummary, parsed
from bot.model.report import Coverage, FileCoverage, Unreadable, report_text

FILES = 20_000
SOURCE_CHARACTERS = 1000


def read_coverage_xml(content: bytes, checkout: str = "") -> Coverage | Unreadable:
    """Total and per-file rates of `coverage xml`; branch rates are None where no branch was measured."""
    project = _Project(checkout)
    refusal = walk(content, project)
    if refusal is not None:
        return refusal
    if project.line_rate is None:
        return Unreadable("no line rate from 0 to 1 at its root")
    return Coverage(project.line_rate, project.branch_rate, tuple(project.files))


def read_coverage_json(content: bytes, checkout: str = "") -> Coverage | Unreadable:
    """Total and per-file rates of `coverage json`; a file without statements counts as covered, as in its report."""
    report = parsed(content, COVERAGE)
    if isinstance(report, Unreadable):
        return report
    if len(report.files) > FILES:
        return Unreadable(f"more than {FILES} files")
    total = _rates(report.totals)
    files = {path: _rates(file.summary) for path, file in report.files.items()}
    if total is None or None in files.values():
        return Unreadable("more covered than there is")
    return Coverage(
        *total,
        tuple(FileCoverage(_path(path, checkout), *rates) for path, rates in files.items() if rates is not None),
    )


class _Project:
    """Gathers rates while the report is walked through."""

    def __init__(self, checkout: str) -> None:
        self.line_rate: float | None = None
        self.branch_rate: float | None = None
        self.files: list[FileCoverage] = []
        self._checkout = checkout
        self._branches = False
        self._sources: list[str] = []
        self._inside_source = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "coverage":
            self._branches = attributes.get("branches-valid", "0") != "0"
            self.line_rate = _rate(attributes.get("line-rate"))
            self.branch_rate = self._branch_rate(attributes)
        elif tag == "source":
            self._sources.append("")
            self._inside_source = True
        elif tag == "class":
            line_rate = _rate(attributes.get("line-rate"))
            if line_rate is None:
                raise Abandoned("a file without a line rate from 0 to 1")
            if len(self.files) == FILES:
                raise Abandoned(f"more than {FILES} files")
            self.files.append(
                FileCoverage(self._place(attributes.get("filename", "")), line_rate, self._branch_rate(attributes))
            )

    def text(self, content: str) -> None:
        if self._inside_source:
            self._sources[-1] += content[: SOURCE_CHARACTERS - len(self._sources[-1])]

    def end(self, tag: str) -> None:
        self._inside_source = False

    def _place(self, filename: str) -> str:
        """Names are relative to the one source directory, which need not be the checkout (`--source=package`)."""
        if len(self._sources) == 1:
            whole = _path(f"{self._sources[0].strip()}/{filename}", self._checkout)
            if not is_absolute(whole):
                return whole
        return _path(filename, self._checkout)

    def _branch_rate(self, attributes: Mapping[str, str]) -> float | None:
        return _rate(attributes.get("branch-rate")) if self._branches else None


def _rates(summary: CoverageSummary) -> tuple[float, float | None] | None:
    lines = _share(summary.covered_lines, summary.num_statements)
    if summary.covered_branches is None or not summary.num_branches:
        return None if lines is None else (lines, None)
    branches = _share(summary.covered_branches, summary.num_branches)
    return None if lines is None or branches is None else (lines, branches)


def _share(part: int, whole: int) -> float | None:
    if part > whole:
        return None
    return part / whole if whole else 1.0


def _path(path: str, checkout: str) -> str:
    return report_text(repository_path(path, checkout))


def _rate(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0.0 <= value <= 1.0 else None
