"""The states of an item and what leads from one to the next: a closed table; whatever is not in it can't happen.

draft -> testing (its pull request is merged) -> staged (replays) -> production (live tasks, or replays alone) ->
staged again when its time is over. A person may put an item into any state at any time.
"""

from collections.abc import Mapping
from typing import Literal

from bot.model.errors import Final
from bot.model.protocol import ItemState
from bot.model.rollout import DecisionKind

Change = Literal["merged", "stage", "promote", "roll_back", "prune", "expire", "refuse", "override", "file"]
"""The kinds of an `ItemEvent`."""

PERSONS: frozenset[Change] = frozenset({"override", "file"})

_LEGAL: Mapping[tuple[ItemState, Change], tuple[ItemState, ...]] = {
    # A pull request was merged: the file says whether replays or a person's review come first
    **{(before, "merged"): ("testing", "draft", "staged") for before in ("draft", "retired", "rolled_back")},
    **{(same, "merged"): (same,) for same in ("testing", "staged", "production")},
    ("testing", "stage"): ("staged",),
    ("testing", "promote"): ("production",),
    ("testing", "refuse"): ("rolled_back",),
    ("testing", "roll_back"): ("rolled_back",),
    ("staged", "promote"): ("production",),
    ("staged", "roll_back"): ("rolled_back",),
    ("staged", "prune"): ("retired",),
    ("staged", "expire"): ("staged",),
    # An alarm of the detector opens a fresh canary; false ones come, and delete nothing
    ("production", "roll_back"): ("staged", "rolled_back"),
    ("production", "prune"): ("retired",),
    # What replays alone promoted may be tried again by replays
    ("production", "expire"): ("staged", "testing"),
}
"""(state before, what happened) -> states after, the usual one first."""


class IllegalTransition(Final):
    """Nothing in the table leads on from that state in this way."""

    def __init__(self, before: ItemState, change: Change) -> None:
        super().__init__(f"{change!r} leads nowhere from {before!r}: read the item's state again and decide anew")


def after(before: ItemState, decision: DecisionKind) -> ItemState:
    """The state that a decision about an item leads to; to hold leads nowhere. Raises IllegalTransition."""
    if decision == "hold":
        return before
    states = _LEGAL.get((before, decision))
    if states is None:
        raise IllegalTransition(before, decision)
    return states[0]


def is_legal(before: ItemState, change: Change, after: ItemState) -> bool:
    """Whether this change may lead there; a person's may lead anywhere."""
    return change in PERSONS or after in _LEGAL.get((before, change), ())
