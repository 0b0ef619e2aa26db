"""What work will probably take, told from what work of its kind has taken."""

from dataclasses import dataclass

from bot.model.ids import ActionId, MicroDollars


@dataclass(frozen=True, slots=True)
class PastItem:
    """What an action item of an earlier run has taken, all its tries together."""

    action: ActionId
    cost: MicroDollars
    seconds: float
    """Wall time of its steps."""


@dataclass(frozen=True, slots=True)
class Effort:
    """Money and time."""

    cost: MicroDollars
    seconds: float


@dataclass(frozen=True, slots=True)
class Estimated:
    """Nine of ten such plans take more than `low`, half more than `likely`, one of ten more than `high`."""

    low: Effort
    likely: Effort
    high: Effort
    based_on: int
    """Past items."""


@dataclass(frozen=True, slots=True)
class NoHistory:
    """Too few items were carried out so far to tell anything from."""

    based_on: int
    needed: int


Estimate = Estimated | NoHistory
