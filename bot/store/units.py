"""Units: what mining and evidence count. A planned item of a task, in its context, with what it was found to lack.

The context is what was fixed before the Executor was first called: the features of the task and of the item as the
first plan had it. Items that only a later plan has answer a failure and are no units. Where no plan names an item
(planning itself, whose item is empty, and tasks of other systems) the context is what its try recorded. Tasks that a
person excluded, and those assigned before learning was last reset, are left out.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, exists, select, text

from bot.model.evidence import Features, FeatureValue, TaskId
from bot.model.ids import ItemKey
from bot.model.pattern import NODE, Unit
from bot.store.learning_state import exclusion_table, read_reset
from bot.store.signatures import found_signatures
from bot.store.tables import aware, in_batches
from bot.store.tasks import attempt_table, task_table

_task = task_table.c
_attempt = attempt_table.c
_COLUMNS: Final = (
    *(_attempt.id.label("attempt"), _attempt.item_key, _attempt.action_item, _attempt.features.label("tried")),
    *(_task.id, _task.repository, _task.issue, _task.labeller, _task.features, _task.planned),
    *(_task.assigned_at, _task.position),
    exists().where(exclusion_table.c.task_id == _task.id).label("excluded"),
)


@dataclass(frozen=True, slots=True)
class UnitPage:
    """The next units in the order of their first validation."""

    units: tuple[Unit, ...]
    """May be fewer than were asked for, or none, also where more follow."""
    cursor: int
    """Where the next page begins; the end is reached where it did not move."""


def read_units(connection: Connection, tasks: Sequence[TaskId], names: frozenset[str]) -> tuple[Unit, ...]:
    """The units of these tasks, as far as they have a place on the clock; `names`: features that are context."""
    rows: list[Row[*tuple[Any, ...]]] = []
    for some in in_batches(list(dict.fromkeys(tasks))):
        query = _first_validations().where(_task.id.in_(some), _task.position.is_not(None))
        rows += connection.execute(query.order_by(_task.position, _attempt.id))
    return _units(connection, rows, names)


def read_units_after(connection: Connection, cursor: int, limit: int, names: frozenset[str]) -> UnitPage:
    """The first validations behind `cursor`, at most `limit`; 0 begins at the first of all.

    Ends before the first one whose task has no place on the clock, so that none is ever missed: advance it before.
    No writer is at work while it is read, because ids are given in another order than that in which they are committed.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("lock table attempt in share mode"))
    query = _first_validations().where(_attempt.id > cursor).order_by(_attempt.id).limit(limit)
    rows: list[Row[*tuple[Any, ...]]] = []
    for row in connection.execute(query):
        if row.position is None:
            break
        rows.append(row)
    return UnitPage(_units(connection, rows, names), rows[-1].attempt if rows else cursor)


def read_clusters(connection: Connection, first: int, end: int) -> Mapping[str, int]:
    """The clusters of the tasks with positions from `first` to before `end` -> the last position of each."""
    query = (
        select(_task.id, _task.repository, _task.issue, _task.features, _task.position)
        .where(_task.position >= first, _task.position < end)
        .order_by(_task.position)
    )
    return {_cluster(row): row.position for row in connection.execute(query)}


def _first_validations() -> Select[*tuple[Any, ...]]:
    joined = attempt_table.join(task_table, _task.id == _attempt.task_id)
    return select(*_COLUMNS).select_from(joined).where(_attempt.first_validation.is_(True))


def _units(connection: Connection, rows: Sequence[Row[*tuple[Any, ...]]], names: frozenset[str]) -> tuple[Unit, ...]:
    reset = read_reset(connection)
    wanted = [row for row in rows if not row.excluded and (reset is None or aware(row.assigned_at) >= reset)]
    found = found_signatures(connection, list(dict.fromkeys(TaskId(row.id) for row in wanted)))
    return tuple(
        Unit(
            task=TaskId(row.id),
            item=ItemKey(row.item_key),
            assigned_at=aware(row.assigned_at),
            position=row.position,
            cluster=_cluster(row),
            labeller=row.labeller or "",
            context=context,
            signatures=found.get((TaskId(row.id), ItemKey(row.item_key)), frozenset()),
        )
        for row in wanted
        for context in _contexts(row, names)
    )


def _contexts(row: Row[*tuple[Any, ...]], names: frozenset[str]) -> Iterator[Features]:
    """The context of a unit, or nothing where the first plan does not know the item."""
    if row.item_key and row.planned:
        planned = next((each for each in row.planned if each["item"] == row.item_key), None)
        if planned is None:
            return
        known = {**row.features, **planned["features"]}
    else:
        known = {**({NODE: row.action_item} if row.action_item else {}), **row.tried}
    yield context_features(known, names)


def context_features(known: Mapping[str, Any], names: frozenset[str] | None = None) -> Features:
    """Stored features by these names, or all of them; JSON has made lists of the tuples."""
    values: dict[str, FeatureValue] = {}
    for name, value in known.items():
        if names is None or name in names:
            values[name] = value if isinstance(value, str) else tuple(value)
    return values


def _cluster(row: Row[*tuple[Any, ...]]) -> str:
    """Equal for tasks of one issue of one repository; a task of which neither is known stands for itself."""
    if row.issue is None:
        return hashlib.sha256(row.id.encode()).hexdigest()[:16]
    repository = row.features.get("repository") or row.repository.lower()
    return hashlib.sha256(f"{repository}#{row.issue}".encode()).hexdigest()[:16]
