"""What the validation action says of its own run: which tools it started, how they ended, what it did not run.

It is written beside code that nobody has reviewed yet, so it explains a verdict and never makes one.
"""

from dataclasses import dataclass
from typing import Literal

from bot.model.ids import CommitSha
from bot.model.validation import TestState

ToolStatus = Literal["passed", "failed", "broken"]
"""Broken: it did not do its work, so it has found nothing and says nothing."""


@dataclass(frozen=True, slots=True)
class ToolRun:
    """One tool, started once."""

    tool: str
    version: str
    command: tuple[str, ...]
    exit_code: int | None
    """None where it was ended by a limit or never started."""
    seconds: float
    status: ToolStatus
    note: str
    report: str
    """File of the artifact that holds its report; empty where there is none."""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """How a test that failed ended in a fresh process on the same commit: `passed` means that it is flaky."""

    id: str
    outcome: TestState


@dataclass(frozen=True, slots=True)
class NotRun:
    """Something that validation could have run and did not."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One run of the action."""

    complete: bool
    """Whether it came to its end; else it was ended in between."""
    commit: CommitSha
    """What was checked out, which for a pull request may be GitHub's own merge; empty where it is not known."""
    base: str
    """What it was compared with; empty where there was nothing."""
    python: str
    tools: tuple[ToolRun, ...]
    tests: tuple[tuple[str, TestState], ...]
    """Id and outcome of every test that was executed."""
    tests_left_out: int
    """Executed tests that found no room in the manifest; above zero, an id that is missing proves nothing."""
    second_pass: tuple[SecondLook, ...]
    not_run: tuple[NotRun, ...]
