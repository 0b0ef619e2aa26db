"""Trials of checklist items: which arm each task was drawn into, what followed, and what was decided.

An assignment is written before its run starts and never changed. Its place within the stratum is the next free one,
whoever asks, so that every block is filled in the order of assignment. Events and pairs are only ever added.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    UniqueConstraint,
    exists,
    func,
    select,
)

from bot.model.codec import decode, encode
from bot.model.evidence import Features, PlannedUnit, TaskId
from bot.model.ids import ActionId, ItemKey
from bot.model.pattern import Signature
from bot.model.rollout import Arm, Assignment, ItemEvent, ReplayPair
from bot.store.learning_state import exclusion_table
from bot.store.signatures import Found, found_signatures
from bot.store.tables import aware, insert_once, metadata, storable, storable_json
from bot.store.tasks import task_table
from bot.store.units import context_features

assignment_table: Final = Table(
    "assignment",
    metadata,
    Column("item", Text, nullable=False),
    Column("task_id", Text, nullable=False),
    Column("stratum", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("arm", Text, nullable=False),
    Column("assigned_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("item", "task_id"),
    UniqueConstraint("item", "stratum", "position", name="uq_assignment_place"),
)
"""A task is drawn before its own row is written: the two are not tied."""

item_event_table: Final = Table(
    "item_event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("item", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("numbers", JSON, nullable=False),
    UniqueConstraint("item", "at", "kind", name="uq_item_event_once"),
)

pair_table: Final = Table(
    "replay_pair",
    metadata,
    Column("item", Text, nullable=False),
    Column("task_id", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("pair", JSON, nullable=False),
    PrimaryKeyConstraint("item", "task_id", "at"),
)


def assign(
    connection: Connection,
    item: str,
    task: TaskId,
    stratum: str,
    arm_of: Callable[[int], Arm],
    at: datetime,
) -> Assignment:
    """The task's arm in the item's trial: as it was drawn before, else at the next place of its stratum.

    Beside other workers each place is given once. Several items have to be asked for in one order by all workers.
    """
    table = assignment_table.c
    while (known := _assignment(connection, item, task)) is None:
        here = (table.item == item) & (table.stratum == stratum)
        last = connection.execute(select(func.max(table.position)).where(here)).scalar_one()
        position = 0 if last is None else last + 1
        row = {"item": item, "task_id": task, "stratum": stratum, "position": position}
        # Another worker may take the place meanwhile: nothing is inserted then, and the one behind it is tried.
        insert_once(connection, assignment_table, {**row, "arm": arm_of(position), "assigned_at": at})
    return known


def _assignment(connection: Connection, item: str, task: TaskId) -> Assignment | None:
    table = assignment_table.c
    query = select(assignment_table).where(table.item == item, table.task_id == task)
    row = connection.execute(query).one_or_none()
    return None if row is None else _stored(row)


def _stored(row: Row[Any]) -> Assignment:
    return Assignment(row.item, TaskId(row.task_id), row.stratum, row.position, row.arm, aware(row.assigned_at))


@dataclass(frozen=True, slots=True)
class AssignedTask:
    """A task of a trial, with what its trial needs to know of it."""

    assignment: Assignment
    units: tuple[PlannedUnit, ...]
    """The plan that the Executor was first called with; empty where it never came to that."""
    features: Features
    """Of the task as a whole."""
    outcome: str | None
    """How its run ended; None while it has not, or where nothing else is known of the task."""
    closed_at: datetime | None
    found: Mapping[ItemKey, frozenset[Signature]]
    """What the first validation of each item found; items that passed, or were not validated, are missing."""
    excluded: bool
    """A person wants nothing learned from it."""


def read_trial(connection: Connection, item: str) -> tuple[AssignedTask, ...]:
    """Every task that was drawn for the item, by stratum and place."""
    table, task = assignment_table.c, task_table.c
    query = (
        select(
            *(assignment_table, task.planned, task.features, task.outcome, task.closed_at),
            exists().where(exclusion_table.c.task_id == table.task_id).label("excluded"),
        )
        .select_from(assignment_table.outerjoin(task_table, task.id == table.task_id))
        .where(table.item == item)
        .order_by(table.stratum, table.position)
    )
    rows = connection.execute(query).all()
    found = _by_task(found_signatures(connection, [TaskId(row.task_id) for row in rows]))
    return tuple(
        AssignedTask(
            assignment=_stored(row),
            units=_planned(row.planned or ()),
            features=context_features(row.features or {}),
            outcome=row.outcome,
            closed_at=row.closed_at and aware(row.closed_at),
            found=found.get(TaskId(row.task_id), {}),
            excluded=row.excluded,
        )
        for row in rows
    )


def _planned(stored: Sequence[Mapping[str, Any]]) -> tuple[PlannedUnit, ...]:
    return tuple(
        PlannedUnit(ItemKey(each["item"]), ActionId(each["action"]), context_features(each["features"]))
        for each in stored
    )


def _by_task(found: Found) -> Mapping[TaskId, Mapping[ItemKey, frozenset[Signature]]]:
    tasks: dict[TaskId, dict[ItemKey, frozenset[Signature]]] = {}
    for (task, item), signatures in found.items():
        tasks.setdefault(task, {})[item] = signatures
    return tasks


def write_item_event(connection: Connection, event: ItemEvent) -> bool:
    """Add what happened to an item; the same kind at the same moment is one. True when new."""
    row = {
        "item": storable(event.item),
        "at": event.at,
        "state": event.state,
        "kind": event.kind,
        "actor": storable(event.actor),
        "detail": storable(event.detail),
        "route": event.route,
        "numbers": storable_json(encode(dict(event.numbers))),
    }
    return insert_once(connection, item_event_table, row)


def read_item_events(connection: Connection, item: str | None = None) -> tuple[ItemEvent, ...]:
    """What happened to one item, or to all, in that order."""
    query = select(item_event_table).order_by(item_event_table.c.id)
    if item is not None:
        query = query.where(item_event_table.c.item == item)
    return tuple(
        ItemEvent(
            item=row.item,
            at=aware(row.at),
            state=row.state,
            kind=row.kind,
            actor=row.actor,
            detail=row.detail,
            route=row.route,
            numbers=decode(row.numbers, dict[str, float]),
        )
        for row in connection.execute(query)
    )


def write_pair(connection: Connection, item: str, pair: ReplayPair) -> bool:
    """Store a replayed task; the same task at the same moment is one. True when new."""
    row = {"item": item, "task_id": pair.task, "at": pair.at, "pair": encode(pair)}
    return insert_once(connection, pair_table, row)


def read_pairs(connection: Connection, item: str) -> tuple[ReplayPair, ...]:
    """The item's replayed tasks, in the order in which they were replayed; none that a person excluded."""
    table = pair_table.c
    is_excluded = exists().where(exclusion_table.c.task_id == table.task_id)
    query = select(table.pair).where(table.item == item, ~is_excluded).order_by(table.at, table.task_id)
    return tuple(decode(stored, ReplayPair) for stored in connection.execute(query).scalars())
