"""What a plan will probably cost and how long it will take: quantiles of what such items have taken before.

Each quantile of the plan is the sum of its items' quantiles, as if all of them went well or badly together. Items of
one repository and one model do so mostly, and where they do not the range is too wide, never too narrow.
"""

from collections.abc import Sequence
from typing import Final

from bot.model.action import PlannedItem
from bot.model.estimate import Effort, Estimate, Estimated, NoHistory, PastItem
from bot.model.ids import MicroDollars

LEAST_HISTORY: Final = 5
"""Past items below which nothing is said."""

_LOW, _LIKELY, _HIGH = 0.1, 0.5, 0.9


def estimate(items: Sequence[PlannedItem], past: Sequence[PastItem]) -> Estimate:
    """What `items` will take together, told from `past`; for an action with little history of its own from all of it.

    Low, likely and high never fall where an item is added.
    """
    if len(past) < LEAST_HISTORY:
        return NoHistory(len(past), LEAST_HISTORY)
    kinds = [_of_its_kind(item, past) for item in items]
    return Estimated(_total(kinds, _LOW), _total(kinds, _LIKELY), _total(kinds, _HIGH), len(past))


def _of_its_kind(item: PlannedItem, past: Sequence[PastItem]) -> Sequence[PastItem]:
    own = [each for each in past if each.action == item.action]
    return own if len(own) >= LEAST_HISTORY else past


def _total(kinds: Sequence[Sequence[PastItem]], share: float) -> Effort:
    cost = sum(round(_quantile([each.cost for each in kind], share)) for kind in kinds)
    seconds = sum(_quantile([each.seconds for each in kind], share) for kind in kinds)
    return Effort(MicroDollars(cost), float(seconds))


def _quantile(values: Sequence[float], share: float) -> float:
    """Between the two nearest values in order, as their distance says; at least one value."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
