"""Group commit for the inbox: one writer commits whatever has come in, at once and without a timer.

A commit that survives a power cut waits for the disk, so one commit a request bounds the receiver by the disk. The
writer lets the event loop go round until a round brings no further delivery, and all that have come share one commit;
alone, a delivery waits for two rounds of an idle loop. A timer would add its length to every answer and was measured to
gain nothing.

SQLite is written to on the event loop where that takes nobody's turn (bot/store/quick_inbox.py says why that is right
and how long it takes); whatever it can't do so, and PostgreSQL, goes through a thread as every other transaction does.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from sqlalchemy.exc import SQLAlchemyError

from bot.model.event import Delivery
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.inbox import InboxResult, insert_many
from bot.store.quick_inbox import MAX_BYTES, QuickInbox

MAX_BATCH: Final = 256
"""Deliveries a transaction; with MAX_BYTES, it keeps one transaction, and the time others wait for it, bounded."""


class GroupCommit:
    """An async context manager; inside of it `store` may be called from any task of the loop.

    `now` gives the aware time that a delivery is said to be received at. On leaving, what is queued is still committed.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._waiting: deque[tuple[Delivery, asyncio.Future[InboxResult]]] = deque()
        self._wake = asyncio.Event()
        self._open = False
        self._writer: asyncio.Task[None] | None = None
        self._quick: QuickInbox | None = None

    async def __aenter__(self) -> Self:
        if self._database.url.drivername == "sqlite":
            self._quick = await asyncio.to_thread(QuickInbox, self._database)
        self._open = True
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        self._wake.set()
        try:
            if self._writer is not None:
                await self._writer
        finally:
            if self._quick is not None:
                self._quick.close()

    async def store(self, delivery: Delivery) -> InboxResult:
        """What became of the delivery, once that is committed.

        Raises StoreUnavailable where it is not stored; the sender may try again.
        """
        if not self._open:
            raise StoreUnavailable("the inbox is closed: start the server again")
        result: asyncio.Future[InboxResult] = asyncio.get_running_loop().create_future()
        self._waiting.append((delivery, result))
        self._wake.set()
        return await result

    async def _write(self) -> None:
        batch: list[tuple[Delivery, asyncio.Future[InboxResult]]] = []
        try:
            while self._open or self._waiting:
                if not self._waiting:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                await self._gather()
                batch = self._take()
                await self._commit_batch(batch)
        finally:
            # Only reached with anything left when the writer itself died: nobody may wait for it for ever.
            self._open = False
            for _, result in (*batch, *self._waiting):
                if not result.done():
                    result.set_exception(StoreUnavailable("the writer of the inbox has ended: restart the server"))
            self._waiting.clear()

    async def _gather(self) -> None:
        """Ends when a round of the loop, which reads all that has arrived, brought no delivery, or a batch is full."""
        seen = 0
        while seen < len(self._waiting):
            seen = len(self._waiting)
            # At least once, so that the loop also goes round between one full batch and the next.
            await asyncio.sleep(0)
            if len(self._waiting) >= MAX_BATCH:
                return

    def _take(self) -> list[tuple[Delivery, asyncio.Future[InboxResult]]]:
        """What waits longest, up to both bounds; a body that is larger than a whole batch comes alone."""
        batch: list[tuple[Delivery, asyncio.Future[InboxResult]]] = []
        size = 0
        while self._waiting and len(batch) < MAX_BATCH:
            delivery, result = self._waiting[0]
            size += len(delivery.body)
            if batch and size > MAX_BYTES:
                break
            self._waiting.popleft()
            # Who has given up waiting was told so and will send again.
            if not result.done():
                batch.append((delivery, result))
        return batch

    async def _commit_batch(self, batch: Sequence[tuple[Delivery, asyncio.Future[InboxResult]]]) -> None:
        if not batch:
            return
        try:
            results = await self._insert([delivery for delivery, _ in batch])
        except (StoreUnavailable, SQLAlchemyError) as error:
            # Everyone gets an exception of their own: one that is raised in several tasks would share its traceback.
            reason = " ".join(str(error.args[0] if error.args else error).split())
            for _, waiting in batch:
                if not waiting.done():
                    waiting.set_exception(StoreUnavailable(f"the inbox cannot be written, try again later: {reason}"))
            return
        for (_, waiting), result in zip(batch, results, strict=True):
            if not waiting.done():
                waiting.set_result(result)

    async def _insert(self, deliveries: Sequence[Delivery]) -> Sequence[InboxResult]:
        now = self._now()
        if self._quick is not None and self._quick.insert(deliveries, now):
            return ["stored" for _ in deliveries]
        return await self._database.transact(insert_many, deliveries, now)
