"""Taking the inbox fairly: every repository gets its turns, whatever happens to another.

The deliveries of a repository are dealt with in their order, several repositories side by side. What can't be dealt
with now is put off, longer after each try; a limit or a suspension puts off its whole installation at once, without
a request for each of its deliveries. What has been tried for three days is given up: GitHub itself keeps a delivery
no longer, and the reconciler has long since found what it was about.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import assert_never

import structlog

from bot.github.errors import RateLimited, Suspended
from bot.intake.webhook import parse_delivery
from bot.jobs.context import Context, Queue
from bot.model.errors import Retryable, RmoError
from bot.model.event import (
    BranchTouched,
    ButtonPressed,
    ChecksTouched,
    CommentWritten,
    Delivery,
    Event,
    Ignored,
    InstallationTouched,
    IssueTouched,
    PullRequestReviewed,
    PullRequestTouched,
    RepositoryTouched,
)
from bot.model.ids import DeliveryId, RepositoryId
from bot.store import inbox, lanes
from bot.store.lanes import Lane, Waiting

AT_ONCE = 8
"""Repositories side by side; as many bodies are in memory at the most, beside those that are sorted."""
TURN = 16
"""Deliveries that a repository may have dealt with before the others have their turn."""
ROUND = 256
"""Repositories that are looked up at once."""
SORTED_AT_ONCE = 200
SORTED_BYTES = 8_000_000
"""What is held in memory to be sorted, where a single body is not larger: GitHub's limit is 25 MB."""
LOOK_AGAIN_SECONDS = 0.2
"""How long a slow repository may keep the others' new deliveries from being seen."""
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=15)
GIVEN_UP_AFTER = timedelta(days=3)

Handle = Callable[[Context, Queue, Delivery], Awaitable[str]]
"""Deals with one delivery and says what came of it; raises Retryable where that can't be done now."""

_log = structlog.get_logger("bot.jobs.deliveries")


async def receive_deliveries(context: Context, queue: Queue, handle: Handle) -> int:
    """Deal with every delivery that is due; how many have reached their end, by success or by giving up.

    What is put off is left for a later call. Raises StoreUnavailable where the inbox can't be read or written.
    """
    line: deque[Lane] = deque()
    busy: dict[asyncio.Task[int], Lane] = {}
    ended = 0
    try:
        while True:
            await _sort_new(context)
            if not line:
                due = await context.database.transact(lanes.lanes_due, context.now(), ROUND)
                line.extend(lane for lane in due if lane not in busy.values())
            while line and len(busy) < AT_ONCE:
                lane = line.popleft()
                busy[asyncio.create_task(_take_turn(context, queue, handle, lane))] = lane
            if not busy:
                return ended
            done, _ = await asyncio.wait(busy, timeout=LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                del busy[task]
                ended += task.result()
    finally:
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


def delay_after(tries: int) -> timedelta:
    """How long a delivery rests after so many failed tries: twice as long each time, up to a quarter of an hour."""
    return min(FIRST_DELAY * 2 ** min(tries, 16), LONGEST_DELAY)


def lane_of(event: Event) -> Lane:
    """Which lane an event belongs to: its repository's, or the one of its installation, or nobody's."""
    match event:
        case Ignored():
            return lanes.NOBODY
        case InstallationTouched(installation=installation):
            return Lane(installation, RepositoryId(0))
        case (
            IssueTouched(source=source)
            | ChecksTouched(source=source)
            | BranchTouched(source=source)
            | PullRequestTouched(source=source)
            | CommentWritten(source=source)
            | PullRequestReviewed(source=source)
            | ButtonPressed(source=source)
            | RepositoryTouched(source=source)
        ):
            return Lane(source.installation, source.repository)
        case _:
            assert_never(event)


async def _sort_new(context: Context) -> None:
    new = await context.database.transact(lanes.unsorted, SORTED_AT_ONCE, SORTED_BYTES)
    if new:
        await context.database.transact(lanes.sort, await asyncio.to_thread(_lanes_of, new))


def _lanes_of(deliveries: tuple[Delivery, ...]) -> dict[DeliveryId, Lane]:
    return {each.id: lane_of(parse_delivery(each.event, each.body)) for each in deliveries}


async def _take_turn(context: Context, queue: Queue, handle: Handle, lane: Lane) -> int:
    """How many deliveries of the lane have reached their end; the turn is over with the first that is put off."""
    for ended in range(TURN):
        waiting = await context.database.transact(lanes.next_in, lane, context.now())
        if waiting is None or not await _deal_with(context, queue, handle, lane, waiting):
            return ended
    return TURN


async def _deal_with(context: Context, queue: Queue, handle: Handle, lane: Lane, waiting: Waiting) -> bool:
    """Whether the delivery has reached its end; otherwise it is put off."""
    try:
        outcome = await handle(context, queue, waiting.delivery)
    except Retryable as error:
        return await _put_off(context, lane, waiting, error)
    except RmoError as error:
        outcome = f"given up: {error}"
    except Exception as error:
        # The worker's own border: a defect of ours in one delivery must not make the bot deaf to all others.
        _log.exception("delivery_crashed", delivery=waiting.delivery.id, kind=waiting.delivery.event)
        return await _put_off(context, lane, waiting, Retryable(f"a defect of this program, {type(error).__name__}"))
    await context.database.transact(inbox.mark_processed, waiting.delivery.id, outcome, context.now())
    if lane.installation and not lane.repository:
        # It was unsuspended, or may see more than before: what its repositories waited for may be over.
        await context.database.transact(lanes.bring_forward, lane.installation)
    return True


async def _put_off(context: Context, lane: Lane, waiting: Waiting, error: Retryable) -> bool:
    """Whether that was the last try: the delivery is given up then, else it rests."""
    now = context.now()
    guid = waiting.delivery.id
    if now - waiting.received_at > GIVEN_UP_AFTER:
        outcome = f"given up after {GIVEN_UP_AFTER.days} days: {error}"
        await context.database.transact(inbox.mark_processed, guid, outcome, now)
        return True
    reason = f"put off: {error}"
    if isinstance(error, RateLimited | Suspended) and lane.repository:
        # Nothing is wrong with this delivery, so the try does not count: the order is kept however long it takes.
        until = now + (error.after or delay_after(waiting.tries))
        await context.database.transact(lanes.put_off_installation, lane.installation, until, reason)
    else:
        until = now + max(delay_after(waiting.tries), error.after or timedelta())
        await context.database.transact(lanes.put_off, guid, until, reason)
    _log.info("delivery_put_off", delivery=guid, seconds=(until - now).total_seconds(), problem=str(error))
    return False
