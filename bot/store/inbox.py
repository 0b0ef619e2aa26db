"""The inbox: every delivery that GitHub was told we have, raw, until it is processed.

GitHub does not send again by itself, so a delivery is committed here before it is acknowledged. The GUID is GitHub's
key for one delivery and a redelivery carries the same one; it comes from an unsigned header, so the same GUID with
another body is an alarm and not a redelivery. The same body with another GUID is a new delivery: events are hints, and
a second press of a button has the same body.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, TypedDict

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.model.event import Delivery
from bot.model.ids import DeliveryId
from bot.store.tables import metadata

InboxResult = Literal["stored", "duplicate", "conflict"]

delivery: Final = Table(
    "delivery",
    metadata,
    Column("guid", Text, primary_key=True),
    Column("event", Text, nullable=False),
    Column("body_sha256", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("processed_at", DateTime(timezone=True), nullable=True),
    Column("outcome", Text, nullable=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("not_before", DateTime(timezone=True), nullable=True),
    Column("installation_id", BigInteger, nullable=True),
    Column("repository_id", BigInteger, nullable=True),
)
DIGEST_LATER: Final = ""
"""The digest of a body that is there itself: nearly none is ever compared, and the receiver has no time to lose."""
waits: Final = delivery.c.processed_at.is_(None)
"""Nothing has come of it yet."""
Index(
    "ix_delivery_waits",
    *(delivery.c.installation_id, delivery.c.repository_id, delivery.c.received_at, delivery.c.guid),
    *(delivery.c.not_before, delivery.c.tries),
    sqlite_where=waits,
    postgresql_where=waits,
)


class _Row(TypedDict):
    guid: str
    event: str
    body_sha256: str
    body: bytes
    received_at: datetime


def insert_many(connection: Connection, deliveries: Sequence[Delivery], now: datetime) -> list[InboxResult]:
    """Stores what is new and says for each delivery, in order, what became of it; the caller commits.

    `duplicate`: the GUID is there with this very event and body. `conflict`: it is there with another, which is kept.
    Safe beside other writers: whoever inserts a GUID first has it. The times are a microsecond apart, so that the
    order of a batch is known later.
    """
    first: dict[str, _Row] = {}
    for place, each in enumerate(deliveries):
        if each.id not in first:
            first[each.id] = _row(each, now + timedelta(microseconds=place))
    # In the order of keys, so that two writers with the same GUIDs cannot wait for each other.
    inserted = _insert(connection, [first[guid] for guid in sorted(first)])
    known: dict[str, tuple[str, str]] = {}
    results: list[InboxResult] = []
    for each in deliveries:
        if each.id in inserted:
            inserted.remove(each.id)
            results.append("stored")
            continue
        if each.id not in known:
            known[each.id] = _stored(connection, each.id)
        results.append("duplicate" if known[each.id] == (each.event, digest_of(each.body)) else "conflict")
    return results


def unprocessed(connection: Connection, limit: int) -> tuple[Delivery, ...]:
    """Deliveries that nobody has processed yet, the oldest first, at most `limit`."""
    rows = connection.execute(
        select(delivery.c.guid, delivery.c.event, delivery.c.body)
        .where(delivery.c.processed_at.is_(None))
        .order_by(delivery.c.received_at, delivery.c.guid)
        .limit(limit)
    )
    return tuple(Delivery(id=DeliveryId(guid), event=event, body=body) for guid, event, body in rows)


def mark_processed(connection: Connection, guid: DeliveryId, outcome: str, now: datetime) -> None:
    """Records what processing came to; the first outcome stays, because a second worker only repeats it.

    The body has done its work and may hold a credential that a check printed; its digest stays, for redeliveries.
    """
    still_waits = (delivery.c.guid == guid, waits)
    body = connection.execute(select(delivery.c.body).where(*still_waits)).scalar_one_or_none()
    if body is not None:
        connection.execute(
            update(delivery)
            .where(*still_waits)
            .values(processed_at=now, outcome=outcome, body=b"", body_sha256=digest_of(body))
        )


def _row(received: Delivery, now: datetime) -> _Row:
    return _Row(
        guid=received.id,
        event=received.event,
        body_sha256=DIGEST_LATER,
        body=received.body,
        received_at=now,
    )


def _insert(connection: Connection, rows: list[_Row]) -> set[str]:
    """GUIDs of the rows that were new."""
    if not rows:
        return set()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(delivery).on_conflict_do_nothing(index_elements=[delivery.c.guid]).returning(delivery.c.guid)
    return set(connection.execute(statement, rows).scalars())


def _stored(connection: Connection, guid: str) -> tuple[str, str]:
    """What two deliveries of one GUID have to share: the event's name and the body's digest.

    One row at a time, since it may bring its whole body.
    """
    row = select(delivery.c.event, delivery.c.body_sha256, delivery.c.body).where(delivery.c.guid == guid)
    event, digest, body = connection.execute(row).one()
    return event, digest if digest != DIGEST_LATER else digest_of(body)


def digest_of(body: bytes) -> str:
    """What stays of a body when it has done its work."""
    return hashlib.sha256(body).hexdigest()
