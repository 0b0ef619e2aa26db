"""The state files of a run: the whole of what a fresh agent is told about it.

They stand under `.rmo/` in every commit of the state ref. A view is always made from the bytes of these files and
never from the run itself, so nothing can reach an agent that a person could not read on the ref.
"""

import json
from dataclasses import dataclass

from bot.model.action import Plan, PlannedItem
from bot.model.codec import decode, encode
from bot.model.failure import Failure
from bot.model.phase import Planning
from bot.model.repository import Guidance
from bot.model.run import Run

STATE_PATH = ".rmo/state.json"
TASK_PATH = ".rmo/task.json"


@dataclass(frozen=True, slots=True)
class TaskFile:
    """What was frozen at the labelling; the same in every commit of a run."""

    issue: int
    title: str
    body: str
    base_branch: str
    base_sha: str
    guidance: tuple[Guidance, ...]
    checklist: tuple[str, ...] | None = None
    """Items of the checklists that hold for this run; None: all that are in production."""


@dataclass(frozen=True, slots=True)
class CompletedItem:
    item: PlannedItem
    summary: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StateFile:
    """Where the run stands."""

    plan: Plan | None
    pending: tuple[PlannedItem, ...]
    completed: tuple[CompletedItem, ...]
    failures: tuple[Failure, ...]
    """What the next try has to mend."""
    problem: str
    """Why the last plan was given up; empty if it was not."""
    base_failing: tuple[str, ...]
    base_note: str
    frozen_paths: tuple[str, ...]
    """Files of the tests that show the issue; only the item that wrote them may change them."""
    notes: tuple[str, ...]
    attempts: dict[str, int]
    steps: int
    requests: int
    cost_micro_dollars: int


def render(run: Run) -> dict[str, str]:
    """Path -> text of every state file of `run`; canonical: equal runs, equal bytes."""
    assert run.frozen is not None
    task = run.frozen.task
    task_file = TaskFile(
        issue=task.issue,
        title=task.title,
        body=task.body,
        base_branch=run.frozen.base.branch,
        base_sha=run.frozen.base.sha,
        guidance=run.frozen.guidance,
        checklist=run.frozen.items,
    )
    return {TASK_PATH: _dump(task_file), STATE_PATH: _dump(_state(run))}


def parse(files: dict[str, str]) -> tuple[TaskFile, StateFile]:
    """What `render` wrote; raises cattrs' and json's errors on anything else."""
    return decode(json.loads(files[TASK_PATH]), TaskFile), decode(json.loads(files[STATE_PATH]), StateFile)


def _dump(value: TaskFile | StateFile) -> str:
    return json.dumps(encode(value), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _state(run: Run) -> StateFile:
    base = run.base_checks
    return StateFile(
        plan=run.plan,
        pending=run.pending_items,
        completed=tuple(CompletedItem(done.item, done.summary, done.paths) for done in run.finished_items),
        failures=run.current_failures,
        problem=run.phase.problem if isinstance(run.phase, Planning) else "",
        base_failing=base.failing if base else (),
        base_note=base.note if base else "",
        frozen_paths=tuple(sorted(run.reproduction_paths)),
        notes=run.notes,
        attempts={str(key): count for key, count in run.attempts.items()},
        steps=run.spent.steps,
        requests=run.spent.requests,
        cost_micro_dollars=run.spent.cost,
    )
