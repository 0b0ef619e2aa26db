"""Patterns: what was registered, the evidence after each block of tasks, and what happened to it. Only ever added to.

A hypothesis that was given up may be registered again; then it has a further registration, and its evidence begins
anew with the blocks of that one. The status of a pattern is its last event, and is stored nowhere else.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    select,
)

from bot.model.codec import decode, encode
from bot.model.pattern import EvidencePoint, Pattern, PatternEvent, PatternId, PatternStatus, Registration
from bot.store.failure_groups import Remark
from bot.store.tables import aware, insert_once, metadata, storable, storable_json

registration_table: Final = Table(
    "pattern_registration",
    metadata,
    Column("pattern", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("quarter", Text, nullable=False, index=True),
    Column("registered_on", Text, nullable=False, index=True),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("first_position", Integer, nullable=False),
    Column("registration", JSON, nullable=False),
    PrimaryKeyConstraint("pattern", "number"),
)

point_table: Final = Table(
    "pattern_point",
    metadata,
    Column("pattern", Text, nullable=False),
    Column("block", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("e_value", Float, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("point", JSON, nullable=False),
    PrimaryKeyConstraint("pattern", "block"),
)

pattern_event_table: Final = Table(
    "pattern_event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("pattern", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("act", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("numbers", JSON, nullable=False),
    UniqueConstraint("pattern", "at", "act", name="uq_pattern_event_once"),
    Index("ix_pattern_event_act", "act", "pattern"),
)

_OVER: Final = frozenset({"rejected", "retired", "deleted"})
"""Statuses after which a hypothesis may be registered again."""


def write_registrations(connection: Connection, registrations: Sequence[Registration]) -> tuple[PatternId, ...]:
    """Register hypotheses, with the events that say so; gives those that were not registered before.

    A hypothesis that is registered already, and was not given up since, stays as it is.
    """
    written: list[PatternId] = []
    for each in registrations:
        number = _next_number(connection, each.id)
        if number is None:
            continue
        support = each.support
        numbers = {"tasks": float(support.table.tasks), "lift": support.lift, "p_value": support.p_value}
        insert_once(connection, registration_table, _registration_row(each, number))
        write_pattern_event(
            connection, PatternEvent(each.id, each.registered_at, "registered", "rmo", each.hypothesis.text, numbers)
        )
        written.append(each.id)
    return tuple(written)


def _next_number(connection: Connection, pattern: PatternId) -> int | None:
    """The number of its next registration; None where the last one is not over."""
    table = registration_table.c
    last = connection.execute(select(func.max(table.number)).where(table.pattern == pattern)).scalar_one()
    if last is None:
        return 1
    acts = pattern_event_table.c
    newest = select(acts.act).where(acts.pattern == pattern).order_by(acts.id.desc()).limit(1)
    return last + 1 if connection.execute(newest).scalar_one_or_none() in _OVER else None


def _registration_row(registration: Registration, number: int) -> Mapping[str, object]:
    hypothesis = registration.hypothesis
    return {
        "pattern": registration.id,
        "number": number,
        "kind": hypothesis.kind,
        "level": hypothesis.signature.level,
        "signature": storable(hypothesis.signature.value),
        "origin": registration.origin,
        "quarter": registration.quarter,
        "registered_on": _day(registration.registered_at),
        "registered_at": registration.registered_at,
        "first_position": registration.first_position,
        "registration": storable_json(encode(registration)),
    }


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()


def write_point(connection: Connection, point: EvidencePoint) -> bool:
    """Store where the evidence stood after a block; what is there already for this block stays. True when new."""
    row = {
        "pattern": point.pattern,
        "block": point.block,
        "at": point.at,
        "e_value": point.e_value,
        "threshold": point.threshold,
        "point": storable_json(encode(point)),
    }
    return insert_once(connection, point_table, row)


def forget_points(connection: Connection, pattern: PatternId | None = None) -> int:
    """Forget the evidence of one pattern, or of all, so that it is judged anew without tasks that were excluded."""
    forgetting = delete(point_table)
    if pattern is not None:
        forgetting = forgetting.where(point_table.c.pattern == pattern)
    return connection.execute(forgetting).rowcount


def write_pattern_event(connection: Connection, event: PatternEvent) -> bool:
    """Add what happened; the same act at the same moment is one. True when new."""
    row = {
        "pattern": event.pattern,
        "at": event.at,
        "act": event.act,
        "actor": storable(event.actor),
        "detail": storable(event.detail),
        "numbers": storable_json(encode(dict(event.numbers))),
    }
    return insert_once(connection, pattern_event_table, row)


def delete_pattern(connection: Connection, pattern: PatternId, remark: Remark) -> bool:
    """Give a pattern up: an event says so, nothing is removed. False where it is not known or was given up before."""
    known = read_pattern(connection, pattern)
    if known is None or known.status == "deleted":
        return False
    return write_pattern_event(connection, PatternEvent(pattern, remark.at, "deleted", remark.actor, remark.note, {}))


def read_pattern(connection: Connection, pattern: PatternId) -> Pattern | None:
    """Its newest registration with all evidence since, and everything that happened to it; None where there is none."""
    table = registration_table.c
    query = select(table.registration).where(table.pattern == pattern).order_by(table.number.desc()).limit(1)
    stored = connection.execute(query).scalar_one_or_none()
    if stored is None:
        return None
    registration = decode(stored, Registration)
    points = point_table.c
    of_it = (
        select(points.point)
        .where(points.pattern == pattern, points.block >= _first_block(registration))
        .order_by(points.block)
    )
    return Pattern(
        registration,
        tuple(decode(each, EvidencePoint) for each in connection.execute(of_it).scalars()),
        _events(connection, pattern).get(pattern, ()),
    )


def list_patterns(connection: Connection, status: PatternStatus | None = None) -> tuple[Pattern, ...]:
    """All patterns, those that were registered last first; of their evidence only the newest point."""
    registrations: dict[PatternId, Registration] = {}
    table = registration_table.c
    newest_first = select(table.registration).order_by(table.registered_at.desc(), table.pattern, table.number.desc())
    for stored in connection.execute(newest_first).scalars():
        registration = decode(stored, Registration)
        registrations.setdefault(registration.id, registration)
    events, points = _events(connection), _last_points(connection)
    patterns: list[Pattern] = []
    for pattern, registration in registrations.items():
        point = points.get(pattern)
        counts = point is not None and point.block >= _first_block(registration)
        patterns.append(Pattern(registration, (point,) if point and counts else (), events.get(pattern, ())))
    return tuple(each for each in patterns if status in (None, each.status))


def _first_block(registration: Registration) -> int:
    return registration.first_position // registration.block


def _last_points(connection: Connection) -> Mapping[PatternId, EvidencePoint]:
    table = point_table.c
    last = select(table.pattern, func.max(table.block).label("block")).group_by(table.pattern).subquery()
    at_last = (table.pattern == last.c.pattern) & (table.block == last.c.block)
    query = select(table.point).select_from(point_table.join(last, at_last))
    points = [decode(stored, EvidencePoint) for stored in connection.execute(query).scalars()]
    return {point.pattern: point for point in points}


def _events(connection: Connection, pattern: PatternId | None = None) -> Mapping[PatternId, tuple[PatternEvent, ...]]:
    query = select(pattern_event_table).order_by(pattern_event_table.c.id)
    if pattern is not None:
        query = query.where(pattern_event_table.c.pattern == pattern)
    events: dict[PatternId, tuple[PatternEvent, ...]] = {}
    for row in connection.execute(query):
        numbers = decode(row.numbers, dict[str, float])
        event = PatternEvent(PatternId(row.pattern), aware(row.at), row.act, row.actor, row.detail, numbers)
        events[event.pattern] = (*events.get(event.pattern, ()), event)
    return events


def registered_ids(connection: Connection) -> frozenset[PatternId]:
    """Every hypothesis that was ever registered."""
    return frozenset(PatternId(each) for each in connection.execute(select(registration_table.c.pattern)).scalars())


def count_registered(connection: Connection, quarter: str) -> int:
    """Registrations that took from the quarter's budget, whatever became of them."""
    return _count(connection, registration_table.c.quarter, quarter)


def count_registered_on(connection: Connection, day: date) -> int:
    """Registrations of that day, in UTC."""
    return _count(connection, registration_table.c.registered_on, day.isoformat())


def _count(connection: Connection, column: Column[str], value: str) -> int:
    return connection.execute(select(func.count()).select_from(registration_table).where(column == value)).scalar_one()


def count_proposals(connection: Connection, quarter: str) -> int:
    """R: of the registrations of that quarter, how many have crossed; each of them is proposed, or waits to be.

    An event is of the registration before it.
    """
    table, acts = registration_table.c, pattern_event_table.c
    before = table.registered_at <= acts.at
    query = (
        select(acts.id, func.max(table.number).label("number"))
        .select_from(pattern_event_table.join(registration_table, (table.pattern == acts.pattern) & before))
        .where(acts.act == "crossed")
        .group_by(acts.id)
        .subquery()
    )
    of_event = pattern_event_table.join(query, acts.id == query.c.id)
    of_it = (table.pattern == acts.pattern) & (table.number == query.c.number)
    proposed = select(table.pattern, table.number).select_from(of_event.join(registration_table, of_it)).distinct()
    rows = proposed.where(table.quarter == quarter).subquery()
    return connection.execute(select(func.count()).select_from(rows)).scalar_one()
