"""Which checklist items reach which prompt: those in force for the planned actions and for the nodes above them."""

from collections.abc import Iterable, Iterator

from bot.model.action import ActionNode
from bot.model.conversation import Agent
from bot.model.ids import ActionId
from bot.model.protocol import Catalogue, ChecklistItem

MAX_LINES = 30


def lines_for(catalogue: Catalogue, agent: Agent, actions: Iterable[ActionId]) -> tuple[str, ...]:
    """The lines of the items in production, in the catalogue's order; checks are enforced and not told.

    The Thinker and the Processor are told what concerns planning; where a plan exists, also what concerns its actions.
    """
    wanted = {node for action in actions for node in _with_ancestors(catalogue, action)}
    if agent != "executor":
        wanted |= {node.id for node in catalogue.nodes.values() if node.level == "planning"}
    lines = (
        _line(item)
        for item in catalogue.items
        if item.state == "production" and item.kind != "check" and wanted.intersection(item.actions)
    )
    return tuple(dict.fromkeys(lines))[:MAX_LINES]


def _with_ancestors(catalogue: Catalogue, action: ActionId) -> Iterator[ActionId]:
    node: ActionNode | None = catalogue.nodes.get(action)
    while node is not None:
        yield node.id
        node = catalogue.nodes.get(node.parent) if node.parent is not None else None


def _line(item: ChecklistItem) -> str:
    match item.kind:
        case "example":
            return f"Example:\n```python\n{item.text.strip()}\n```"
        case _:
            return item.text
