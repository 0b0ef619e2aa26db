"""Validation of a parsed file against its JSON Schema (2020-12), with one line for the first thing that is wrong."""

import json
from typing import Generic, TypeVar, cast

import jsonschema_rs

from bot.catalog.errors import DataInvalid
from bot.catalog.yaml_text import parse_yaml

Shape = TypeVar("Shape")


class Schema(Generic[Shape]):
    """A schema whose valid documents have the static type `Shape`."""

    def __init__(self, text: str, definition: str = "") -> None:
        """`text` is the schema as JSON; `definition` names the one of its `$defs` that is meant, else the whole."""
        schema = cast("dict[str, object]", json.loads(text))  # our own file, an object by its first line
        if definition:
            schema = {
                "$schema": schema["$schema"],
                "$defs": schema["$defs"],
                "$ref": f"#/$defs/{definition}",
            }
        self._validator = jsonschema_rs.Draft202012Validator(schema, offline=True)

    def read(self, text: str, where: str) -> Shape:
        """The document that `text`, in YAML, stands for. Raises DataInvalid with the offending key."""
        document = parse_yaml(text, where)
        errors = sorted(self._validator.iter_errors(document), key=_place)
        if errors:
            raise DataInvalid(where, _sentence(errors[0]))
        return cast("Shape", document)  # the schema has just proved it


def _place(error: jsonschema_rs.ValidationError) -> tuple[int, bool, str]:
    """Deepest first, as the most exact complaint; a key too many before a missing one, since it is the misspelt one."""
    return -len(error.instance_path), error.kind.name != "additionalProperties", error.message


def _sentence(error: jsonschema_rs.ValidationError) -> str:
    place = ".".join(str(part) for part in error.instance_path)
    message = error.message if len(error.message) <= 300 else f"{error.message[:300]}..."
    return f"{place}: {message}" if place else message
