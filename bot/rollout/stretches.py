"""The whiles in which tasks were drawn for an item in one way each, as far back as what they say still counts.

What people accept is known so late that an item has often been promoted, or its time has run out, when the first of it
comes in. So its test goes on over both. Whatever else happens to the item begins it anew: what was decided by it once,
or by a person, is not decided again by the same tasks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.model.protocol import ItemState
from bot.model.rollout import ItemEvent, ItemStanding
from bot.rollout.standing import fold

GOES_ON: Final = frozenset({"promote", "expire"})


@dataclass(frozen=True, slots=True)
class Stretch:
    state: ItemState
    """`staged` or `production`."""
    since: datetime
    until: datetime | None
    """None while it lasts."""


def stretches(before: ItemStanding, events: Sequence[ItemEvent]) -> tuple[Stretch, ...]:
    """Those that count now, oldest first. `before`: how the item stands by its file; `events`: its own, in order."""
    found = [Stretch(before.state, before.since, None)]
    for count, event in enumerate(events, 1):
        standing = fold(events[:count])[event.item]
        if (standing.state, standing.since) == (found[-1].state, found[-1].since):
            continue
        earlier = [*found[:-1], replace(found[-1], until=standing.since)] if event.kind in GOES_ON else []
        found = [*earlier, Stretch(standing.state, standing.since, None)]
    return tuple(each for each in found if each.state in ("staged", "production"))
