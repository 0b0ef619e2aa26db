"""The clock of all evidence: each task has a place in the order in which tasks were assigned, given once.

A hypothesis is judged by the tasks behind its own place on the clock, in blocks of a fixed size, so that every
worker, at any time, sees the same tasks in the same block. Who is assigned late, or is stored late, comes later.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select, text, update

from bot.model.evidence import TaskId
from bot.store.tables import aware
from bot.store.tasks import task_table

_task = task_table.c
_LOCK: Final = 7_241_994
"""Any number that no other lock of this database has."""


@dataclass(frozen=True, slots=True)
class ClockTask:
    """A task in its place."""

    task: TaskId
    position: int
    """From 0, without gaps."""
    assigned_at: datetime
    closed_at: datetime | None


def advance_clock(connection: Connection, before: datetime) -> int:
    """Give every task that was assigned before that moment and has no place the next ones, in order of assignment.

    Says which place is the next free one. Safe beside other workers: they wait for each other.
    """
    if connection.dialect.name == "postgresql":
        # SQLite's transactions exclude each other anyway
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    free = _next_free(connection)
    order = func.row_number().over(order_by=(_task.assigned_at, _task.id)) - 1
    waiting = (
        select(_task.id, order.label("place"))
        .where(_task.position.is_(None), _task.assigned_at < before)
        .subquery("waiting")
    )
    placing = update(task_table).where(_task.id == waiting.c.id).values(position=waiting.c.place + free)
    return free + connection.execute(placing).rowcount


def read_clock(connection: Connection, first: int, count: int) -> tuple[ClockTask, ...]:
    """The tasks from place `first` on, at most `count` of them, in order."""
    query = (
        select(_task.id, _task.position, _task.assigned_at, _task.closed_at)
        .where(_task.position >= first, _task.position < first + count)
        .order_by(_task.position)
    )
    return tuple(
        ClockTask(TaskId(row.id), row.position, aware(row.assigned_at), row.closed_at and aware(row.closed_at))
        for row in connection.execute(query)
    )


def _next_free(connection: Connection) -> int:
    last = connection.execute(select(func.max(_task.position))).scalar_one()
    return 0 if last is None else last + 1
