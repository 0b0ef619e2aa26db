"""Drafting: a pattern and a remedy become the smallest change of one checklist, as text that keeps everything else.

A new item is appended, a decision changes one `state:`. The text is edited and not written anew, so that comments and
order stay and a reviewer sees nothing but the one item. Whether the result holds is for the catalogue's loader to say.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, assert_never

from bot.learning.wording import actions_of, item_name
from bot.model.applicability import holds_for
from bot.model.ids import ActionId
from bot.model.pattern import NODE, Hypothesis
from bot.model.proposal import ProposedItem
from bot.model.protocol import Catalogue, ChecklistItem, ItemState, Remedy

MOST_ITEMS: Final = 30
"""That one checklist may hold."""
_NEEDS_SECOND: Final = re.compile(r"(?:pattern|required_test):.*")


@dataclass(frozen=True, slots=True)
class Draft:
    """One change of one file."""

    item: ProposedItem
    path: str
    text: str
    """The whole new text of the file."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A file in which the state of one item was changed."""

    item: ChecklistItem
    """As it stood before."""
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Undrafted:
    """Why nothing was drafted, for people."""

    reason: str


def draft(
    hypothesis: Hypothesis,
    remedy: Remedy,
    catalogue: Catalogue,
    files: Mapping[str, str],
    *,
    state: ItemState = "draft",
) -> Draft | Undrafted:
    """The item that `remedy` becomes for the pattern, and its checklist with it at the end.

    `files` are the catalogue's (path -> text). It holds where the pattern holds: its node as far as the remedy makes
    sense there, and its other literals; what no protocol file can say makes no item.
    """
    actions = actions_of(hypothesis, remedy, catalogue.nodes)
    if not actions:
        return Undrafted(f"the remedy {remedy.id!r} makes no sense where the pattern holds")
    when = {each.feature: each.value for each in hypothesis.context if each.feature != NODE}
    if not all(holds_for(feature, value) for feature, value in when.items()):
        return Undrafted("the pattern's context has a feature or a value that no protocol file may name")
    path = _place(actions[0], when, catalogue, files)
    if path is None:
        return Undrafted(f"there is no checklist for {actions[0]!r}: add one, with an empty line of items")
    if remedy.kind == "example" and f"{path.rpartition('/')[0]}/examples/{remedy.example}.py" not in files:
        return Undrafted(f"the example of {remedy.id!r} lies in another domain than {path!r}")
    if sum(item.path == path for item in catalogue.items) >= MOST_ITEMS:
        return Undrafted(f"{path!r} holds {MOST_ITEMS} items already: take out what is retired")
    text = files[path]
    if (when or _NEEDS_SECOND.fullmatch(remedy.text)) and re.search(r"(?m)^schema: 2\s*$", text) is None:
        return Undrafted(f"{path!r} is not written in schema 2: put `schema: 2` at its head first")
    item = ProposedItem(
        id=_unused(item_name(remedy, hypothesis), catalogue),
        kind=remedy.kind,
        text=remedy.example if remedy.kind == "example" else remedy.text,
        actions=actions,
        when=when,
        targets=remedy.targets,
        reason=remedy.reason,
        state=state,
        evidence=hypothesis.id,
    )
    return Draft(item, path, with_item(text, item))


def record(item: str, state: ItemState, catalogue: Catalogue, files: Mapping[str, str]) -> Recorded | Undrafted:
    """The checklist that holds `item`, with its state changed to `state` and nothing else."""
    known = next((each for each in catalogue.items if each.id == item), None)
    if known is None:
        return Undrafted(f"no checklist holds the item {item!r}")
    text = with_state(files[known.path], item, state)
    if text is None:
        return Undrafted(f"the item {item!r} is written so that its state can't be changed alone: write it as a block")
    if text == files[known.path]:
        return Undrafted(f"{known.path!r} says already that {item!r} is {state}")
    return Recorded(known, known.path, text)


def with_item(text: str, item: ProposedItem) -> str:
    """A checklist's text with the item at its end."""
    return f"{text.rstrip()}\n{block(item)}"


def block(item: ProposedItem) -> str:
    """An item as it stands in its file; every text is quoted, so that none of it can be anything but text."""
    match item.kind:
        case "instruction":
            said = f"text: {json.dumps(item.text)}"
        case "example":
            said = f"example: {json.dumps(item.text)}"
        case "check":
            said = f"check: {_check(item.text)}"
        case _ as unreachable:
            assert_never(unreachable)
    when = ", ".join(f"{feature}: {json.dumps(value)}" for feature, value in item.when.items())
    lines = [
        f"  - id: {item.id}",
        f"    kind: {item.kind}",
        f"    {said}",
        f"    actions: [{', '.join(item.actions)}]",
        f"    targets: [{', '.join(item.targets)}]",
        *([f"    when: {{ {when} }}"] if when else []),
        f"    reason: {json.dumps(item.reason)}",
        f"    state: {item.state}",
        f"    evidence: {json.dumps(item.evidence)}",
    ]
    return "\n".join(lines) + "\n"


def with_state(text: str, item: str, state: ItemState) -> str | None:
    """The text with the state of one item changed; None where the item is not written as a block of lines."""
    lines = text.splitlines(keepends=True)
    dashes = [(number, re.match(r"(\s*)- ", line)) for number, line in enumerate(lines)]
    indents = [(number, match[1]) for number, match in dashes if match]
    starts = [number for number, indent in indents if indent == indents[0][1]]
    named = re.compile(rf"\s*(?:- )?id:\s+[\"']?{re.escape(item)}[\"']?\s*(?:#.*)?")
    for start, end in pairwise([*starts, len(lines)]):
        if any(named.fullmatch(line) for line in lines[start:end]):
            for number in range(start, end):
                changed, count = re.subn(r"^(\s*(?:- )?state:\s+)[a-z_]+", rf"\g<1>{state}", lines[number])
                if count:
                    return "".join([*lines[:number], changed, *lines[number + 1 :]])
    return None


def _check(text: str) -> str:
    asker, _, rule = text.partition(":")
    return f"{{ tool: {asker}, rule: {rule} }}" if asker in ("ruff", "bandit") else f"{{ {asker}: {rule} }}"


def _place(action: ActionId, when: Mapping[str, str], catalogue: Catalogue, files: Mapping[str, str]) -> str | None:
    """The checklist of a node's domain and level; of a node that all domains share, the one that the context names,
    else the first there is."""
    node = catalogue.nodes[action]
    shared = next(each.domain for each in catalogue.nodes.values() if each.parent is None)
    there = sorted(path for path in files if re.fullmatch(rf"protocols/[a-z_]+/{node.level}\.yaml", path))
    if node.domain != shared:
        wanted = f"protocols/{node.domain}/{node.level}.yaml"
    else:
        wanted = f"protocols/{when.get('domain', there[0].split('/')[1] if there else '')}/{node.level}.yaml"
    return wanted if wanted in there else None


def _unused(name: str, catalogue: Catalogue) -> str:
    """A name is never given twice, since trials refer to it; what is tried again is counted."""
    taken = {item.id for item in catalogue.items}
    again = 2
    found = name
    while found in taken:
        found, again = f"{name}-{again}", again + 1
    return found
