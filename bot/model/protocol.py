"""Protocols: the checklists that agents follow, versioned as data in `protocols/`."""

from dataclasses import dataclass
from typing import Literal

from bot.model.action import ActionNode
from bot.model.ids import ActionId

ItemKind = Literal["instruction", "example", "check"]
ItemState = Literal["draft", "testing", "staged", "production", "retired", "rolled_back"]


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One line of advice, one worked example or one mechanical check, for some action items."""

    id: str
    kind: ItemKind
    text: str
    actions: tuple[ActionId, ...]
    """Nodes of the taxonomy that it applies to; a node stands for all below it."""
    state: ItemState
    evidence: str
    """`human` for an item that a person wrote, else the pattern it came from."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """The fixed wording of the three agents: system rules and the templates their views are rendered with."""

    system: dict[str, str]
    """By agent: thinker, processor, executor."""
    templates: dict[str, str]
    """By name: what is asked, as a Jinja template rendered with StrictUndefined."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that is data and not code: taxonomy, checklists, prompts; `digest` names this very version."""

    nodes: dict[ActionId, ActionNode]
    items: tuple[ChecklistItem, ...]
    prompts: Prompts
    digest: str
