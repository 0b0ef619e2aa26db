"""The inbox's short way into SQLite: one kept connection and one statement, past the engine and its pool.

What those add to a transaction is as much as the transaction itself, and the receiver has a small one for every few
deliveries. The way is only good for what is nearly always so: ids that are new, and nobody else who writes. Whatever
else happens is undone and left to the way that everything takes, which knows what to do about it.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, cast

from bot.model.event import Delivery
from bot.store.database import Database
from bot.store.inbox import digest_of

PATIENCE_MILLISECONDS: Final = 100
"""For another process that writes; who needs longer takes the other way, which waits as long as all do."""
_INSERT: Final = "INSERT INTO delivery (guid, event, body_sha256, body, received_at) VALUES (?, ?, ?, ?, ?)"


class QuickInbox:
    """A connection of its own to a SQLite database; `close` it before the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        pooled = database.engine.raw_connection()
        self._connection = cast("sqlite3.Connection", pooled.driver_connection)
        # It is not given back: this one is closed by whoever opened it.
        pooled.detach()
        self._connection.execute(f"PRAGMA busy_timeout={PATIENCE_MILLISECONDS}")

    async def insert(self, deliveries: Sequence[Delivery], now: datetime) -> bool:
        """Whether all are committed, as new; otherwise none of them is, and nothing is said about why."""
        return await self._database.take_turn(lambda: self._inserted(deliveries, now))

    def _inserted(self, deliveries: Sequence[Delivery], now: datetime) -> bool:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(_INSERT, _rows(deliveries, now))
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            self._connection.rollback()
            return False
        return True

    def close(self) -> None:
        self._connection.close()


def _rows(deliveries: Sequence[Delivery], now: datetime) -> list[tuple[str, str, str, bytes, str]]:
    """A microsecond apart, so that the order of a batch is known later; times as SQLAlchemy writes them."""
    first = now.replace(tzinfo=None)
    return [
        (each.id, each.event, digest_of(each.body), each.body, _written(first + timedelta(microseconds=place)))
        for place, each in enumerate(deliveries)
    ]


def _written(time: datetime) -> str:
    return time.isoformat(" ", "microseconds")
