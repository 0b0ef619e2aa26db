"""The JSON reports of linters, type checkers and coverage on the wire, reduced to what is read of them."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, FailFast, NonNegativeInt, TypeAdapter, ValidationError

from bot.ci.reports.markup import REPORT_BYTES
from bot.model.report import Unreadable, report_text

FINDINGS = 20_000
"""More findings than this are not read: no report of a change that is worth repairing has as many."""

FAULTS = 100
"""Describing each of very many faults would take longer than reading the report."""

Shape = TypeVar("Shape")


class RuffLocation(BaseModel):
    row: NonNegativeInt


class RuffFinding(BaseModel):
    """One element of `ruff check --output-format json` (docs.astral.sh/ruff/settings, `output-format`)."""

    code: str | None
    filename: str
    location: RuffLocation
    message: str


class BanditResult(BaseModel):
    filename: str
    line_number: NonNegativeInt
    test_id: str
    issue_text: str


class BanditError(BaseModel):
    filename: str
    reason: str


class BanditReport(BaseModel):
    """`bandit -f json` (bandit.readthedocs.io, "json" formatter)."""

    results: Annotated[list[BanditResult], FailFast()]
    errors: Annotated[list[BanditError], FailFast()]


class CoverageSummary(BaseModel):
    covered_lines: NonNegativeInt
    num_statements: NonNegativeInt
    covered_branches: NonNegativeInt | None = None
    num_branches: NonNegativeInt | None = None


class CoverageFile(BaseModel):
    summary: CoverageSummary


class CoverageReport(BaseModel):
    """`coverage json` (coverage.readthedocs.io, "JSON reporting")."""

    files: dict[str, CoverageFile]
    totals: CoverageSummary


class MypyError(BaseModel):
    """One line of `mypy --output json` (mypy.readthedocs.io, "The mypy command line")."""

    file: str
    line: int
    message: str
    code: str | None
    severity: str


class PyrightPosition(BaseModel):
    line: NonNegativeInt


class PyrightRange(BaseModel):
    start: PyrightPosition


class PyrightDiagnostic(BaseModel):
    file: str
    severity: str
    message: str
    range: PyrightRange | None = None
    rule: str | None = None


class PyrightReport(BaseModel):
    """`pyright --outputjson`; the tool chose its names."""

    generalDiagnostics: Annotated[list[PyrightDiagnostic], FailFast()]


RUFF: TypeAdapter[list[RuffFinding]] = TypeAdapter(Annotated[list[RuffFinding], FailFast()])
BANDIT = TypeAdapter(BanditReport)
COVERAGE = TypeAdapter(CoverageReport)
MYPY = TypeAdapter(MypyError)
PYRIGHT = TypeAdapter(PyrightReport)


def parsed(content: bytes, shape: TypeAdapter[Shape]) -> Shape | Unreadable:
    """The report, or why it is none; a byte order mark is no fault."""
    if len(content) > REPORT_BYTES:
        return Unreadable(f"larger than {REPORT_BYTES} bytes")
    try:
        return shape.validate_json(content.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        if error.error_count() > FAULTS:
            return Unreadable(f"not as the tool writes it, in {error.error_count()} places")
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(report_text(str(part), 40) for part in first["loc"][:6])
        return Unreadable(
            f"not as the tool writes it: {report_text(first['msg'], 200)}{f' at {where}' if where else ''}"
        )
