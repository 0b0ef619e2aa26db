"""What went wrong at first validations, at every level of likeness, for mining and for trials.

Read from closed features and from fingerprints alone, which are hashes; a failure's texts are never looked at. What
people merged and split counts, as it stands at the moment of reading.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from bot.model.evidence import TaskId
from bot.model.ids import ItemKey
from bot.model.pattern import Signature, SignatureLevel
from bot.store.failure_groups import GROUP, alias_table, grouped
from bot.store.failures import failure_table
from bot.store.tables import aware, in_batches
from bot.store.tasks import task_table

Found = Mapping[tuple[TaskId, ItemKey], frozenset[Signature]]
"""By task and planned item; one without failures is missing."""

_failure = failure_table.c
_FAILURES = grouped(failure_table.join(task_table, task_table.c.id == _failure.task_id))


def found_signatures(connection: Connection, tasks: Sequence[TaskId]) -> Found:
    """The signatures of what the first validation of each item of these tasks found."""
    found: dict[tuple[TaskId, ItemKey], set[Signature]] = {}
    for some in in_batches(tasks):
        query = (
            select(_failure.task_id, _failure.item_key, _failure.features, GROUP.label("group"))
            .select_from(_FAILURES)
            .where(_failure.task_id.in_(some), _failure.first_validation.is_(True))
        )
        for row in connection.execute(query):
            key = (TaskId(row.task_id), ItemKey(row.item_key))
            found.setdefault(key, set()).update(levels_of(row.features, row.group))
    return {key: frozenset(signatures) for key, signatures in found.items()}


def parents_of(connection: Connection, signature: Signature) -> tuple[Signature, ...]:
    """What else a failure of this signature is, as the newest of them tells: its rule, exception and category.

    A category has none: its failures have nothing else in common.
    """
    match signature.level:
        case "category":
            return ()
        case "fingerprint":
            wanted = _of_group(signature.value)
        case "exception":
            wanted = _failure.exception == signature.value
        case "rule":
            tool, _, rule = signature.value.partition(":")
            wanted = and_(_failure.tool == tool, _failure.rule == rule)
    found = select(_failure.features, GROUP.label("group")).select_from(_FAILURES).where(wanted)
    row = connection.execute(found.order_by(_failure.id.desc()).limit(1)).one_or_none()
    if row is None:
        return ()
    order = get_args(SignatureLevel)
    broader = order[: order.index(signature.level)]
    return tuple(each for each in levels_of(row.features, row.group) if each.level in broader)


def first_seen(connection: Connection, signature: Signature) -> datetime | None:
    """When a failure of this fingerprint was first recorded; of broader signatures nobody asks."""
    if signature.level != "fingerprint":
        return None
    query = select(func.min(_failure.found_at)).select_from(_FAILURES).where(_of_group(signature.value))
    found = connection.execute(query).scalar_one()
    return None if found is None else aware(found)


def _of_group(group: str) -> ColumnElement[bool]:
    """Failures of this group; those that can be, by their fingerprints, are found by an index first."""
    canonical = group.partition("/")[0]
    merged = select(alias_table.c.fingerprint).where(alias_table.c.canonical == canonical)
    can_be = or_(_failure.fingerprint == canonical, _failure.fingerprint.in_(merged))
    return and_(can_be, GROUP.in_([group]))


def levels_of(features: Mapping[str, Any], group: str) -> Iterator[Signature]:
    """What a failure with these closed features, of this group, is at every level."""
    tool, rule = features.get("tool"), features.get("rule")
    values: Mapping[SignatureLevel, str | None] = {
        "category": features.get("category"),
        "rule": f"{tool}:{rule}" if tool and rule else None,
        "exception": features.get("exception"),
        "fingerprint": group,
    }
    for level, value in values.items():
        if value:
            yield Signature(level, value)
