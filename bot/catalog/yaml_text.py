"""YAML, cut down to what JSON can say.

A configuration file is read from other people's repositories, and a taxonomy by many eyes, so everything surprising is
refused: aliases (which can grow without bound), tags, duplicate keys, deep nesting, and the old habits of reading `on`
as a truth and `1:30` as a number. So the library only parses; what its nodes mean is decided here.
"""

import re
from functools import lru_cache
from typing import Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.catalog.errors import DataInvalid

MAX_DEPTH: Final = 20
KEPT: Final = 64
"""Documents that are not parsed again."""

_FAST = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
"""The one in C takes a tenth of the other's time, of which every start has its share."""

_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_WORDS: Final[dict[str, bool | None]] = {"null": None, "~": None, "": None, "true": True, "false": False}

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


class _Unusable(Exception):
    """Valid YAML that is not taken here."""

    def __init__(self, place: yaml.Event | Node, problem: str) -> None:
        mark = place.start_mark
        super().__init__(f"line {mark.line + 1}: {problem}" if mark else problem)


def parse_yaml(text: str, where: str) -> Json:
    """The one document in `text`, as JSON types; an empty text is null. Raises DataInvalid: `where`, line, problem.

    Equal texts give the same object, which is read and never changed: a catalogue is loaded over and over, and mostly
    one of its files differs.
    """
    try:
        return _document(text)
    except _Unusable as error:
        raise DataInvalid(where, str(error)) from error
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise DataInvalid(where, f"{line}{error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise DataInvalid(where, f"not YAML: {error}") from error


@lru_cache(maxsize=KEPT)
def _document(text: str) -> Json:
    try:
        return _parsed(text, _FAST)
    except yaml.YAMLError:
        # It says better where a document is broken
        return _parsed(text, yaml.SafeLoader)


def _parsed(text: str, loader: type[yaml.SafeLoader | yaml.CSafeLoader]) -> Json:
    _refuse_surprises(text, loader)
    node: Node | None = yaml.compose(text, Loader=loader)
    return None if node is None else _value(node)


def _refuse_surprises(text: str, loader: type[yaml.SafeLoader | yaml.CSafeLoader]) -> None:
    """Looks at the flat stream of events, before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        match event:
            case yaml.AliasEvent():
                raise _Unusable(event, "aliases are not allowed")
            case yaml.ScalarEvent() | yaml.CollectionStartEvent() if event.anchor is not None:
                raise _Unusable(event, "anchors are not allowed")
            case yaml.ScalarEvent() | yaml.CollectionStartEvent() if event.tag is not None:
                raise _Unusable(event, "tags are not allowed")
            case yaml.CollectionStartEvent() if depth == MAX_DEPTH:
                raise _Unusable(event, f"nested more than {MAX_DEPTH} deep")
            case yaml.CollectionStartEvent():
                depth += 1
            case yaml.CollectionEndEvent():
                depth -= 1
            case _:
                pass


def _value(node: Node) -> Json:
    match node:
        case ScalarNode():
            return _scalar(node)
        case SequenceNode():
            return [_value(child) for child in node.value]
        case MappingNode():
            return _mapping(node)
        case _:
            raise AssertionError(f"no kind of node: {node!r}")


def _mapping(node: MappingNode) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key_node, value_node in node.value:
        key = _value(key_node)
        if not isinstance(key, str):
            raise _Unusable(key_node, f"the key {key!r} is not text")
        if key in found:
            raise _Unusable(key_node, f"the key {key!r} stands twice")
        found[key] = _value(value_node)
    return found


def _scalar(node: ScalarNode) -> Json:
    text: str = node.value
    if node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
