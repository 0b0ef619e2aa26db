"""What an agent's answer says once it has been read: typed, complete, and still only a proposal."""

from dataclasses import dataclass
from typing import Literal

from bot.model.action import PlannedItem
from bot.model.change import Edit
from bot.model.ids import ItemKey


@dataclass(frozen=True, slots=True)
class PlanProposed:
    """The Thinker's answer; keys are numbered within this answer."""

    summary: str
    items: tuple[PlannedItem, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddedPostcondition:
    item: ItemKey
    text: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The Processor's answer. It can't touch code or verdict: it orders, drops, adds conditions, or asks a human."""

    note: str
    order: tuple[ItemKey, ...]
    """Items that come first, in this order; the others follow as they were."""
    drop: tuple[ItemKey, ...]
    postconditions: tuple[AddedPostcondition, ...]
    retry: ItemKey | None
    """After a red verdict: the finished item to try again; None leaves the choice to the rule."""
    question: str
    """For a human; not empty ends the run until it is answered."""


@dataclass(frozen=True, slots=True)
class ListFiles:
    pattern: str


@dataclass(frozen=True, slots=True)
class Search:
    text: str
    pattern: str
    """Glob of the paths to look in; empty for all."""


@dataclass(frozen=True, slots=True)
class Read:
    path: str
    first_line: int
    last_line: int | None


@dataclass(frozen=True, slots=True)
class EditFile:
    edit: Edit


@dataclass(frozen=True, slots=True)
class Check:
    level: Literal[1, 2, 3]
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """The Executor's own word that an item is over; never a verdict."""

    result: Literal["summary", "nothing_to_do", "blocked"]
    text: str


Call = ListFiles | Search | Read | EditFile | Check | Done


@dataclass(frozen=True, slots=True)
class ToolsCalled:
    """The Executor's answer."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Malformed:
    """An answer that is none of the above, and what is wrong with it."""

    reason: str


Reply = PlanProposed | Decided | ToolsCalled | Malformed
