"""The bot at work in one process: the engine, and loops that each only call one `tick` over and over.

They are hurried by an event and slowed by a timer; a test steps the ticks itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from importlib import import_module

import structlog

from bot.jobs.context import Context
from bot.jobs.deliveries import receive_deliveries
from bot.jobs.engine import Engine
from bot.jobs.housekeeping import keep_house
from bot.jobs.late_outcomes import find_reverts
from bot.jobs.receive_event import receive_delivery
from bot.jobs.reconcile import catch_up, reconcile
from bot.jobs.redeliver import KEPT, LATELY, redeliver_failed
from bot.model.errors import RmoError
from bot.store import journal

HOUSE_SECONDS = 3_600.0
LEARN_SECONDS = 300.0
"""How often learning looks whether there is anything to do; mining itself has its own times."""
REVERT_SECONDS = 86_400.0 / 4
"""How often the default branches are looked at for reverts of what was merged."""
REDELIVER_SECONDS = 300.0
"""How often GitHub is asked for the deliveries that it could not hand over."""
INBOX_SECONDS = 2.0
"""How often the inbox is looked at where another process receives the deliveries."""
CATCH_UP_SECONDS = 15.0
"""How long the start may wait for GitHub; what was not looked at by then is found by the first sweep."""

_log = structlog.get_logger("bot.jobs.service")


class Service:
    """Start it, tell it when a delivery has come, stop it."""

    def __init__(self, context: Context, engine: Engine, reconcile_every: timedelta, keep_texts: timedelta) -> None:
        self._context = context
        self._engine = engine
        self._reconcile_every = reconcile_every
        self._keep_texts = keep_texts
        self._delivered = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    @property
    def engine(self) -> Engine:
        return self._engine

    async def start(self) -> None:
        """Load what is slow to load, resume what is still wanted of what was left, and begin to work."""
        await asyncio.to_thread(self._context.model.load)
        await self._catch_up()
        await self._engine.start()
        await self._wake_all()
        self._loops = [
            asyncio.create_task(self._every(INBOX_SECONDS, self._receive, self._delivered), name="receive"),
            asyncio.create_task(
                self._every(self._reconcile_every.total_seconds(), self._reconcile, asyncio.Event()), name="reconcile"
            ),
            asyncio.create_task(self._later(LEARN_SECONDS, self._learn), name="learn"),
            asyncio.create_task(self._later(REVERT_SECONDS, self._find_reverts), name="find reverts"),
            asyncio.create_task(self._every(HOUSE_SECONDS, self._keep_house, asyncio.Event()), name="keep house"),
        ]

    def ask_for_lost_deliveries(self) -> None:
        """From now on GitHub is asked to repeat what it could not hand over; only where webhooks are used."""
        self._loops.append(asyncio.create_task(self._redeliver_all(), name="redeliver"))

    def hurry(self) -> None:
        """A delivery was stored."""
        self._delivered.set()

    async def stop(self) -> None:
        """Stop working; what is unfinished is resumed by the next start."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self._engine.stop()

    async def _catch_up(self) -> None:
        """A run that nobody wants any more must not take one more step just because it is the first to be resumed."""
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                await catch_up(self._context)
        except (RmoError, TimeoutError) as error:
            _log.warning("not_caught_up", problem=str(error) or f"GitHub took over {CATCH_UP_SECONDS:.0f} s")

    async def _wake_all(self) -> None:
        """A pause outlives the process, and what would have ended it may have been said while nobody listened."""
        key = f"start:{self._context.nonce()}"
        for request in await self._context.database.transact(journal.active_runs):
            await self._engine.wake(request.run_id, key)

    async def _receive(self) -> None:
        while await receive_deliveries(self._context, self._engine, receive_delivery):
            pass

    async def _reconcile(self) -> None:
        for problem in await reconcile(self._context, self._engine):
            _log.warning("not_reconciled", problem=problem)

    async def _learn(self) -> None:
        # What it needs takes a second to load, which neither a start nor the event loop should wait for.
        tick = await asyncio.to_thread(import_module, "bot.jobs.learn.tick")
        await tick.learn(self._context)

    async def _redeliver_all(self) -> None:
        """The first look goes back as far as GitHub keeps them."""
        back = KEPT

        async def redeliver() -> None:
            nonlocal back
            await redeliver_failed(self._context, back)
            back = LATELY

        await self._every(REDELIVER_SECONDS, redeliver, asyncio.Event())

    async def _find_reverts(self) -> None:
        await find_reverts(self._context)

    async def _keep_house(self) -> None:
        deleted = await keep_house(self._context.database, self._context.now(), self._keep_texts)
        if deleted:
            _log.info("texts_deleted", texts=deleted, older_than_days=self._keep_texts.days)

    async def _later(self, seconds: float, tick: Callable[[], Awaitable[None]]) -> None:
        """The first time after `seconds` too: nothing that a start has to do."""
        await asyncio.sleep(seconds)
        await self._every(seconds, tick, asyncio.Event())

    async def _every(self, seconds: float, tick: Callable[[], Awaitable[None]], hurried: asyncio.Event) -> None:
        while True:
            hurried.clear()
            try:
                await tick()
            except RmoError as error:
                _log.warning("tick_failed", tick=tick.__name__, problem=str(error))
            except Exception:
                # The loop's own border: a defect of ours costs one tick and never leaves the bot deaf.
                _log.exception("tick_crashed", tick=tick.__name__)
            try:
                async with asyncio.timeout(seconds):
                    await hurried.wait()
            except TimeoutError:
                continue
