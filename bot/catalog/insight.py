"""An item that a person suggests from outside of the files: held to everything that an item of a checklist is held to.

It comes as a JSON object with the fields of an item, or with the name of a remedy that says what an item says. What
passes here would pass as a line of its checklist; nobody has agreed to it by that.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.catalog.checklist import Item
from bot.catalog.errors import DataInvalid
from bot.catalog.files import required
from bot.catalog.items import check_known, check_text, parse_rules, text_of
from bot.catalog.schema import Schema
from bot.catalog.taxonomy import parse_failure_modes
from bot.model.ids import ActionId
from bot.model.proposal import ProposedItem
from bot.model.protocol import Catalogue, Remedy

WHERE: Final = "the insight"
FIELDS: Final = ("remedy", "id", "kind", "text", "example", "check", "actions", "targets", "when", "reason")


@dataclass(frozen=True, slots=True)
class Insight:
    """A person's item, and the checklist that it belongs into."""

    item: ProposedItem
    path: str


def parse_insight(given: Mapping[str, object], files: Mapping[str, str], catalogue: Catalogue) -> Insight:
    """The item that `given` describes, on trial. Raises DataInvalid: one line that says what has to be corrected.

    `files` are those that `catalogue` was made of.
    """
    unknown = next((name for name in given if name not in FIELDS), None)
    if unknown is not None:
        raise DataInvalid(WHERE, f"there is no field {unknown[:100]!r}; use {', '.join(FIELDS)}")
    fields = {**_of_remedy(given, catalogue), **{name: value for name, value in given.items() if name != "remedy"}}
    fields.setdefault("id", f"person-{hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:8]}")
    row = _read({**fields, "state": "testing", "evidence": "human"}, files)
    if row["id"] in {item.id for item in catalogue.items}:
        raise DataInvalid(WHERE, f"the item {row['id']!r} stands in a checklist already; choose another id")
    check_known(WHERE, row, "actions", row["actions"], catalogue.nodes)
    check_known(WHERE, row, "failure modes", row["targets"], parse_failure_modes(files))
    path = _path(row, files, catalogue)
    text_of(row, WHERE, f"{path.rpartition('/')[0]}/examples", files, parse_rules(files))
    item = ProposedItem(
        id=row["id"],
        kind=row["kind"],
        text=check_text(row["check"]) if "check" in row else row.get("example", row.get("text", "")),
        actions=tuple(ActionId(action) for action in row["actions"]),
        when=row.get("when", {}),
        targets=tuple(row["targets"]),
        reason=row["reason"],
        state="testing",
        evidence="human",
    )
    return Insight(item, path)


def _of_remedy(given: Mapping[str, object], catalogue: Catalogue) -> dict[str, object]:
    """The fields of the remedy that `given` names; what `given` says itself comes before them."""
    name = given.get("remedy")
    if name is None:
        return {}
    remedy = next((each for each in catalogue.remedies if each.id == name), None)
    if remedy is None:
        raise DataInvalid(WHERE, f"there is no remedy {str(name)[:100]!r}; take one of protocols/remedies.yaml")
    said = {field for field in ("kind", "text", "example", "check") if field in given}
    if said:
        raise DataInvalid(WHERE, f"the remedy says what the item says; leave out {', '.join(sorted(said))}")
    return {
        "id": f"person-{remedy.id}"[:60].rstrip("-"),
        "kind": remedy.kind,
        **_wording(remedy),
        "actions": list(remedy.actions),
        "targets": list(remedy.targets),
        "reason": remedy.reason,
    }


def _wording(remedy: Remedy) -> Mapping[str, object]:
    match remedy.kind:
        case "instruction":
            return {"text": remedy.text}
        case "example":
            return {"example": remedy.example}
        case "check":
            tool, _, rule = remedy.text.partition(":")
            return {"check": {tool: rule} if tool in ("pattern", "required_test") else {"tool": tool, "rule": rule}}


def _read(row: Mapping[str, object], files: Mapping[str, str]) -> Item:
    text = json.dumps(row, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DataInvalid(WHERE, "a lone surrogate stands in it; send whole characters") from error
    return Schema[Item](required(files, "protocols/schema.json"), "item").read(text, WHERE)


def _path(row: Item, files: Mapping[str, str], catalogue: Catalogue) -> str:
    """The checklist of the first action's level, where there is one."""
    node = catalogue.nodes[ActionId(row["actions"][0])]
    domains = (node.domain, "coding")
    wanted = [f"protocols/{domain}/{level}.yaml" for domain in domains for level in (node.level, "implementation")]
    return next((path for path in wanted if path in files), wanted[-1])
