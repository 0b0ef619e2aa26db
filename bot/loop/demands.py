"""What the taxonomy demands of an item: whether it shows the issue by a test, and what proves its change."""

from collections.abc import Iterable, Mapping
from typing import Literal

from bot.model.action import ActionNode
from bot.model.ids import ActionId

ProofKind = Literal["red_before_green", "code_unchanged", "behaviour_kept"]

_REPRODUCTION = "reproduce_problem"
_MENDING = frozenset({"fix_defect", "mend_problem"})


def is_reproduction(nodes: Mapping[ActionId, ActionNode], action: ActionId) -> bool:
    """Whether items of this kind show the issue by a test that is red on the base commit."""
    return _REPRODUCTION in _lineage(nodes, action)


def wanted_proof(nodes: Mapping[ActionId, ActionNode], actions: Iterable[ActionId]) -> ProofKind:
    """What has to be shown of a change that items of these kinds made.

    Documentation alone must leave the code as it was, documentation and refactoring must leave behaviour as it was;
    everything else must turn a red test green.
    """
    demands = [_validators(nodes, action) for action in actions]
    if demands and all("code_unchanged" in each for each in demands):
        return "code_unchanged"
    if demands and all(each & {"code_unchanged", "behaviour_kept"} for each in demands):
        return "behaviour_kept"
    return "red_before_green"


def changes_code(nodes: Mapping[ActionId, ActionNode], action: ActionId) -> bool:
    """Whether items of this kind may change what the program does, as documentation may not."""
    return "code_unchanged" not in _validators(nodes, action)


def green_means(
    nodes: Mapping[ActionId, ActionNode], actions: Iterable[ActionId]
) -> Literal["not_reproduced", "already_done"]:
    """How a plan of these kinds ends when tests of what is asked for pass on the base commit.

    A plan that mends something has found nothing to mend; a plan that adds something finds it there already.
    """
    mends = any(_MENDING & set(_lineage(nodes, action)) for action in actions)
    return "not_reproduced" if mends else "already_done"


def _validators(nodes: Mapping[ActionId, ActionNode], action: ActionId) -> set[str]:
    return {validator for each in _lineage(nodes, action) for validator in nodes[each].validators}


def _lineage(nodes: Mapping[ActionId, ActionNode], action: ActionId) -> tuple[ActionId, ...]:
    """The node itself and everything above it."""
    found: list[ActionId] = []
    at: ActionId | None = action
    while at is not None and at in nodes:
        found.append(at)
        at = nodes[at].parent
    return tuple(found)
