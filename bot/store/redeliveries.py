"""Which failed deliveries GitHub was asked to repeat, and how often: what never arrives must not be asked for for ever.

That GitHub is asked is written before it is asked: a crash in between costs one try and never adds one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Connection, DateTime, Integer, Table, Text, delete, insert, select, update

from bot.model.ids import DeliveryId
from bot.store.inbox import delivery
from bot.store.tables import aware, in_batches, metadata

redelivery: Final = Table(
    "redelivery",
    metadata,
    Column("guid", Text, primary_key=True),
    Column("asked", Integer, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
)


def still_to_ask(
    connection: Connection, failed: Sequence[DeliveryId], now: datetime, *, most: int, apart: timedelta
) -> tuple[DeliveryId, ...]:
    """Of the deliveries that GitHub calls failed, those to ask for now, in their order.

    Left out are those that are in the inbox all the same, those that were asked for `most` times, and those of which
    the last time is not `apart` ago, twice as long after each time.
    """
    here: set[str] = set()
    asked: dict[str, tuple[int, datetime]] = {}
    for some in in_batches(failed):
        here.update(connection.execute(select(delivery.c.guid).where(delivery.c.guid.in_(some))).scalars())
        for row in connection.execute(select(redelivery).where(redelivery.c.guid.in_(some))):
            asked[row.guid] = row.asked, aware(row.asked_at)

    def is_to_ask(guid: DeliveryId) -> bool:
        times, last = asked.get(guid, (0, now))
        return guid not in here and times < most and (times == 0 or now - last >= apart * 2 ** (times - 1))

    return tuple(guid for guid in failed if is_to_ask(guid))


def remember_asking(connection: Connection, guid: DeliveryId, now: datetime) -> None:
    """GitHub is about to be asked for this delivery."""
    counted = connection.execute(
        update(redelivery).where(redelivery.c.guid == guid).values(asked=redelivery.c.asked + 1, asked_at=now)
    )
    if counted.rowcount == 0:
        connection.execute(insert(redelivery).values(guid=guid, asked=1, asked_at=now))


def forget_before(connection: Connection, moment: datetime) -> None:
    """GitHub itself has forgotten deliveries of that time."""
    connection.execute(delete(redelivery).where(redelivery.c.asked_at < moment))
