"""The manifest: what was run on which commit, how it ended, and what was not run and why.

It is written anew after every tool, so that a job that is cancelled still uploads what it did until then.
"""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path

from ground_truth.processes import Ran

SCHEMA = "fractal-rmo/validation"
VERSION = 1
NAME = "manifest.json"
TEST_BYTES = 4 * 1024**2
"""Readers take a report of 5 MiB; more tests than fit are counted."""
COMMAND_PARTS = 40
PART_CHARACTERS = 300


@dataclass(frozen=True)
class ToolRun:
    """One tool, started once."""

    tool: str
    version: str
    command: list[str]
    exit_code: int | None
    seconds: float
    status: str
    """passed, failed (it did its work and found something) or broken (it did not do its work)."""
    note: str
    report: str
    """File of the artifact, empty where it left none."""


@dataclass
class Record:
    """What has been done so far."""

    reports: Path
    commit: str
    base: str | None
    tools: list[ToolRun] = field(default_factory=list[ToolRun])
    tests: Mapping[str, str] = field(default_factory=dict[str, str])
    second_pass: Mapping[str, str] = field(default_factory=dict[str, str])
    not_run: dict[str, str] = field(default_factory=dict[str, str])
    red: list[str] = field(default_factory=list[str])
    """Why the step fails, in words."""

    def ran(self, tool: str, ran: Ran, status: str, *, note: str = "", report: str = "") -> None:
        """Write down how a tool ended."""
        said = "; ".join(part for part in (note, ran.note) if part)
        command = [part[:PART_CHARACTERS] for part in ran.command[:COMMAND_PARTS]]
        kept = report if report and (self.reports / report).is_file() else ""
        seconds = round(ran.seconds, 2)
        self.tools.append(ToolRun(tool, version_of(tool), command, ran.exit_code, seconds, status, said, kept))
        self.save(complete=False)

    def skip(self, what: str, reason: str) -> None:
        """Write down that something was not run."""
        self.not_run[what] = reason
        self.save(complete=False)

    def save(self, *, complete: bool) -> None:
        """Write the manifest."""
        tests, left_out = _fitting(self.tests)
        content = {
            "schema": SCHEMA,
            "version": VERSION,
            "complete": complete,
            "commit": self.commit,
            "base": self.base,
            "python": platform.python_version(),
            "tools": [asdict(tool) for tool in self.tools],
            "tests": tests,
            "tests_left_out": left_out,
            "second_pass": _entries(self.second_pass),
            "not_run": [{"what": what, "reason": reason} for what, reason in self.not_run.items()],
        }
        self.reports.mkdir(parents=True, exist_ok=True)
        (self.reports / NAME).write_text(json.dumps(content, indent=1), encoding="utf-8")


def _entries(outcomes: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"id": test, "outcome": outcome} for test, outcome in outcomes.items()]


def _fitting(outcomes: Mapping[str, str]) -> tuple[Sequence[dict[str, str]], int]:
    entries = _entries(outcomes)
    size = 0
    for count, entry in enumerate(entries):
        size += len(json.dumps(entry)) + 10
        if size > TEST_BYTES:
            return entries[:count], len(entries) - count
    return entries, 0


def version_of(tool: str) -> str:
    """Version of an installed distribution, empty where there is none."""
    try:
        return metadata.version(tool)
    except metadata.PackageNotFoundError:
        return ""
