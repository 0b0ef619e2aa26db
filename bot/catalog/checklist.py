"""Checklist items: `protocols/<domain>/<level>.yaml`, each with what it says, where it holds, and how it stands."""

import re
from collections.abc import Collection, Mapping
from typing import Final, NotRequired, TypedDict

from bot.catalog.errors import DataInvalid
from bot.catalog.files import required
from bot.catalog.items import Check, Rules, check_known, text_of
from bot.catalog.schema import Schema
from bot.model.ids import ActionId
from bot.model.protocol import ChecklistItem, ItemKind, ItemState

FIRST_SCHEMA: Final = 1
"""Of a file that does not say its own: items of it can neither be bound by `when` nor ask for more than a rule."""

_PATH: Final = re.compile(r"protocols/[a-z_]+/[a-z_]+\.yaml")


class Item(TypedDict):
    id: str
    kind: ItemKind
    text: NotRequired[str]
    example: NotRequired[str]
    check: NotRequired[Check]
    actions: list[str]
    targets: list[str]
    when: NotRequired[dict[str, str]]
    reason: str
    state: ItemState
    evidence: str


class ChecklistFile(TypedDict):
    schema: NotRequired[int]
    domain: str
    level: str
    items: list[Item]


def parse_checklists(
    documents: Mapping[str, ChecklistFile],
    files: Mapping[str, str],
    actions: Collection[ActionId],
    failure_modes: frozenset[str],
    rules: Rules,
) -> tuple[ChecklistItem, ...]:
    """Every item of `documents` (by path), in the order of files and lines; `files` hold the examples.

    Raises DataInvalid, DataMissing. The text of an example is the example itself; that of a check is its name.
    """
    items: dict[str, ChecklistItem] = {}
    for path, document in documents.items():
        expected = f"protocols/{document['domain']}/{document['level']}.yaml"
        if path != expected:
            raise DataInvalid(path, f"holds domain {document['domain']!r} and level {document['level']!r}: {expected}")
        for row in document["items"]:
            if row["id"] in items:
                raise DataInvalid(path, f"the item {row['id']!r} stands twice: keep one")
            check_known(path, row, "actions", row["actions"], actions)
            check_known(path, row, "failure modes", row["targets"], failure_modes)
            if document.get("schema", FIRST_SCHEMA) == FIRST_SCHEMA and _needs_second(row):
                raise DataInvalid(path, f"the item {row['id']!r} needs `schema: 2` at the head of the file")
            items[row["id"]] = ChecklistItem(
                id=row["id"],
                kind=row["kind"],
                text=text_of(row, path, f"{path.rpartition('/')[0]}/examples", files, rules),
                actions=tuple(ActionId(action) for action in row["actions"]),
                state=row["state"],
                evidence=row["evidence"],
                when=row.get("when", {}),
                targets=tuple(row["targets"]),
                path=path,
            )
    return tuple(items.values())


def checklist_files(files: Mapping[str, str]) -> Mapping[str, ChecklistFile]:
    """Path -> what the file says, by its form alone. Raises DataInvalid, DataMissing."""
    schema = Schema[ChecklistFile](required(files, "protocols/schema.json"), "checklist_file")
    return {path: schema.read(files[path], path) for path in files if _PATH.fullmatch(path)}


def _needs_second(row: Item) -> bool:
    return "when" in row or ("check" in row and "rule" not in row["check"])
