"""Protocols: the checklists that agents follow, versioned as data in `protocols/`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    when: Mapping[str, str] = field(default_factory=dict[str, str])
    """Features that have to have these values too, such as the language; empty: it holds for every task."""
    targets: tuple[str, ...] = ()
    """Failure modes that it is meant to prevent."""
    path: str = ""
    """The file that it stands in: `protocols/<domain>/<level>.yaml`."""

    @property
    def is_learned(self) -> bool:
        return self.evidence != "human"


@dataclass(frozen=True, slots=True)
class Remedy:
    """Reviewed wording against one kind of failure: what a pattern may become an item of, and nothing else.

    A pattern at `category`, `rule` or `exception` level takes the remedies that name it.
    """

    id: str
    kind: ItemKind
    text: str
    """The instruction; the example's own text; `tool:rule` of the check."""
    example: str
    """SHA-256 of the example's file; empty for other kinds."""
    answers: tuple[str, ...]
    """What it is against, as `level=value`: `rule=ruff:F821`, `exception=NameError`, `category=syntax`."""
    actions: tuple[ActionId, ...]
    """Nodes below which it makes sense; an item never reaches wider than these."""
    targets: tuple[str, ...]
    opposes: tuple[str, ...]
    """Remedies and items that advise the opposite."""
    reason: str


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
    remedies: tuple[Remedy, ...] = ()
