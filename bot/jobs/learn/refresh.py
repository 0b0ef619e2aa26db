"""Following the protocols' repository: what its default branch says is in force for new runs, on every worker.

A person's change of a file is a decision about an item, and is kept as one: an event of its own, which outranks what
the statistics said before.
"""

from collections.abc import Mapping
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.jobs.context import Context
from bot.jobs.learn.protocols import Protocols, read_protocols
from bot.jobs.library import knowledge_of
from bot.model.protocol import Catalogue, ChecklistItem, ItemState
from bot.model.rollout import ItemEvent
from bot.rollout.standing import fold
from bot.store.proposals import list_proposals
from bot.store.rollouts import read_item_events, write_item_event

_log = structlog.get_logger("bot.jobs.learn")


async def refresh_protocols(context: Context, protocols: Protocols) -> bool:
    """Bring the library up to the default branch; whether something new is in force.

    Protocols that can't be loaded leave those in force that were. Raises DataInvalid and DataMissing for them.
    """
    current = await context.library.follow()
    if current.source == protocols.head:
        return False
    knowledge = knowledge_of(await read_protocols(context, protocols), protocols.head)
    await context.database.transact(_record, current.catalogue, knowledge.catalogue, context.now())
    await context.library.adopt(knowledge, context.now())
    _log.info("protocols_adopted", commit=protocols.head, digest=knowledge.catalogue.digest)
    return True


def _record(connection: Connection, before: Catalogue, after: Catalogue, at: datetime) -> None:
    """What the change decides about items; a second time there is nothing left to record."""
    standings = fold(read_item_events(connection))
    proposed = {each.item for each in list_proposals(connection) if each.kind == "add"}
    old = {item.id: item for item in before.items}
    for item in after.items:
        standing = standings.get(item.id)
        state = standing.state if standing is not None else None
        if not _is_decided(old.get(item.id), item, state):
            continue
        kind = "merged" if item.id not in old and item.id in proposed else "file"
        write_item_event(connection, _event(item.id, item.state, kind, at))
    kept = {item.id for item in after.items}
    for item in before.items:
        standing = standings.get(item.id)
        if item.id not in kept and (standing is None or standing.state != "retired"):
            write_item_event(connection, _event(item.id, "retired", "file", at))


def _is_decided(old: ChecklistItem | None, new: ChecklistItem, state: ItemState | None) -> bool:
    """Whether the file says something new: an item, another text or another state than the one in force."""
    if new.state == state and (old is None or old.text == new.text):
        return False
    return old is None or (old.text, old.state, old.kind) != (new.text, new.state, new.kind)


def _event(item: str, state: ItemState, kind: str, at: datetime) -> ItemEvent:
    numbers: Mapping[str, float] = {}
    detail = "merged" if kind == "merged" else "changed in its file"
    return ItemEvent(item, at, state, "merged" if kind == "merged" else "file", "person", detail, "", numbers)
