"""Protocol pull requests: one small change of one checklist, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.model.ids import ActionId, CommitSha, PullRequestNumber
from bot.model.pattern import PatternId
from bot.model.protocol import ItemKind, ItemState

ProposalKind = Literal["add", "record"]
"""`add`: a new item for a pattern. `record`: the file says what was decided about an item (promoted, rolled back)."""

ProposalStatus = Literal["drafted", "open", "merged", "closed"]


@dataclass(frozen=True, slots=True)
class ProposedItem:
    """A checklist item as it would stand in its file."""

    id: str
    kind: ItemKind
    text: str
    """The instruction; the SHA-256 of the example; `tool:rule` of the check."""
    actions: tuple[ActionId, ...]
    when: Mapping[str, str]
    """Further literals of the context that it holds for, by feature."""
    targets: tuple[str, ...]
    reason: str
    state: ItemState
    evidence: str
    """The pattern's id."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change to propose, and how far it has come."""

    id: str
    """Its branch is `rmo/protocol-<id>`."""
    kind: ProposalKind
    pattern: PatternId | None
    item: str
    path: str
    """The file that it changes: `protocols/<domain>/<level>.yaml`."""
    drafted_at: datetime
    status: ProposalStatus
    draft: ProposedItem | None = None
    """What an `add` adds; None for a `record`, which says what the item's events say."""
    pull_request: PullRequestNumber | None = None
    head: CommitSha | None = None
    closed_at: datetime | None = None
    reason: str = ""
    """Why it was closed, in the words of the one who closed it; remembered, shown, never given to a model."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """An item that advises otherwise in the same place, and which of the two has precedence, and why."""

    item: str
    wins: Literal["new", "old"]
    because: Literal["human", "specific", "evidence", "newer"]
