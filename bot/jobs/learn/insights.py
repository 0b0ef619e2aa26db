"""What a person knows without any statistics: an item that becomes a protocol pull request of its own.

It has no pattern and no evidence but the person's word, so it is put on trial as any other item once it is merged.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from bot.catalog.insight import parse_insight
from bot.jobs.library import Knowledge
from bot.model.errors import NeedsHuman
from bot.model.proposal import Proposal
from bot.rollout.standing import fold
from bot.store.proposals import open_proposals, write_proposal
from bot.store.rollouts import read_item_events


class InsightRefused(NeedsHuman):
    """A person's item that can't be proposed, though it is well formed."""


def take_insight(connection: Connection, given: Mapping[str, object], knowledge: Knowledge, now: datetime) -> Proposal:
    """The drafted proposal for the item that `given` describes; the same item again gives the same proposal.

    Raises DataInvalid where it is no item, InsightRefused where a person has banned it.
    """
    insight = parse_insight(given, knowledge.files, knowledge.catalogue)
    item = insight.item
    standing = fold(read_item_events(connection, item.id)).get(item.id)
    if standing is not None and standing.banned:
        raise InsightRefused(f"the item {item.id!r} was banned by a person; `rmo protocols unban` allows it again")
    known = next((each for each in open_proposals(connection) if each.item == item.id), None)
    if known is not None:
        return known
    proposal = Proposal(
        id=hashlib.sha256(f"{item.id} {now.isoformat()}".encode()).hexdigest()[:12],
        kind="add",
        pattern=None,
        item=item.id,
        path=insight.path,
        drafted_at=now,
        status="drafted",
        draft=item,
    )
    write_proposal(connection, proposal)
    return proposal
