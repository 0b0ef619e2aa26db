"""The taxonomy of action items: one tree, whose upper nodes belong to every domain and whose leaves belong to one."""

from collections.abc import Mapping
from typing import Final, TypedDict

from bot.catalog.errors import DataInvalid
from bot.catalog.files import required
from bot.catalog.schema import Schema
from bot.model.action import ActionNode
from bot.model.ids import ActionId

SHARED_DOMAIN: Final = "general"
"""Its nodes may be parents in every domain."""


class _Mode(TypedDict):
    id: str
    category: str
    title: str
    description: str


class _ModesFile(TypedDict):
    failure_modes: list[_Mode]


class _Node(TypedDict):
    id: str
    parent: str | None
    title: str
    description: str
    inputs: list[str]
    outputs: list[str]
    preconditions: list[str]
    postconditions: list[str]
    validators: list[str]
    known_failure_modes: list[str]
    plannable: bool


class _NodesFile(TypedDict):
    domain: str
    level: str
    nodes: list[_Node]


def parse_failure_modes(files: Mapping[str, str]) -> frozenset[str]:
    """Ids of the closed list of failure modes. Raises DataInvalid, DataMissing."""
    where = "actions/failure_modes.yaml"
    schema = Schema[_ModesFile](required(files, "actions/schema.json"), "failure_modes_file")
    modes = schema.read(required(files, where), where)["failure_modes"]
    ids = [mode["id"] for mode in modes]
    for mode in ids:
        if ids.count(mode) > 1:
            raise DataInvalid(where, f"the failure mode {mode!r} stands twice: keep one")
    return frozenset(ids)


def parse_taxonomy(files: Mapping[str, str], failure_modes: frozenset[str]) -> dict[ActionId, ActionNode]:
    """Every node of `actions/<domain>/<level>.yaml`, the shared domain first. Raises DataInvalid, DataMissing.

    What comes back is one tree: unique ids, one root, every parent there and in the same or the shared domain.
    """
    schema = Schema[_NodesFile](required(files, "actions/schema.json"), "nodes_file")
    nodes: dict[ActionId, ActionNode] = {}
    places: dict[ActionId, str] = {}
    for path in sorted(_node_files(files), key=lambda path: (not path.startswith(f"actions/{SHARED_DOMAIN}/"), path)):
        document = schema.read(files[path], path)
        expected = f"actions/{document['domain']}/{document['level']}.yaml"
        if path != expected:
            raise DataInvalid(path, f"holds domain {document['domain']!r} and level {document['level']!r}: {expected}")
        for row in document["nodes"]:
            node = _node(document, row)
            if node.id in nodes:
                raise DataInvalid(path, f"the node {node.id!r} also stands in {places[node.id]}: keep one")
            unknown = sorted(set(node.known_failure_modes) - failure_modes)
            if unknown:
                raise DataInvalid(path, f"the node {node.id!r} names unknown failure modes {unknown!r}")
            nodes[node.id], places[node.id] = node, path
    _check_tree(nodes, places)
    return nodes


def _node_files(files: Mapping[str, str]) -> list[str]:
    return [path for path in files if path.startswith("actions/") and path.count("/") == 2 and path.endswith(".yaml")]


def _node(document: _NodesFile, row: _Node) -> ActionNode:
    return ActionNode(
        id=ActionId(row["id"]),
        parent=None if row["parent"] is None else ActionId(row["parent"]),
        domain=document["domain"],
        level=document["level"],
        title=row["title"],
        description=row["description"],
        inputs=tuple(row["inputs"]),
        outputs=tuple(row["outputs"]),
        preconditions=tuple(row["preconditions"]),
        postconditions=tuple(row["postconditions"]),
        validators=tuple(row["validators"]),
        known_failure_modes=tuple(row["known_failure_modes"]),
        plannable=row["plannable"],
    )


def _check_tree(nodes: Mapping[ActionId, ActionNode], places: Mapping[ActionId, str]) -> None:
    roots = [node.id for node in nodes.values() if node.parent is None]
    if len(roots) != 1:
        raise DataInvalid("actions", f"the taxonomy needs exactly one root, it has {roots!r}")
    for node in nodes.values():
        if node.parent is None:
            continue
        parent = nodes.get(node.parent)
        if parent is None:
            raise DataInvalid(places[node.id], f"the node {node.id!r} has the unknown parent {node.parent!r}")
        if parent.domain not in {node.domain, SHARED_DOMAIN}:
            raise DataInvalid(places[node.id], f"the parent {parent.id!r} of {node.id!r} belongs to another domain")
        _check_ends_at_root(node, nodes, places[node.id])


def _check_ends_at_root(node: ActionNode, nodes: Mapping[ActionId, ActionNode], where: str) -> None:
    seen = {node.id}
    parent = node.parent
    while parent is not None and parent in nodes:
        if parent in seen:
            raise DataInvalid(where, f"the node {node.id!r} is among its own ancestors, by way of {parent!r}")
        seen.add(parent)
        parent = nodes[parent].parent
