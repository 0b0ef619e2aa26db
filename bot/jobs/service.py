"""The bot at work in one process: the engine, and two loops that each only call one `tick` over and over.

Both loops are hurried by an event and slowed by a timer; a test steps the ticks itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from bot.jobs.context import Context
from bot.jobs.engine import Engine
from bot.jobs.receive_event import receive_deliveries
from bot.jobs.reconcile import reconcile
from bot.model.errors import RmoError

INBOX_SECONDS = 2.0
"""How often the inbox is looked at where another process receives the deliveries."""

_log = structlog.get_logger("bot.jobs.service")


class Service:
    """Start it, tell it when a delivery has come, stop it."""

    def __init__(self, context: Context, engine: Engine, reconcile_every: timedelta) -> None:
        self._context = context
        self._engine = engine
        self._reconcile_every = reconcile_every
        self._delivered = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    @property
    def engine(self) -> Engine:
        return self._engine

    async def start(self) -> None:
        """Load what is slow to load, resume what was left, and begin to work."""
        await asyncio.to_thread(self._context.model.load)
        await self._engine.start()
        self._loops = [
            asyncio.create_task(self._every(INBOX_SECONDS, self._receive, self._delivered), name="receive"),
            asyncio.create_task(
                self._every(self._reconcile_every.total_seconds(), self._reconcile, asyncio.Event()), name="reconcile"
            ),
        ]

    def hurry(self) -> None:
        """A delivery was stored."""
        self._delivered.set()

    async def stop(self) -> None:
        """Stop working; what is unfinished is resumed by the next start."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self._engine.stop()

    async def _receive(self) -> None:
        while await receive_deliveries(self._context, self._engine):
            pass

    async def _reconcile(self) -> None:
        for problem in await reconcile(self._context, self._engine):
            _log.warning("not_reconciled", problem=problem)

    async def _every(self, seconds: float, tick: Callable[[], Awaitable[None]], hurried: asyncio.Event) -> None:
        while True:
            hurried.clear()
            try:
                await tick()
            except RmoError as error:
                _log.warning("tick_failed", tick=tick.__name__, problem=str(error))
            try:
                async with asyncio.timeout(seconds):
                    await hurried.wait()
            except TimeoutError:
                continue
