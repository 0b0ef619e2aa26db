"""Whose turn it is in the inbox: deliveries of one repository make a lane, and lanes don't wait for each other.

A delivery that can't be dealt with now is put off, and the ones behind it in its lane wait for it, so that news are
taken in their order. It loses that privilege after a few tries: order is a courtesy, since GitHub does not promise
any and the API is asked anyway, and one bad delivery must not make a repository deaf.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from bot.model.event import Delivery
from bot.model.ids import DeliveryId, InstallationId, RepositoryId
from bot.store.inbox import delivery, waits
from bot.store.tables import aware

KEEPS_ITS_PLACE: Final = 5
"""After so many tries that failed, a delivery keeps nobody waiting any more."""

_delivery = delivery.c


@dataclass(frozen=True, slots=True)
class Lane:
    """Deliveries that are dealt with one after the other; zeros stand for none in particular."""

    installation: InstallationId
    repository: RepositoryId


NOBODY: Final = Lane(InstallationId(0), RepositoryId(0))
"""The lane of what concerns no repository and no installation."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery whose turn it is."""

    delivery: Delivery
    received_at: datetime
    tries: int
    """How often dealing with it has failed so far."""


def unsorted(connection: Connection, most: int, most_bytes: int) -> tuple[Delivery, ...]:
    """Deliveries whose lane nobody has found out yet, oldest first.

    At most `most` of them and `most_bytes` in all, but at least one where there is any.
    """
    size = func.length(_delivery.body)
    query = select(_delivery.guid, size).where(waits, _delivery.installation_id.is_(None))
    taken: list[str] = []
    total = 0
    for guid, length in connection.execute(query.order_by(_delivery.received_at, _delivery.guid).limit(most)):
        total += length
        if taken and total > most_bytes:
            break
        taken.append(guid)
    bodies = select(_delivery.guid, _delivery.event, _delivery.body).where(_delivery.guid.in_(taken))
    found = {row.guid: Delivery(DeliveryId(row.guid), row.event, row.body) for row in connection.execute(bodies)}
    return tuple(found[guid] for guid in taken if guid in found)


def sort(connection: Connection, lanes: Mapping[DeliveryId, Lane]) -> None:
    """Put each delivery into its lane."""
    for guid, lane in sorted(lanes.items()):
        connection.execute(
            update(delivery)
            .where(_delivery.guid == guid)
            .values(installation_id=lane.installation, repository_id=lane.repository)
        )


def lanes_due(connection: Connection, now: datetime, most: int) -> tuple[Lane, ...]:
    """Lanes in which something may be due, the one that has waited longest first."""
    query = (
        select(_delivery.installation_id, _delivery.repository_id)
        .where(waits, _delivery.installation_id.is_not(None), _is_due(now))
        .group_by(_delivery.installation_id, _delivery.repository_id)
        .order_by(func.min(_delivery.received_at), _delivery.installation_id, _delivery.repository_id)
        .limit(most)
    )
    return tuple(
        Lane(InstallationId(installation), RepositoryId(repository))
        for installation, repository in connection.execute(query)
    )


def next_in(connection: Connection, lane: Lane, now: datetime) -> Waiting | None:
    """The delivery whose turn it is in `lane`; None where all wait, each then at least as long as the one ahead."""
    first = connection.execute(
        select(_delivery.guid, _delivery.not_before)
        .where(_in(lane), or_(_delivery.tries < KEEPS_ITS_PLACE, _delivery.not_before <= now))
        .order_by(_delivery.received_at, _delivery.guid)
        .limit(1)
    ).first()
    if first is None:
        return None
    if first.not_before is not None and aware(first.not_before) > now:
        until = aware(first.not_before)
        connection.execute(update(delivery).where(_in(lane), _is_sooner_than(until)).values(not_before=until))
        return None
    row = connection.execute(
        select(_delivery.event, _delivery.body, _delivery.received_at, _delivery.tries).where(
            _delivery.guid == first.guid
        )
    ).one()
    found = Delivery(DeliveryId(first.guid), row.event, row.body)
    return Waiting(found, aware(row.received_at), row.tries)


def put_off(connection: Connection, guid: DeliveryId, until: datetime, reason: str) -> None:
    """Dealing with the delivery has failed for this reason; it is tried again, not before then."""
    connection.execute(
        update(delivery)
        .where(_delivery.guid == guid, waits)
        .values(not_before=until, outcome=reason, tries=_delivery.tries + 1)
    )


def put_off_installation(connection: Connection, installation: InstallationId, until: datetime, reason: str) -> None:
    """No repository of the installation gets a turn before then; what is said of the installation itself does."""
    connection.execute(
        update(delivery)
        .where(
            waits,
            _delivery.installation_id == installation,
            _delivery.repository_id != NOBODY.repository,
            _is_sooner_than(until),
        )
        .values(not_before=until, outcome=reason)
    )


def bring_forward(connection: Connection, installation: InstallationId) -> int:
    """Whatever was put off of the installation is due now, for what it waited for is over; how many there are."""
    put_off_ones = waits & (_delivery.installation_id == installation) & _delivery.not_before.is_not(None)
    return connection.execute(update(delivery).where(put_off_ones).values(not_before=None)).rowcount


def _in(lane: Lane) -> ColumnElement[bool]:
    return waits & (_delivery.installation_id == lane.installation) & (_delivery.repository_id == lane.repository)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(_delivery.not_before.is_(None), _delivery.not_before <= now)


def _is_sooner_than(until: datetime) -> ColumnElement[bool]:
    return or_(_delivery.not_before.is_(None), _delivery.not_before < until)
