"""A trial's tasks as the tables that are compared: whole blocks, closed in the order in which they were assigned.

An item that makes failures slower must not look good while the slow ones are still running. So a block counts when
every task of it has ended, and only when every block that was filled before it counts, in whichever stratum: waiting
for the stratum's own blocks alone is not enough, because among many strata those whose treated tasks went well would be
seen first (`tests/bench/rollout.py` shows it).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bot.model.pattern import Table
from bot.model.rollout import Arm, ArmCounts, TrialStatistics, TrialTask

Tables = NDArray[np.int64]
"""Shape (..., blocks, 4): treated tasks, control tasks, treated with it, control with it."""

Outcome = Literal["success", "target"]


@dataclass(frozen=True, slots=True)
class ClosedBlock:
    """A full block of a stratum whose tasks have all ended."""

    stratum: str
    number: int
    tasks: tuple[TrialTask, ...]

    def table(self, outcome: Outcome) -> Table:
        """Of its triggered tasks: with success, or with the targeted failure."""
        treated, control = (_counted(self.tasks, arm) for arm in ("treated", "control"))
        if outcome == "success":
            return Table(treated.tasks, control.tasks, treated.succeeded, control.succeeded)
        return Table(treated.tasks, control.tasks, treated.targeted, control.targeted)


def closed_blocks(tasks: Sequence[TrialTask], size: int) -> tuple[ClosedBlock, ...]:
    """The blocks that count, oldest first.

    `tasks` are in the order of assignment over all strata, not one stratum after the other: blocks are ordered by their
    last task, and so by what was known before any outcome. A block that is not full, or whose first tasks belong to an
    earlier trial, waits for nobody and counts for nothing.
    """
    filling: dict[tuple[str, int], list[TrialTask]] = {}
    full: list[ClosedBlock] = []
    for task in tasks:
        place = task.stratum, task.position // size
        block = filling.setdefault(place, [])
        block.append(task)
        if len(block) == size:
            full.append(ClosedBlock(*place, tuple(block)))
    unclosed = (turn for turn, block in enumerate(full) if not all(task.resolved for task in block.tasks))
    return tuple(full[: next(unclosed, len(full))])


def tables(blocks: Sequence[ClosedBlock], outcome: Outcome) -> Tables:
    """One row a block, in the order of the blocks."""
    rows = [block.table(outcome) for block in blocks]
    cells = [[row.inside, row.outside, row.inside_with, row.outside_with] for row in rows]
    return np.array(cells, dtype=np.int64).reshape(len(rows), 4)


def statistics(blocks: Sequence[ClosedBlock], values: dict[str, float]) -> TrialStatistics:
    """The counts of both arms over `blocks`, beside the numbers that were made of them."""
    tasks = [task for block in blocks for task in block.tasks]
    return TrialStatistics(_counted(tasks, "treated"), _counted(tasks, "control"), len(blocks), values)


def _counted(tasks: Sequence[TrialTask], arm: Arm) -> ArmCounts:
    counted = [task for task in tasks if task.triggered and task.arm == arm]
    return ArmCounts(len(counted), sum(task.succeeded for task in counted), sum(task.targeted for task in counted))
