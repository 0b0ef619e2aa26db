"""What the reports of a commit's checks say: tests, lint findings, coverage, ends of logs.

Reports are written by code that nobody has reviewed yet, so every text in them is hostile. It is made plain
(`report_text`) before it becomes part of one of these values; who reads them need not clean it again.
"""

import re
from dataclasses import dataclass
from typing import ClassVar, Literal

from bot.model.check import Annotation
from bot.model.manifest import Manifest

MESSAGE_CHARACTERS = 2000
"""How much of one message is kept."""

Outcome = Literal["passed", "failed", "error", "skipped"]

_UNSEEN = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]"  # control sequences: colours, cursor, erasing
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]*+(?:\x07|\x1b\\|\x9c)?"  # operating system commands: titles, links
    r"|\x1b[@-Z\\^_]"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_ERASE_LINE = ("\x1b[2K", "\x1b[1K")


def report_text(text: str, limit: int = MESSAGE_CHARACTERS) -> str:
    """`text` as a person at a terminal would have seen it, at most `limit` characters.

    What the terminal erases or overwrites is gone (text hidden before `ESC[2K` or a carriage return is a known way
    to address whoever reads a captured log but not the person who watches it), and so are escape sequences, control
    characters and characters that show nothing. Linear in the length of the text; a second application changes
    nothing.
    """
    if "\r" in text or "\x1b" in text:
        text = "\n".join(_seen(line) for line in text.split("\n"))
    return _UNSEEN.sub("", text)[:limit]


def _seen(line: str) -> str:
    for erase in _ERASE_LINE:
        line = line.rpartition(erase)[2]
    return line.rstrip("\r").rpartition("\r")[2]


@dataclass(frozen=True, slots=True)
class Frame:
    """One call of a traceback, outermost first in a sequence of them."""

    path: str
    line: int
    function: str
    """Empty where the traceback does not name it."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """How one test ended. A report can be forged by the code under test: it explains a verdict, it makes none."""

    __test__: ClassVar[bool] = False  # it is no test class, though pytest would take it for one by its name

    id: str
    """The runner's node id as far as the report lets it be rebuilt: `tests/test_cart.py::TestCart::test_add[1]`."""
    outcome: Outcome
    exception: str
    """Class name, without module, of the innermost cause; empty where the report names none."""
    message: str
    """What that exception says, without its class."""
    traceback_end: str
    seconds: float
    frames: tuple[Frame, ...] = ()
    """Of the innermost cause."""
    tool: str = "pytest"


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One finding of a static tool, or the way in which a run as a whole ended."""

    tool: str
    rule: str
    path: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class FileCoverage:
    path: str
    line_rate: float
    branch_rate: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Rates from 0 to 1; None where branches were not measured."""

    line_rate: float
    branch_rate: float | None
    files: tuple[FileCoverage, ...]


@dataclass(frozen=True, slots=True)
class LogEnd:
    """The end of a job's log, and the line of it that comes nearest to a cause (empty where none does)."""

    name: str
    text: str
    cause: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A report that could not be read, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that the reports, annotations and logs of one commit say, each fact once."""

    tests: tuple[TestResult, ...]
    """One a test id, the worst where several reports name it. From logs (and then of failed tests only) where no
    report speaks of any test."""
    lint: tuple[LintFinding, ...]
    coverage: Coverage | None
    """The lowest, where there are several reports."""
    remarks: tuple[Annotation, ...]
    """Annotations of level `failure` that repeat no lint finding."""
    log_ends: tuple[LogEnd, ...]
    unread: tuple[str, ...]
    """`name: reason` of everything that should have been read and could not be."""
    manifests: tuple[Manifest, ...] = ()
    """What the validation action says of its own runs."""
