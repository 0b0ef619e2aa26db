"""Turns: who of several workers does a job that is due once an hour, a day or a week; also after restarts.

A turn is taken by one update that only one worker's can win. A worker that dies leaves its lease to run out, and the
turn is taken again by whoever asks first.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Connection, DateTime, Table, Text, or_, update

from bot.store.tables import insert_once, metadata

turn_table: Final = Table(
    "turn",
    metadata,
    Column("job", Text, primary_key=True),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("next_due_at", DateTime(timezone=True), nullable=False),
    Column("leased_until", DateTime(timezone=True), nullable=True),
)
_turn = turn_table.c


def take_turn(connection: Connection, job: str, now: datetime, every: timedelta, lease: timedelta) -> bool:
    """Whether the caller is to do the job now, and has `lease` for it; others are told no meanwhile.

    Due at once for the first time, then `every` so often, counted from when it was begun. `finish_turn` ends it.
    """
    insert_once(connection, turn_table, {"job": job, "due_at": now, "next_due_at": now})
    free = or_(_turn.leased_until.is_(None), _turn.leased_until <= now)
    taking = (
        update(turn_table)
        .where(_turn.job == job, _turn.due_at <= now, free)
        .values(leased_until=now + lease, next_due_at=now + every)
    )
    return connection.execute(taking).rowcount == 1


def finish_turn(connection: Connection, job: str) -> None:
    """The job is done, if only after its lease was over; it is due again at its time."""
    done = update(turn_table).where(_turn.job == job, _turn.leased_until.is_not(None))
    connection.execute(done.values(due_at=_turn.next_due_at, leased_until=None))
