"""What is in force for each item: folded from its events, which are facts, instead of being stored beside them.

A person's word outranks every decision: while an item is pinned or banned no decision changes it, and a decision made
on what was true before a person spoke finds no way from the state that the person chose and is passed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never, get_args

from bot.model.protocol import ItemState
from bot.model.rollout import ItemEvent, ItemStanding
from bot.rollout.states import PERSONS, is_legal

Verb = Literal["add", "pin", "unpin", "ban", "unban", "retire"]
"""What a person may say about an item."""

_VERBS: frozenset[str] = frozenset(get_args(Verb))


def override(item: str, verb: Verb, *, before: ItemState | None, actor: str, at: datetime, why: str = "") -> ItemEvent:
    """A person's word as the event that keeps it; `before` is the item's state, None where it has none.

    `pin`, `unpin` and `unban` leave the state as it is; `add` puts the item into force; the others retire it, and `ban`
    for good.
    """
    match verb:
        case "pin" | "unpin" | "unban":
            state: ItemState = before or "draft"
        case "add":
            state = "production"
        case "ban" | "retire":
            state = "retired"
        case _ as unreachable:
            assert_never(unreachable)
    detail = f"{verb}: {why}" if why else verb
    return ItemEvent(item, at, state, "override", actor, detail, "", {})


def verb_of(event: ItemEvent) -> Verb | None:
    """What the person said; None for another kind of event, or where only the state was set."""
    said = event.detail.partition(":")[0]
    return said if event.kind == "override" and said in _VERBS else None  # pyright: ignore[reportReturnType]


def fold(events: Sequence[ItemEvent]) -> Mapping[str, ItemStanding]:
    """The standing of every item that has an event; `events` in the order in which they were written. Never raises."""
    standings: dict[str, ItemStanding] = {}
    for event in events:
        before = standings.get(event.item)
        if _counts(before, event):
            standings[event.item] = _next(before, event)
    return standings


def _counts(before: ItemStanding | None, event: ItemEvent) -> bool:
    # Of an item without events its file alone tells the state, and this does not see it
    if before is None or event.kind in PERSONS:
        return True
    return not (before.pinned or before.banned) and is_legal(before.state, event.kind, event.state)


def _next(before: ItemStanding | None, event: ItemEvent) -> ItemStanding:
    verb = verb_of(event)
    if before is None:
        before = ItemStanding(event.item, event.state, event.at, "", pinned=False, banned=False)
    pinned, banned = before.pinned, before.banned
    match verb:
        case "pin" | "unpin":
            pinned = verb == "pin"
        case "ban":
            pinned, banned = False, True
        case "retire":
            pinned = False
        case "add" | "unban":
            banned = False
        case None:
            pass
        case _ as unreachable:
            assert_never(unreachable)
    # A trial goes on where nothing changed for it; an expiry begins it anew in the same state, and so does another text
    if event.state == before.state and event.kind in ("merged", "override"):
        return replace(before, pinned=pinned, banned=banned)
    return ItemStanding(event.item, event.state, event.at, event.route, pinned=pinned, banned=banned)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An event that does not fit what came before it."""

    event: ItemEvent
    why: Literal["out of order", "against a person's word", "no way there"]


def contradictions(events: Sequence[ItemEvent]) -> tuple[Contradiction, ...]:
    """Events that came late, or that `fold` passes over; for people to look at, never acted on."""
    found: list[Contradiction] = []
    standings: dict[str, ItemStanding] = {}
    newest: dict[str, datetime] = {}
    for event in events:
        before = standings.get(event.item)
        if event.at < newest.get(event.item, event.at):
            found.append(Contradiction(event, "out of order"))
        newest[event.item] = max(event.at, newest.get(event.item, event.at))
        if _counts(before, event):
            standings[event.item] = _next(before, event)
        else:
            spoken = before is not None and (before.pinned or before.banned)
            found.append(Contradiction(event, "against a person's word" if spoken else "no way there"))
    return tuple(found)
