"""Having a run look at what is new: queued where it is not, woken where it pauses."""

from datetime import datetime

from sqlalchemy import Connection

from bot.jobs.context import Context, Queue
from bot.model.ids import RunId
from bot.model.run import RunRequest
from bot.model.wish import ENDING, Wish
from bot.store import journal, wishes


async def rouse(queue: Queue, request: RunRequest, key: str) -> None:
    """The run takes its next step soon; `key` makes repeated calls one."""
    await queue.enqueue(request.run_id, request.repository.id)
    await queue.wake(request.run_id, key)


async def leave_wish(context: Context, queue: Queue, request: RunRequest, wish: Wish) -> bool:
    """The wish is stored, and the run knows of it; says whether it is new."""
    new = await context.database.transact(_leave, request.run_id, wish, context.now())
    # Two wishes to end may bear one name, years apart; each of them has to be heard.
    await rouse(queue, request, f"{wish.kind}:{wish.key or context.nonce()}")
    return new


def _leave(connection: Connection, run: RunId, wish: Wish, now: datetime) -> bool:
    """What is over is not ended once more: the wish would lie in wait for whatever takes the run up again."""
    if wish.kind in ENDING and not journal.is_active(connection, run):
        return False
    return wishes.wish(connection, run, wish, now)
