"""Opposite advice in the same place: found by what the catalogue says of its remedies, told before a person merges.

Which of the two has precedence is a rule, not a judgement: a person's word, then the narrower context, then the
stronger evidence, then the newer item.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.learning.wording import node_line, remedy_of
from bot.model.action import ActionNode
from bot.model.ids import ActionId
from bot.model.proposal import Conflict, ProposedItem
from bot.model.protocol import Catalogue, ChecklistItem, ItemState
from bot.model.rollout import ItemStanding

_SPEAKING: Final[frozenset[ItemState]] = frozenset({"testing", "staged", "production"})


def conflicts(
    item: ProposedItem,
    catalogue: Catalogue,
    standings: Mapping[str, ItemStanding],
    evidence: Mapping[str, float] | None = None,
) -> tuple[Conflict, ...]:
    """Items in force or on trial that advise the opposite of `item` where it holds too, in the catalogue's order.

    `standings` outrank the states in the files. `evidence` are e-values by the id of an item.
    """
    found: list[Conflict] = []
    for other in catalogue.items:
        standing = standings.get(other.id)
        state = standing.state if standing is not None else other.state
        if (
            other.id != item.id
            and state in _SPEAKING
            and _opposed(item, other, catalogue)
            and _meet(item, other, catalogue.nodes)
        ):
            pinned = standing is not None and standing.pinned
            found.append(_judge(item, other, catalogue.nodes, evidence or {}, pinned=pinned))
    return tuple(found)


def _opposed(item: ProposedItem, other: ChecklistItem, catalogue: Catalogue) -> bool:
    mine = remedy_of(item.id, item.kind, item.text, catalogue.remedies)
    theirs = remedy_of(other.id, other.kind, other.text, catalogue.remedies)
    my_names = {item.id, *([mine.id] if mine else [])}
    their_names = {other.id, *([theirs.id] if theirs else [])}
    return bool((mine and their_names.intersection(mine.opposes)) or (theirs and my_names.intersection(theirs.opposes)))


def _meet(item: ProposedItem, other: ChecklistItem, nodes: Mapping[ActionId, ActionNode]) -> bool:
    apart = any(other.when.get(feature, value) != value for feature, value in item.when.items())
    return not apart and (
        _within(item.actions, other.actions, nodes, every=False)
        or _within(other.actions, item.actions, nodes, every=False)
    )


def _within(
    inner: Sequence[ActionId], outer: Sequence[ActionId], nodes: Mapping[ActionId, ActionNode], *, every: bool
) -> bool:
    """Whether every (or any) of `inner` is one of `outer` or below one."""
    inside = [any(node in node_line(nodes, action) for node in outer) for action in inner]
    return all(inside) if every else any(inside)


def _judge(
    item: ProposedItem,
    other: ChecklistItem,
    nodes: Mapping[ActionId, ActionNode],
    evidence: Mapping[str, float],
    *,
    pinned: bool,
) -> Conflict:
    by_person = item.evidence == "human"
    if (pinned or not other.is_learned) and not by_person:
        return Conflict(other.id, "old", "human")
    if by_person and other.is_learned and not pinned:
        return Conflict(other.id, "new", "human")
    narrower = _narrower(item.actions, item.when, other.actions, other.when, nodes)
    if narrower != _narrower(other.actions, other.when, item.actions, item.when, nodes):
        return Conflict(other.id, "new" if narrower else "old", "specific")
    mine, theirs = evidence.get(item.id, 1.0), evidence.get(other.id, 1.0)
    if mine != theirs:
        return Conflict(other.id, "new" if mine > theirs else "old", "evidence")
    return Conflict(other.id, "new", "newer")


def _narrower(
    actions: Sequence[ActionId],
    when: Mapping[str, str],
    others: Sequence[ActionId],
    others_when: Mapping[str, str],
    nodes: Mapping[ActionId, ActionNode],
) -> bool:
    """Whether the first holds nowhere but where the second does."""
    return set(others_when.items()) <= set(when.items()) and _within(actions, others, nodes, every=True)
