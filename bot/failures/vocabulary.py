"""A run's facts as features: the taxonomy, the installation's salt and the closed vocabulary, in one value."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.failures.features import REGISTRY, Registry, file_kind, language_of
from bot.model.action import ActionNode, PlannedItem
from bot.model.evidence import Features
from bot.model.ids import ActionId
from bot.model.run import Run

Nodes = Mapping[ActionId, ActionNode]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What turns a run's facts into features: the taxonomy, the installation's salt, the registered features."""

    nodes: Nodes
    salt: str
    registry: Registry = REGISTRY


def context_of(run: Run, item: PlannedItem, vocabulary: Vocabulary) -> Features:
    """What is known of `item` before the Executor is called: the features that an item of a checklist may ask for."""
    frozen, planned = run.frozen, run.plan.items if run.plan else (item,)
    assert frozen is not None
    values = {
        "repository": str(run.request.repository.id),
        "model": model_name(frozen.model),
        "language": language_of(path for each in planned for path in each.expected_files),
        "planned_items": len(planned),
    }
    return {**vocabulary.registry.closed(values, vocabulary.salt), **item_features(item, vocabulary)}


def model_name(spec: str) -> str:
    """A script's path is no name, and would tell one machine from another."""
    return "script" if spec.startswith("script:") else spec


def item_features(item: PlannedItem, vocabulary: Vocabulary) -> Features:
    """Of a planned item, all of it fixed before the Executor is called."""
    node = vocabulary.nodes.get(item.action)
    kinds = sorted({file_kind(path) for path in item.expected_files})
    values = {
        "action_item": item.action,
        "ancestors": ancestors(item.action, vocabulary.nodes),
        "domain": node.domain if node else None,
        "file_kind": kinds,
    }
    return vocabulary.registry.closed(values, vocabulary.salt)


def ancestors(action: ActionId, nodes: Nodes) -> list[ActionId]:
    """The broader nodes, nearest first."""
    found: list[ActionId] = []
    node = nodes.get(action)
    while node is not None and node.parent is not None and node.parent not in found:
        found.append(node.parent)
        node = nodes.get(node.parent)
    return found
