"""Action items: the taxonomy's nodes, and the items a plan is made of."""

import hashlib
import json
from dataclasses import dataclass, field

from bot.model.ids import ActionId, ItemKey


@dataclass(frozen=True, slots=True)
class ActionNode:
    """One node of the taxonomy in `actions/`: a kind of work that recurs and whose failures can be compared."""

    id: ActionId
    parent: ActionId | None
    """The broader node, or None at the root of a domain."""
    domain: str
    level: str
    title: str
    description: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    preconditions: tuple[str, ...]
    postconditions: tuple[str, ...]
    validators: tuple[str, ...]
    """Names of the deterministic validators that judge the item: syntax, ruff, bandit, pytest, coverage, ci, ..."""
    known_failure_modes: tuple[str, ...]
    plannable: bool
    """False for a node that only groups others."""


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One item of a run's plan: which node of the taxonomy, applied to what."""

    key: ItemKey
    action: ActionId
    title: str
    instructions: str
    inputs: tuple[str, ...] = ()
    expected_files: tuple[str, ...] = ()
    postconditions: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
    """Limitations of language models that the Thinker expects to bite here."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run means to do, in order."""

    summary: str
    items: tuple[PlannedItem, ...]
    questions: tuple[str, ...] = field(default=())
    """What only a human can answer; a plan with questions stops the run before any code is written."""

    @property
    def digest(self) -> str:
        """Same work, same digest: actions, instructions, files and postconditions count, titles do not."""
        parts = [
            [item.action, item.instructions, sorted(item.expected_files), sorted(item.postconditions)]
            for item in self.items
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
