"""Which reviewed wording a pattern may become an item of, best first: the catalogue's remedies, and nothing else.

A remedy is chosen by what it answers, never written: no text of a failure comes near it. The more exact answer comes
first; of one exactness a check before an example before an instruction, because a check cannot be overlooked, and an
example has been seen to help where an instruction did not.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from bot.model.action import ActionNode
from bot.model.ids import ActionId
from bot.model.pattern import NODE, Hypothesis, Signature, SignatureLevel
from bot.model.protocol import Catalogue, ChecklistItem, ItemKind, Remedy

_LEVELS: Final[Mapping[SignatureLevel, int]] = {"fingerprint": 0, "rule": 1, "exception": 2, "category": 3}
_KINDS: Final[Mapping[ItemKind, int]] = {"check": 0, "example": 1, "instruction": 2}
_HELD_ANYWAY: Final = re.compile(r"ruff:(?:F|E4|E7|E9)\d+")
"""Rules that every change is held to before a push: a check of one of them would change nothing."""
_OF_A_PATTERN: Final = re.compile(r"-[0-9a-f]{12}(?:-\d+)?")
"""What `item_name` puts behind a remedy's name, and the number of a second try."""


def remedies_for(
    hypothesis: Hypothesis,
    parents: Sequence[Signature],
    catalogue: Catalogue,
    taken: Collection[ChecklistItem] = (),
    banned: Collection[str] = (),
) -> tuple[Remedy, ...]:
    """The remedies that answer the failure and make sense where the hypothesis holds, best first.

    `parents` are the broader signatures of the same failure: its rule, exception and category. Left out is what was
    said before in the same place (`taken`: items in force, on trial, retired or rolled back), what a person banned (ids
    of items, anywhere), and a check that every change is held to anyway.
    """
    levels = {f"{each.level}={each.value}": _LEVELS[each.level] for each in (hypothesis.signature, *parents)}
    refused = {(item.kind, item.text) for item in catalogue.items if item.id in banned}
    found: list[tuple[int, int, Remedy]] = []
    for remedy in catalogue.remedies:
        exactness = min((levels[answer] for answer in remedy.answers if answer in levels), default=None)
        if exactness is None or (remedy.kind == "check" and _HELD_ANYWAY.fullmatch(remedy.text)):
            continue
        actions = actions_of(hypothesis, remedy, catalogue.nodes)
        said = any(_says(item, remedy) and _meet(item.actions, actions, catalogue.nodes) for item in taken)
        is_banned = (remedy.kind, remedy.text) in refused or any(_is_of(item, remedy) for item in banned)
        if actions and not said and not is_banned:
            found.append((exactness, _KINDS[remedy.kind], remedy))
    return tuple(remedy for _, _, remedy in sorted(found, key=lambda each: each[:2]))


def actions_of(hypothesis: Hypothesis, remedy: Remedy, nodes: Mapping[ActionId, ActionNode]) -> tuple[ActionId, ...]:
    """Where an item would hold: the hypothesis's node as far as the remedy makes sense there; empty where it does not.

    All nodes of the remedy for a hypothesis without a node.
    """
    node = next((ActionId(each.value) for each in hypothesis.context if each.feature == NODE), None)
    if node is None:
        return remedy.actions
    if not node_line(nodes, node):
        return ()
    if any(action in node_line(nodes, node) for action in remedy.actions):
        return (node,)
    return tuple(action for action in remedy.actions if node in node_line(nodes, action))


def node_line(nodes: Mapping[ActionId, ActionNode], node: ActionId) -> tuple[ActionId, ...]:
    """The node and those above it; none where the taxonomy does not know it."""
    return tuple(_upwards(nodes, node))


def item_name(remedy: Remedy, hypothesis: Hypothesis) -> str:
    """What an item of the remedy for this pattern is called: both can be told from it."""
    return f"{remedy.id}-{hypothesis.id}"


def remedy_of(item: str, kind: ItemKind, text: str, remedies: Sequence[Remedy]) -> Remedy | None:
    """The remedy that an item was made of, by its name, else the first that says the same."""
    by_name = next((remedy for remedy in remedies if _is_of(item, remedy)), None)
    said = (remedy for remedy in remedies if remedy.kind == kind and text in (remedy.text, remedy.example))
    return by_name or next(said, None)


def _upwards(nodes: Mapping[ActionId, ActionNode], node: ActionId) -> Iterator[ActionId]:
    here = nodes.get(node)
    while here is not None:
        yield here.id
        here = nodes.get(here.parent) if here.parent is not None else None


def _is_of(item: str, remedy: Remedy) -> bool:
    return item.startswith(remedy.id) and _OF_A_PATTERN.fullmatch(item, len(remedy.id)) is not None


def _says(item: ChecklistItem, remedy: Remedy) -> bool:
    return (item.kind, item.text) == (remedy.kind, remedy.text)


def _meet(one: Sequence[ActionId], other: Sequence[ActionId], nodes: Mapping[ActionId, ActionNode]) -> bool:
    return any(left in node_line(nodes, right) or right in node_line(nodes, left) for left in one for right in other)
