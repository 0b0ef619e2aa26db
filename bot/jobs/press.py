"""Buttons of our own check run: GitHub shows them to people who can write, and it is asked once more."""

import hashlib

from bot.github.client import Client
from bot.github.repositories import permission_of
from bot.jobs.context import Context, Queue
from bot.jobs.rouse import leave_wish
from bot.jobs.steer import retry
from bot.loop import fold
from bot.loop.steering import refusal
from bot.model.event import ButtonPressed
from bot.model.forge import Comment
from bot.model.ids import CommentId, DeliveryId, RunId
from bot.model.phase import Ended
from bot.model.wish import Wish
from bot.store import journal


async def press(context: Context, queue: Queue, client: Client, event: ButtonPressed, delivery: DeliveryId) -> str:
    """What came of the button, in words."""
    request = await context.database.transact(journal.read_request, RunId(event.run))
    if request is None or request.repository.id != event.source.repository:
        return "no run of ours"
    person = event.source.sender
    if event.source.sender_is_bot or await permission_of(client, person) not in ("admin", "write"):
        return "not permitted"
    run = fold(request, await context.database.transact(journal.read_journal, request.run_id))
    match event.button:
        case "stop":
            if isinstance(run.phase, Ended):
                return "the run has ended"
            await leave_wish(context, queue, request, Wish("cancel", f"{person} pressed Stop", by=person))
            return "stopping"
        case "approve":
            wish = Wish("approve", f"{person} approves the plan", key=delivery, by=person)
            refused = refusal(run, wish)
            if not refused:
                await leave_wish(context, queue, request, wish)
            return refused or "approved"
        case "retry" | "rerequested":
            # The payload carries no time of the click: the delivery itself is what tells two clicks apart.
            number = int.from_bytes(hash_of(delivery), "big")
            asked = Comment(CommentId(number), "", person, None, "", created_at=context.now())
            return type(await retry(context, queue, client, request, number, asked)).__name__.lower()
        case _:
            return "no button of ours"


def hash_of(delivery: DeliveryId) -> bytes:
    """Seven bytes that name the delivery: a redelivery has the same, and they fit every database's integers."""
    return hashlib.sha256(delivery.encode()).digest()[:7]
