"""What people decided about learning as a whole: on or off, begun anew, and which tasks nothing is learned from.

Nothing of the failures is deleted by any of it: error logs are the primary data, and what was said can be unsaid.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    Table,
    Text,
    exists,
    func,
    insert,
    select,
)

from bot.store.failure_groups import Remark
from bot.store.journal import run_table
from bot.store.patterns import delete_pattern, list_patterns
from bot.store.tables import aware, insert_new, metadata, storable
from bot.store.tasks import task_table

LearningAct = Literal["on", "off", "reset"]

learning_event_table: Final = Table(
    "learning_event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("act", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

exclusion_table: Final = Table(
    "task_exclusion",
    metadata,
    Column("task_id", Text, ForeignKey("task.id"), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class LearningEvent:
    """What somebody decided."""

    act: LearningAct
    remark: Remark


@dataclass(frozen=True, slots=True)
class LearningState:
    """What is in force. Learning is on until somebody switches it off."""

    on: bool
    reset_at: datetime | None
    """Only tasks that were assigned from then on are learned from; None: all of them."""
    last: LearningEvent | None
    excluded: int
    """Tasks that nothing is learned from."""


def read_learning(connection: Connection) -> LearningState:
    """What is in force."""
    table = learning_event_table.c
    rows = connection.execute(select(learning_event_table).order_by(table.id.desc())).all()
    switched = next((row.act for row in rows if row.act != "reset"), "on")
    last = LearningEvent(rows[0].act, Remark(rows[0].actor, rows[0].note, aware(rows[0].at))) if rows else None
    excluded = connection.execute(select(func.count()).select_from(exclusion_table)).scalar_one()
    return LearningState(switched == "on", read_reset(connection), last, excluded)


def read_reset(connection: Connection) -> datetime | None:
    """When learning was last begun anew."""
    table = learning_event_table.c
    moment = connection.execute(select(func.max(table.at)).where(table.act == "reset")).scalar_one()
    return None if moment is None else aware(moment)


def write_learning_event(connection: Connection, event: LearningEvent) -> None:
    """Switch learning on or off, or begin anew: what was learned from earlier tasks counts no more."""
    remark = event.remark
    row = {"act": event.act, "actor": storable(remark.actor), "note": storable(remark.note), "at": remark.at}
    connection.execute(insert(learning_event_table).values(row))


def exclude_tasks(
    connection: Connection,
    remark: Remark,
    *,
    actor: str | None = None,
    run: str | None = None,
    since: datetime | None = None,
) -> int:
    """Learn nothing any more from tasks that `actor` asked for, of that `run`, assigned `since` then; says how many.

    Each condition that is given has to hold, and one has to be given. Only tasks that are there already: who is to be
    kept from labelling later loses the right to on GitHub.
    """
    conditions: list[ColumnElement[bool]] = []
    if actor is not None:
        named = func.lower(run_table.c.request["label"]["actor"].as_string()) == actor.lower()
        conditions.append(task_table.c.run_id.in_(select(run_table.c.id).where(named)))
    if run is not None:
        conditions.append(task_table.c.id == run)
    if since is not None:
        conditions.append(task_table.c.assigned_at >= since)
    if not conditions:
        raise ValueError("no task is named; give an actor, a run or a moment")
    conditions.append(~exists().where(exclusion_table.c.task_id == task_table.c.id))
    tasks = connection.execute(select(task_table.c.id).where(*conditions).order_by(task_table.c.id)).scalars().all()
    given = {"actor": actor, "run": run, "since": since and since.isoformat()}
    said = {
        "reason": storable(", ".join(f"{name} {value}" for name, value in given.items() if value is not None)),
        "actor": storable(remark.actor),
        "note": storable(remark.note),
        "at": remark.at,
    }
    insert_new(connection, exclusion_table, [{"task_id": task, **said} for task in tasks], ("task_id",))
    return len(tasks)


def reset_learning(connection: Connection, remark: Remark) -> int:
    """Begin anew: nothing that was learned so far counts, and only later tasks are learned from. Says how many
    patterns were given up; what is proposed or merged already stays, because others decide about it.
    """
    given_up = [
        pattern.registration.id for pattern in list_patterns(connection) if pattern.status in ("watched", "crossed")
    ]
    for pattern in given_up:
        delete_pattern(connection, pattern, remark)
    write_learning_event(connection, LearningEvent("reset", remark))
    return len(given_up)
