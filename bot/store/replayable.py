"""Old tasks of our own that can be done again: ended, with a plan, and neither too many nor those done already."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, exists, select

from bot.model.codec import decode
from bot.model.evidence import Features, PlannedUnit, TaskId
from bot.model.ids import RunId
from bot.store.learning_state import exclusion_table
from bot.store.tasks import task_table
from bot.store.units import context_features


@dataclass(frozen=True, slots=True)
class OldTask:
    task: TaskId
    run: RunId
    planned: tuple[PlannedUnit, ...]
    features: Features


def read_old_tasks(connection: Connection, excluding: Collection[TaskId], most: int) -> tuple[OldTask, ...]:
    """The newest ended tasks with a plan, `most` at most, without those that are named or that a person excluded."""
    table = task_table.c
    is_excluded = exists().where(exclusion_table.c.task_id == table.id)
    query = (
        select(table.id, table.run_id, table.planned, table.features)
        .where(table.run_id.is_not(None), table.outcome.is_not(None), ~is_excluded)
        .order_by(table.assigned_at.desc(), table.id.desc())
        .limit(most + len(excluding))
    )
    found = [
        OldTask(
            TaskId(row.id),
            RunId(row.run_id),
            tuple(decode(each, PlannedUnit) for each in row.planned),
            context_features(row.features),
        )
        for row in connection.execute(query)
        if row.planned and row.id not in excluding
    ]
    return tuple(found[:most])
