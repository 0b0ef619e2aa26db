"""An estimate in words."""

import math
from typing import assert_never

from bot.model.estimate import Effort, Estimate, Estimated, NoHistory


def estimate_words(estimate: Estimate) -> str:
    """What is likely, the range, and what it rests on; or how much is missing for saying anything."""
    match estimate:
        case Estimated(low=low, likely=likely, high=high, based_on=based_on):
            return (
                f"about {_cost(likely)} US dollars ({_cost(low)} to {_cost(high)}) and {_minutes(likely)} minutes "
                f"({_minutes(low)} to {_minutes(high)}), as {based_on} earlier items tell"
            )
        case NoHistory(based_on=based_on, needed=needed):
            return f"no history yet: {based_on} of the {needed} earlier items that it needs"
        case _ as unreachable:
            assert_never(unreachable)


def _cost(effort: Effort) -> str:
    return f"{effort.cost / 1e6:.2f}"


def _minutes(effort: Effort) -> int:
    return math.ceil(effort.seconds / 60)
