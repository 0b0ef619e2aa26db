"""Trials of checklist items: which task was told what, how it went, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.model.evidence import TaskId
from bot.model.protocol import ItemState

Arm = Literal["treated", "control"]
"""`treated`: the task is told the item. For `EVERY_ITEM`, `control` means that it is told no learned item at all."""

EVERY_ITEM = "*"
"""The pseudo item of the permanent baseline: its control arm goes without any learned item."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which arm of an item's trial a task is in; written before the run starts and never changed."""

    item: str
    task: TaskId
    stratum: str
    position: int
    """Place within the item's stratum, in the order of assignment, from 0: block `position // size`."""
    arm: Arm
    assigned_at: datetime


@dataclass(frozen=True, slots=True)
class TrialTask:
    """An assigned task as its trial counts it, intention to treat: what it was to be told, whether it was or not."""

    stratum: str
    position: int
    arm: Arm
    triggered: bool
    """The item applies to the plan that the Executor was first called with; only such tasks count."""
    resolved: bool
    """The task has ended, or its time is over; a task of which nothing is known by then has failed."""
    succeeded: bool
    targeted: bool
    """The failure that the item is meant to prevent was found at a first validation."""


@dataclass(frozen=True, slots=True)
class ArmCounts:
    """One arm's triggered, resolved tasks."""

    tasks: int
    succeeded: int
    targeted: int


@dataclass(frozen=True, slots=True)
class ReplayPair:
    """One old task, done again on both arms; only pairs whose arms differ say anything."""

    task: TaskId
    at: datetime
    treated_succeeded: bool
    control_succeeded: bool
    treated_targeted: bool
    control_targeted: bool
    cost_micro_dollars: int


@dataclass(frozen=True, slots=True)
class TrialStatistics:
    """Every number that a decision about an item used; which of them are there depends on the decision."""

    treated: ArmCounts
    control: ArmCounts
    blocks: int
    """Closed blocks, counted over all strata."""
    values: Mapping[str, float]
    """By name: `e_success`, `e_harm`, `e_target`, `e_not_inferior`, `odds_ratio`, `odds_low`, `odds_high`, ..."""


DecisionKind = Literal["hold", "stage", "promote", "roll_back", "prune", "expire", "refuse"]
"""`stage`: from replays to live tasks. `refuse`: replays were enough to turn it down. `expire`: to be tried again."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from the numbers, and which of them decided."""

    kind: DecisionKind
    reason: str
    """One line for people, in which every number is given with its threshold."""
    statistics: TrialStatistics
    route: Literal["", "success", "target", "replay"] = ""
    """How a promotion was earned."""
    more_tasks: int | None = None
    """About how many more triggered tasks are needed; None where that is not known."""


@dataclass(frozen=True, slots=True)
class ItemEvent:
    """A change of an item's state, with its statistics. The last one of an item is its state."""

    item: str
    at: datetime
    state: ItemState
    kind: Literal["merged", "stage", "promote", "roll_back", "prune", "expire", "refuse", "override", "file"]
    """`override`: a person at the terminal or the API. `file`: a person changed the file. Else a decision's kind."""
    actor: str
    """`rmo`, or the person."""
    detail: str
    route: Literal["", "success", "target", "replay"]
    """How a promotion was earned."""
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ItemStanding:
    """What is in force for an item: folded from its events; a person's word outranks every decision."""

    item: str
    state: ItemState
    since: datetime
    route: Literal["", "success", "target", "replay"]
    pinned: bool
    """A person wants it kept as it is: no decision changes it."""
    banned: bool
    """A person never wants it again: it is proposed no more."""
