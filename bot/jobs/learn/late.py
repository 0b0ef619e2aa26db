"""What people made of the work of each item's tasks: read from the store, and told to the test of it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from bot.jobs.late_outcomes import WITHIN
from bot.model.learning_policy import CanaryPolicy
from bot.model.rollout import ItemEvent, ItemStanding
from bot.rollout.assignment import HOLDBACK_BLOCK
from bot.rollout.fate import LateRecord, fate_of
from bot.rollout.late import Late, LateTask, late_of
from bot.rollout.stretches import Stretch, stretches
from bot.store.late_outcomes import TaskEnd, read_task_ends
from bot.store.rollouts import AssignedTask

Part = tuple[int, Stretch]
"""Size of the blocks, and while they were drawn so."""
NOTHING: Final = TaskEnd((), superseded=False)


def late_over(
    connection: Connection,
    assigned: Sequence[AssignedTask],
    parts: Sequence[Part],
    is_triggered: Callable[[AssignedTask], bool],
    policy: CanaryPolicy,
    now: datetime,
) -> Late:
    """Over those of the tasks, which are in the order of assignment, that lie within the parts."""
    ends = read_task_ends(connection, [each.assignment.task for each in assigned])

    def labelled(each: AssignedTask) -> LateTask:
        assignment = each.assignment
        record = _record(each, ends.get(assignment.task, NOTHING))
        return LateTask(
            stratum=assignment.stratum,
            position=assignment.position,
            arm=assignment.arm,
            triggered=is_triggered(each),
            ended=each.outcome is not None,
            fate=fate_of(record, assignment.assigned_at, late=policy.late, held=WITHIN, now=now),
        )

    def within(stretch: Stretch) -> list[LateTask]:
        return [labelled(each) for each in assigned if _is_within(each.assignment.assigned_at, stretch)]

    return late_of([(size, within(stretch)) for size, stretch in parts], policy)


def parts_of(standing: ItemStanding, events: Sequence[ItemEvent], policy: CanaryPolicy) -> tuple[Part, ...]:
    """Where an item's tasks count. `standing`: by its file; `events`: its own."""
    sizes = {"staged": policy.block, "production": HOLDBACK_BLOCK}
    return tuple((sizes[stretch.state], stretch) for stretch in stretches(standing, events))


def _is_within(at: datetime, stretch: Stretch) -> bool:
    return at >= stretch.since and (stretch.until is None or at < stretch.until)


def _record(each: AssignedTask, end: TaskEnd) -> LateRecord:
    at = {outcome.kind: outcome.happened_at for outcome in end.outcomes}
    return LateRecord(
        merged_at=at.get("merged"),
        closed_at=at.get("closed"),
        reverted="reverted" in at,
        without="none" in at,
        superseded=end.superseded,
        cancelled=each.outcome == "cancelled",
    )
