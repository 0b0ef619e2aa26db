"""The course of a bench: so many tasks before anything is learned, some while it is, and the first ones again after.

The tasks after are about the same problems as those before, one for one, so that the two differ in what was learned
and in nothing else. Pure.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.bench.exercises import Exercise
from bot.bench.measure import Phase
from bot.model.errors import NeedsHuman

BATCH: Final = 10
"""Tasks that are labelled in one day."""
SHARE: Final = 0.32
"""Of all tasks, before and after each."""
LEAST: Final = 12
"""Fewer tasks make no bench."""


@dataclass(frozen=True, slots=True)
class Course:
    """Which problem each task is about."""

    before: tuple[Exercise, ...]
    learning: tuple[Exercise, ...]

    @property
    def after(self) -> tuple[Exercise, ...]:
        return self.before

    def days(self, phase: Phase) -> Iterator[tuple[Exercise, ...]]:
        """The tasks of a phase, a day's at a time."""
        exercises: tuple[Exercise, ...] = getattr(self, phase)
        for first in range(0, len(exercises), BATCH):
            yield exercises[first : first + BATCH]


def course(known: Sequence[Exercise], tasks: int, seed: int) -> Course:
    """Every problem comes up before any comes up again. Raises NeedsHuman for too few tasks."""
    if tasks < LEAST:
        raise NeedsHuman(f"{tasks} tasks are too few to show anything; ask for at least {LEAST}")
    measured = round(tasks * SHARE)
    order = list(known)
    random.Random(seed).shuffle(order)  # nosec B311 - an order of problems, no secret
    endless = [order[place % len(order)] for place in range(tasks - measured)]
    return Course(tuple(endless[:measured]), tuple(endless[measured:]))
