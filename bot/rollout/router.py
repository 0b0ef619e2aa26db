"""Which items of the checklists fit into one prompt: the nearest first, among them the most useful.

A prompt that holds everything helps nobody: what is far from the work at hand, and what has shown the least, stays out.
"""

import math
from collections.abc import Mapping, Sequence

from bot.model.evidence import Features
from bot.model.ids import ActionId
from bot.model.learning_policy import RouterPolicy
from bot.model.pattern import NODE
from bot.model.protocol import ChecklistItem

CHARACTERS_A_TOKEN = 3.5
ANCESTORS = "ancestors"
"""The feature that holds a planned node's broader ones."""


def applies(item: ChecklistItem, nearest: Mapping[ActionId, int], features: Sequence[Features]) -> bool:
    """Whether the item is about the work at hand.

    `nearest` are the nodes concerned -> how far above the planned ones each stands; `features` are those of each
    planned item, one of which has to have everything that the item asks for.
    """
    return any(action in nearest for action in item.actions) and any(_holds(item.when, each) for each in features)


def route(
    items: Sequence[ChecklistItem],
    nearest: Mapping[ActionId, int],
    features: Sequence[Features],
    policy: RouterPolicy,
    benefits: Mapping[str, float] | None = None,
) -> tuple[ChecklistItem, ...]:
    """The items that a prompt is to hold, best first, within `policy`'s number and tokens; never more than once each.

    Nearest node first; then what asks for more of the context; then, with `benefits` (odds ratio of success by id, 1
    where none was measured), the greater benefit and a person's before a learned one; then the order given. What does
    not fit is left out, and what comes after it may still fit.
    """

    def rank(place: int) -> tuple[int, int, float, bool, int]:
        item = items[place]
        distance = min(nearest[action] for action in item.actions if action in nearest)
        benefit = 0.0 if benefits is None else -benefits.get(item.id, 1.0)
        return distance, -len(item.when), benefit, benefits is not None and item.is_learned, place

    places = [place for place, item in enumerate(items) if applies(item, nearest, features)]
    chosen: dict[str, ChecklistItem] = {}
    left = policy.tokens
    for place in sorted(places, key=rank):
        item = items[place]
        cost = tokens(item)
        if len(chosen) < policy.items and cost <= left and item.id not in chosen:
            chosen[item.id] = item
            left -= cost
    return tuple(chosen.values())


def tokens(item: ChecklistItem) -> int:
    """About how many tokens an item takes in a prompt; a check is enforced and not told."""
    return 0 if item.kind == "check" else math.ceil(len(item.text) / CHARACTERS_A_TOKEN)


def _holds(when: Mapping[str, str], features: Features) -> bool:
    return all(
        _has(features, name, value) or (name == NODE and _has(features, ANCESTORS, value))
        for name, value in when.items()
    )


def _has(features: Features, name: str, value: str) -> bool:
    found = features.get(name, "")
    return value in found if isinstance(found, tuple) else value == found
