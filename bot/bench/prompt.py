"""What the simulated coder reads of a prompt: the same text that a real model is sent, and nothing beside it.

Material from outside stands in data blocks that the prompt's own marker fences; the checklist stands outside of them.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Final, cast

from bot.model.conversation import Asked, ModelRequest, ToolResults

_MARKER: Final = re.compile(r"\AMarker of this message: (\w+)\.")
_CHECKLIST: Final = re.compile(r"^# Checklist\n.*?\n(.*?)^# (?:Limits|Your share)$", re.DOTALL | re.MULTILINE)
_TASK: Final = frozenset({"title", "body"})
_ITEM: Final = frozenset({"key", "action", "title", "instructions"})
_FAILURE: Final = frozenset({"source", "category", "tool", "rule", "message"})


@dataclass(frozen=True, slots=True)
class Prompt:
    """The first message of an invocation."""

    title: str
    """Of the issue."""
    action: str
    """Of the item; empty where there is none."""
    item: str
    """Key of the item; empty where there is none."""
    failures: int
    """Findings that the prompt tells of an earlier try."""
    retryable: tuple[str, ...]
    """Keys of finished items."""
    paths: frozenset[str]
    """Files of the repository that the prompt names."""
    checklist: str
    """The lines of the checklist, as they stand."""
    is_repeated: bool
    """An answer before was refused for its form."""
    is_answered: bool
    """Results of tools are there already: this is not the invocation's first request."""


def read_prompt(request: ModelRequest) -> Prompt:
    """Raises ValueError where the first message is none of this program's."""
    first = request.messages[0]
    marker = _MARKER.match(first.text) if isinstance(first, Asked) else None
    if not isinstance(first, Asked) or marker is None:
        raise ValueError(f"the first message has no marker: {first!r:.80}")
    blocks, rest = _split(first.text, marker[1])
    values = [value for block in blocks for value in _values(block)]
    objects = [cast("dict[str, Any]", each) for each in values if isinstance(each, dict)]
    nothing: dict[str, Any] = {}
    item = next((each for each in objects if each.keys() >= _ITEM and "summary" not in each), nothing)
    checklist = _CHECKLIST.search(rest)
    return Prompt(
        title=next((str(each["title"]) for each in objects if each.keys() == _TASK), ""),
        action=str(item.get("action", "")),
        item=str(item.get("key", "")),
        failures=sum(each.keys() >= _FAILURE for each in objects),
        retryable=tuple(str(each["key"]) for each in objects if each.keys() >= {"key", "summary", "files"}),
        paths=frozenset(each for each in values if isinstance(each, str)),
        checklist=checklist[1] if checklist else "",
        is_repeated=any(isinstance(each, Asked) for each in request.messages[1:]),
        is_answered=any(isinstance(each, ToolResults) for each in request.messages),
    )


def _split(text: str, marker: str) -> tuple[list[str], str]:
    """The data blocks, and the text without them."""
    block = re.compile(rf"^<<data {marker}>>\n(.*?)^<<end {marker}>>$", re.DOTALL | re.MULTILINE)
    return block.findall(text), block.sub("", text)


def _values(block: str) -> list[object]:
    """What stands in a block: one JSON value a line; a list stands for its members."""
    found: list[object] = []
    for line in block.splitlines():
        value: object = json.loads(line)
        found += cast("list[object]", value) if isinstance(value, list) else [value]
    return found
