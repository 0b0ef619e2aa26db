"""Webhooks that never reached us are asked for again: GitHub repeats none by itself, and keeps them for three days.

Only for a bot that is told by webhooks. A delivery is asked for a few times at the most, because one that fails each
time fails for a reason of its own; the reconciler finds what it was about. One that is in the inbox although GitHub
calls it failed, because our answer to it was lost, is not asked for at all.
"""

from datetime import timedelta

import structlog

from bot.github.client import Client
from bot.github.deliveries import list_failed_deliveries, redeliver
from bot.github.errors import TooLarge
from bot.jobs.context import Context
from bot.model.errors import Final
from bot.model.forge import DeliveryRecord
from bot.store import redeliveries

KEPT = timedelta(days=3)
"""How long GitHub keeps a delivery (GitHub docs: "Redelivering webhooks")."""
LATELY = timedelta(hours=6)
"""How far back a look goes that is not the first one."""
NARROWER = timedelta(hours=1)
"""How far back, where a busy App has more deliveries than can be listed."""
MOST_TIMES = 3
APART = timedelta(minutes=15)
"""Between the first two times that one delivery is asked for."""
MOST_AT_ONCE = 30
"""Deliveries a look: each is a write in the App's own pace, and the next look goes on."""

_log = structlog.get_logger("bot.jobs.redeliver")


async def redeliver_failed(context: Context, back: timedelta = KEPT) -> int:
    """One look at what failed within `back`; how many deliveries GitHub was asked to repeat.

    Raises as the GitHub edge does; nothing is lost then, since what was not asked for is found by the next look.
    """
    app = context.github.app_client()
    failed = {each.delivery: each for each in reversed(await _failed(context, app, back))}
    now = context.now()
    asking = await context.database.transact(
        redeliveries.still_to_ask, tuple(failed), now, most=MOST_TIMES, apart=APART
    )
    asked = 0
    for guid in asking[:MOST_AT_ONCE]:
        await context.database.transact(redeliveries.remember_asking, guid, now)
        try:
            await redeliver(app, failed[guid])
        except Final as error:
            _log.warning("not_redelivered", delivery=guid, problem=str(error))
            continue
        asked += 1
    await context.database.transact(redeliveries.forget_before, now - 2 * KEPT)
    return asked


async def _failed(context: Context, app: Client, back: timedelta) -> tuple[DeliveryRecord, ...]:
    """Newest first."""
    now = context.now()
    try:
        return await list_failed_deliveries(app, now - back)
    except TooLarge:
        if back <= NARROWER:
            raise
        return await list_failed_deliveries(app, now - NARROWER)
