"""All tools in turn, cheapest first; each says what it found, and none keeps the next from running."""

import shutil

from ground_truth.coverage import coverage
from ground_truth.differential import differential
from ground_truth.history import base_of, head_of
from ground_truth.mutation import mutation
from ground_truth.project import look
from ground_truth.record import Record
from ground_truth.settings import Settings
from ground_truth.static import bandit, ruff, types
from ground_truth.tests import pytest, second_pass
from ground_truth.toolbox import Toolbox, remark


def validate(settings: Settings) -> int:
    """Run everything; 1 where anything that decides has failed."""
    shutil.rmtree(settings.reports, ignore_errors=True)
    for directory in (settings.reports, settings.scratch):
        directory.mkdir(parents=True, exist_ok=True)
    record = Record(settings.reports, head_of(settings), base_of(settings))
    project = look(settings.workspace, settings.environment.get("PYTEST_ADDOPTS", ""))
    tools = Toolbox(settings, project, record)
    ruff(tools)
    bandit(tools)
    types(tools)
    session = pytest(tools)
    if session is None:
        for what in ("second pass", "coverage"):
            record.skip(what, "no test was run")
    else:
        second_pass(tools, session)
        coverage(tools)
    mutation(tools, session)
    differential(tools)
    record.save(complete=True)
    for reason in record.red:
        remark("error", reason)
    _summarise(settings, record)
    return 1 if record.red else 0


def _summarise(settings: Settings, record: Record) -> None:
    """A table on the job's page; only words of this program, and numbers."""
    if settings.summary is None:
        return
    rows = [f"| {tool.tool} | {tool.status} | {tool.seconds:.1f} s |" for tool in record.tools]
    rows += [f"| {what} | not run | |" for what in record.not_run]
    lines = ["## Validation", "", "| Tool | Outcome | Time |", "| --- | --- | --- |", *rows]
    with settings.summary.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
