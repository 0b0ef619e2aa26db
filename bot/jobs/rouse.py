"""Having a run look at what is new: queued where it is not, woken where it pauses."""

from bot.jobs.context import Context, Queue
from bot.model.run import RunRequest
from bot.model.wish import Wish
from bot.store import wishes


async def rouse(queue: Queue, request: RunRequest, key: str) -> None:
    """The run takes its next step soon; `key` makes repeated calls one."""
    await queue.enqueue(request.run_id, request.repository.id)
    await queue.wake(request.run_id, key)


async def leave_wish(context: Context, queue: Queue, request: RunRequest, wish: Wish) -> bool:
    """The wish is stored, and the run knows of it; says whether it is new."""
    new = await context.database.transact(wishes.wish, request.run_id, wish, context.now())
    await rouse(queue, request, f"{wish.kind}:{wish.key}")
    return new
