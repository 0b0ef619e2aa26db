"""A postman whom nobody would hire: he loses webhooks, brings them twice, late, or in another order.

All webhooks of a town are handed to him instead of being sent, and a list of fates says what he does with each; the
list is gone through again and again. When he has nothing more to bring, the bot's timers are let go off by hand: the
reconciler's, and that of every run that waits. So nothing is slept for, whatever was lost.
"""

import asyncio
import uuid
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle
from typing import Literal

from bot.jobs.reconcile import reconcile
from bot.local.world import EVENTS
from bot.localhub.effects.webhooks import redeliver
from bot.localhub.faults import Hold
from bot.localhub.state.deliveries import HookDelivery
from bot.model.ids import IssueNumber
from bot.model.phase import Ended
from bot.store import journal
from tests.scenarios.town import PATIENCE, Place, Story, Town

Fate = Literal["brought", "lost", "lost, then asked for again", "twice", "twice, as another", "late", "very late"]
FATES: tuple[Fate, ...] = (
    "brought",
    "lost",
    "lost, then asked for again",
    "twice",
    "twice, as another",
    "late",
    "very late",
)
LATE: dict[Fate, int] = {"late": 1, "very late": 4}
"""For how many rounds a webhook is kept back."""


class Postman:
    """Has the webhooks of one town while `on_duty`."""

    def __init__(self, town: Town, fates: Sequence[Fate], *, newest_first: bool) -> None:
        self._town = town
        self._fates: cycle[Fate] = cycle(fates)
        self._newest_first = newest_first
        self._bag: list[tuple[int, HookDelivery]] = []
        self._lost: list[HookDelivery] = []
        self._ticks = 0
        self.done: list[str] = []
        """What he did, for whoever reads a failure."""

    @contextmanager
    def on_duty(self) -> Generator[None]:
        """Every webhook goes to him; at the end what he still has is gone."""
        for event in EVENTS:
            self._town.hub.faults.on_delivery(event, Hold(), times=10**9)
        try:
            yield
        finally:
            self._town.hub.faults.clear()
            self._town.hub.world.held_deliveries.clear()

    async def see_to_the_end(self, place: Place, issue: IssueNumber) -> Story:
        """Round after round, until the run has ended and nothing is under way; the run."""
        async with asyncio.timeout(PATIENCE):
            while True:
                await self._town.hub.idle()
                brought = self._round()
                story = await place.story(issue)
                if not brought and not self._bag:
                    if story is not None and isinstance(story.run.phase, Ended):
                        await self._town.settled()
                        return story
                    if not await self._town.pause():
                        await self._tick()

    def _round(self) -> bool:
        """Bring what is due; whether there was anything."""
        held = self._town.hub.world.held_deliveries
        for record in held:
            fate = next(self._fates)
            self.done.append(f"{record.event} {record.action or ''}: {fate}")
            self._bag += [(LATE.get(fate, 0), each) for each in self._copies(record, fate)]
        held.clear()
        due = [record for rounds, record in self._bag if rounds == 0]
        self._bag = [(rounds - 1, record) for rounds, record in self._bag if rounds > 0]
        again, self._lost = self._lost if not due else [], self._lost if due else []
        for record in again:
            redeliver(self._town.hub.world, record)
        held.extend(due)
        self._town.hub.release_held(newest_first=self._newest_first)
        return bool(due or again)

    def _copies(self, record: HookDelivery, fate: Fate) -> list[HookDelivery]:
        match fate:
            case "brought" | "late" | "very late":
                return [record]
            case "twice":
                return [record, record]
            case "twice, as another":
                return [record, replace(record, guid=str(uuid.uuid4()))]
            case "lost" | "lost, then asked for again":
                record.status, record.status_code = "failed to connect to host", 0
                if fate != "lost":
                    self._lost.append(record)
                return []

    async def _tick(self) -> None:
        """What the timers would do."""
        self._ticks += 1
        context, engine = self._town.bot.context, self._town.bot.service.engine
        problems = await reconcile(context, engine)
        assert not problems, problems
        for request in await context.database.transact(journal.active_runs):
            await engine.wake(request.run_id, f"timer:{self._ticks}")
