"""What is measured of a task, read from its run's journal alone: not from what learning believes of it.

The endpoint is the first attempt: everything up to the first validation of the task's first item. Whatever comes after
it was helped by what that validation said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bot.loop import fold
from bot.model.journal import Entry
from bot.model.outcome import ItemValidated, ModelReplied
from bot.model.phase import Ended
from bot.model.reply import Malformed
from bot.model.rollout import EVERY_ITEM
from bot.model.run import RunRequest, status_of_reason

Phase = Literal["before", "learning", "after"]
"""`before`: nothing is learned yet. `learning`: items are proposed and tried. `after`: what earned it is in force."""

FORM: Final = frozenset({"syntax", "format"})
"""Categories of the primary metric."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One task."""

    number: int
    """Order of filing, from 0."""
    problem: str
    phase: Phase
    is_baseline: bool
    """Drawn into the arm that is told no learned item."""
    learned: int
    """Learned items that its run was told or held to."""
    first_attempt: frozenset[str]
    """Categories of what the first attempt had wrong; empty where it was clean."""
    attempts: int
    """Tries that were validated."""
    completed: bool
    outcome: str
    cost: int
    """Micro dollars."""
    tokens: int
    seconds: float
    """That its steps took, waiting for their turn left out; what a model takes to think is in it."""

    @property
    def has_form_error(self) -> bool:
        return bool(self.first_attempt & FORM)

    @property
    def has_error(self) -> bool:
        return bool(self.first_attempt)


def measured(
    number: int, problem: str, phase: Phase, request: RunRequest, entries: Sequence[Entry], learned: frozenset[str]
) -> Measured:
    """A run that has ended; `learned` are the ids of all learned items."""
    run = fold(request, entries)
    assert isinstance(run.phase, Ended)
    return Measured(
        number=number,
        problem=problem,
        phase=phase,
        is_baseline=run.frozen is not None and run.frozen.arms.get(EVERY_ITEM) == "control",
        learned=len(learned.intersection(run.frozen.items or ())) if run.frozen is not None else 0,
        first_attempt=first_attempt(entries),
        attempts=sum(isinstance(entry.outcome, ItemValidated) for entry in entries),
        completed=status_of_reason(run.phase.reason) == "succeeded",
        outcome=run.phase.reason,
        cost=run.spent.cost,
        tokens=run.spent.input_tokens + run.spent.output_tokens,
        seconds=sum((entry.ended_at - entry.started_at).total_seconds() for entry in entries),
    )


def first_attempt(entries: Sequence[Entry]) -> frozenset[str]:
    """Categories of the findings of the first validation, and `format` for each unreadable answer before it."""
    found: set[str] = set()
    for entry in entries:
        match entry.outcome:
            case ModelReplied(agent="executor", reply=Malformed()):
                found.add("format")
            case ItemValidated(failures=failures):
                return frozenset(found | {failure.category for failure in failures})
            case _:
                continue
    return frozenset(found)
