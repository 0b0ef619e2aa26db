"""Which checklist items concern an invocation, how nearly, and how they are told."""

from collections.abc import Iterable, Mapping, Sequence

from bot.model.action import ActionNode, PlannedItem
from bot.model.conversation import Agent
from bot.model.ids import ActionId
from bot.model.protocol import Catalogue, ChecklistItem


def concerned(catalogue: Catalogue, agent: Agent, planned: Iterable[PlannedItem]) -> Mapping[ActionId, int]:
    """Nodes of the taxonomy that the invocation is about -> how far above the planned actions each stands.

    The Thinker and the Processor are told what concerns planning; where a plan exists, also what concerns its actions.
    """
    nearest: dict[ActionId, int] = {}
    for item in planned:
        for distance, node in enumerate(line_up(catalogue.nodes, item.action)):
            nearest[node] = min(distance, nearest.get(node, distance))
    if agent != "executor":
        nearest |= {node.id: 0 for node in catalogue.nodes.values() if node.level == "planning"}
    return nearest


def line_up(nodes: Mapping[ActionId, ActionNode], action: ActionId) -> tuple[ActionId, ...]:
    """The node and those above it, nearest first; none where the taxonomy does not know it."""
    found: list[ActionId] = []
    node = nodes.get(action)
    while node is not None:
        found.append(node.id)
        node = nodes.get(node.parent) if node.parent is not None else None
    return tuple(found)


def lines_of(items: Sequence[ChecklistItem]) -> tuple[str, ...]:
    """What the agent reads; a check is enforced and not told."""
    return tuple(dict.fromkeys(line for item in items if (line := _line(item))))


def _line(item: ChecklistItem) -> str:
    if item.kind == "example":
        return f"Example:\n```python\n{item.text.strip()}\n```"
    return item.text if item.kind == "instruction" else ""
