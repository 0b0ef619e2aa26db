"""What deterministic validation says of a change: levels before the push, the proof that it helps, tampering.

None of it is a model's opinion. "Not run" is a state of its own everywhere, with its reason, so that nothing is ever
skipped silently.
"""

from dataclasses import dataclass
from typing import Literal

from bot.model.failure import Failure, Source

LevelStatus = Literal["passed", "failed", "not run"]
TestState = Literal["passed", "failed", "error", "skipped", "absent"]
"""How a test ended, or that the run did not execute it."""


@dataclass(frozen=True, slots=True)
class LevelResult:
    """One level of the progressive validation, cheapest first; the first that fails is the last that runs."""

    level: int
    """1 syntax, 2 static, 3 the tests that touch the changed files."""
    name: str
    status: LevelStatus
    seconds: float
    note: str
    """What was run, or why nothing was; for people."""
    failures: tuple[Failure, ...] = ()
    cached: bool = False
    """The same content was validated before; `seconds` is what the lookup took."""


@dataclass(frozen=True, slots=True)
class RedBeforeGreen:
    """A test that fails on the base commit (with the head's tests laid over it) and passes on the head."""

    test: str
    base: TestState
    head: TestState
    base_source: Source
    head_source: Source
    """Who executed it there."""


@dataclass(frozen=True, slots=True)
class CodeUnchanged:
    """For documentation: no code changed, the syntax trees without their docstrings are equal."""

    files: int


@dataclass(frozen=True, slots=True)
class BehaviourKept:
    """For refactoring: every test of the base commit was executed on the head with the same outcome."""

    tests: int


Proof = RedBeforeGreen | CodeUnchanged | BehaviourKept


@dataclass(frozen=True, slots=True)
class Unproven:
    """Nothing shows that the issue is solved, and why."""

    reason: str


TamperRule = Literal[
    "test-deleted",
    "test-vanished",
    "test-skipped",
    "test-retried",
    "test-edited",
    "assertion-removed",
    "assertion-weakened",
    "expectation-rewritten",
    "threshold-lowered",
    "finding-suppressed",
    "tool-reconfigured",
    "path-protected",
    "report-forged",
    "process-exited",
    "module-shadowed",
    "equality-faked",
    "error-swallowed",
    "test-detected",
    "not-inspected",
]


@dataclass(frozen=True, slots=True)
class TamperFinding:
    """One way in which a change makes its own judge weaker."""

    rule: TamperRule
    path: str
    line: int | None
    detail: str
    """In words for people; names from the repository are quoted with !r, so they may be hostile text."""
    suspicion: bool = False
    """Cannot be decided by rule: it is shown, and the verdict stays as it is."""


@dataclass(frozen=True, slots=True)
class TestEvidence:
    """Which tests one run of the checks executed, and how it ended."""

    __test__ = False  # it is no test class, though pytest would take it for one by its name

    outcomes: tuple[tuple[str, TestState], ...]
    """Test id and outcome, of every test that the report names."""
    exit_code: int | None
    """None where it is not known."""
    reported: bool
    """Whether there was a report that could be read."""
    source: Source


@dataclass(frozen=True, slots=True)
class Reproduced:
    """These new tests were executed on the base commit, and failed."""

    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotReproduced:
    """These new tests were executed on the base commit, and all of them passed."""

    tests: tuple[str, ...]


Reproduction = Reproduced | NotReproduced | Unproven
