"""A fix that undoes a fix: seen from where items came from, before another pull request goes round in the circle.

Three signs. A candidate advises the opposite of an item that failures had called for. It is an item that was already
tried and dropped. Or its own failure was first seen where and since another item was told: that item may have made it.
Each stops the proposal and is shown; a person decides which of the two is the fix.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.model.ids import ActionId
from bot.model.proposal import ProposedItem
from bot.model.rollout import ItemEvent
from bot.rollout.standing import fold

IN_FORCE = frozenset({"staged", "production"})
DROPPED = frozenset({"retired", "rolled_back"})


@dataclass(frozen=True, slots=True)
class Undoing:
    """What a candidate would undo, and how that is known."""

    item: str
    sign: Literal["opposes", "again", "banned", "since"]
    reason: str
    """One line for people."""


def undoings(
    candidate: ProposedItem,
    *,
    earlier: Sequence[ProposedItem],
    events: Sequence[ItemEvent],
    opposes: Mapping[str, Collection[str]],
    above: Mapping[ActionId, Collection[ActionId]],
    first_seen: datetime | None = None,
) -> tuple[Undoing, ...]:
    """What speaks against proposing `candidate`, in the order of `earlier`; empty where nothing does.

    `earlier` are the learned items that were ever proposed, `events` what happened to them. `opposes`: id -> ids of the
    items that advise the opposite, in one direction at least. `above`: node -> itself and its broader nodes.
    `first_seen`: when the candidate's failure was first recorded in its context; None where that is not known.
    """
    standings = fold(events)
    found: list[Undoing] = []
    for item in earlier:
        standing = standings.get(item.id)
        if standing is None or not _meet(candidate, item, above):
            continue
        told_since = _told_since(events, item.id)
        if standing.banned and _is_same(candidate, item):
            found.append(Undoing(item.id, "banned", f"a person does not want {item.id!r} again"))
        elif standing.state in DROPPED and _is_same(candidate, item):
            reason = f"{item.id!r} says the same and is {standing.state} since {standing.since:%Y-%m-%d}"
            found.append(Undoing(item.id, "again", reason))
        elif item.id in opposes.get(candidate.id, ()) or candidate.id in opposes.get(item.id, ()):
            reason = f"{item.id!r}, proposed against {', '.join(item.targets) or 'failures'}, advises the opposite"
            found.append(Undoing(item.id, "opposes", reason))
        elif item.id != candidate.id and standing.state in IN_FORCE and _is_since(first_seen, told_since):
            reason = f"its failure was first seen {first_seen:%Y-%m-%d}, after {item.id!r} was told"
            found.append(Undoing(item.id, "since", reason))
    return tuple(found)


def _is_since(first_seen: datetime | None, told: datetime | None) -> bool:
    return first_seen is not None and told is not None and first_seen >= told


def _told_since(events: Sequence[ItemEvent], item: str) -> datetime | None:
    """When the first task was told the item."""
    return next((event.at for event in events if event.item == item and event.state in IN_FORCE), None)


def _is_same(one: ProposedItem, other: ProposedItem) -> bool:
    return one.id == other.id or (one.kind, one.text) == (other.kind, other.text)


def _meet(one: ProposedItem, other: ProposedItem, above: Mapping[ActionId, Collection[ActionId]]) -> bool:
    """Whether some task can be told both: their nodes lie on one line, and no literal of theirs excludes the other."""
    on_a_line = any(
        mine in above.get(yours, (yours,)) or yours in above.get(mine, (mine,))
        for mine in one.actions
        for yours in other.actions
    )
    return on_a_line and all(other.when.get(name, value) == value for name, value in one.when.items())
