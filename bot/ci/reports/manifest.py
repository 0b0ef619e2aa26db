"""The validation action's `manifest.json`, whose form `docs/validate.md` describes."""

from typing import Annotated, Literal

from pydantic import BaseModel, FailFast, Field, NonNegativeInt, TypeAdapter

from bot.ci.reports.junit import ID_CHARACTERS, TESTS
from bot.ci.reports.wire import parsed
from bot.model.ids import CommitSha
from bot.model.manifest import Manifest, NotRun, SecondLook, ToolRun, ToolStatus
from bot.model.report import Unreadable, report_text
from bot.model.validation import TestState

SCHEMA = "fractal-rmo/validation"
MARK = b'"fractal-rmo/validation"'
"""Stands near the start of every manifest, whatever its version, and in no other report."""
ENTRIES = 100
"""Tools, second looks and things not run: none of these lists is long."""
PARTS = 40
WORD_CHARACTERS = 100
SENTENCE_CHARACTERS = 300

_Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
_ExitCode = Annotated[int, Field(ge=-(2**31), lt=2**32)]


class _Tool(BaseModel):
    tool: str
    version: str
    command: Annotated[list[str], Field(max_length=PARTS)]
    exit_code: _ExitCode | None
    seconds: _Seconds
    status: ToolStatus
    note: str
    report: str


class _Outcome(BaseModel):
    id: str
    outcome: TestState


class _NotRun(BaseModel):
    what: str
    reason: str


class _Wire(BaseModel):
    schema_name: Annotated[Literal["fractal-rmo/validation"], Field(alias="schema")]
    version: Literal[1]
    complete: bool
    commit: Annotated[str, Field(pattern=r"^(?:[0-9a-f]{40})?$")]
    base: str | None
    python: str
    tools: Annotated[list[_Tool], Field(max_length=ENTRIES), FailFast()]
    tests: Annotated[list[_Outcome], Field(max_length=TESTS), FailFast()]
    tests_left_out: NonNegativeInt
    second_pass: Annotated[list[_Outcome], Field(max_length=ENTRIES), FailFast()]
    not_run: Annotated[list[_NotRun], Field(max_length=ENTRIES), FailFast()]


_MANIFEST = TypeAdapter(_Wire)


def read_manifest(content: bytes) -> Manifest | Unreadable:
    """What the action wrote, made plain and cut to size; every input leads to one of the two. Linear in its size."""
    wire = parsed(content, _MANIFEST)
    if isinstance(wire, Unreadable):
        return wire
    return Manifest(
        complete=wire.complete,
        commit=CommitSha(wire.commit),
        base=report_text(wire.base or "", WORD_CHARACTERS),
        python=report_text(wire.python, WORD_CHARACTERS),
        tools=tuple(_tool(one) for one in wire.tools),
        tests=tuple((report_text(one.id, ID_CHARACTERS), one.outcome) for one in wire.tests),
        tests_left_out=wire.tests_left_out,
        second_pass=tuple(SecondLook(report_text(one.id, ID_CHARACTERS), one.outcome) for one in wire.second_pass),
        not_run=tuple(
            NotRun(report_text(one.what, WORD_CHARACTERS), report_text(one.reason, SENTENCE_CHARACTERS))
            for one in wire.not_run
        ),
    )


def _tool(wire: _Tool) -> ToolRun:
    return ToolRun(
        tool=report_text(wire.tool, WORD_CHARACTERS),
        version=report_text(wire.version, WORD_CHARACTERS),
        command=tuple(report_text(part, SENTENCE_CHARACTERS) for part in wire.command),
        exit_code=wire.exit_code,
        seconds=wire.seconds,
        status=wire.status,
        note=report_text(wire.note, SENTENCE_CHARACTERS),
        report=report_text(wire.report, SENTENCE_CHARACTERS),
    )
