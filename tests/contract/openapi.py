"""GitHub's description as a lookup: which operation is meant by a method and a path, and what its schemas refuse.

The description is OpenAPI 3.0, whose schemas differ from JSON Schema in `nullable` alone as far as GitHub uses it;
one rewrite makes them JSON Schema 2020-12, so that a fast general validator serves instead of an OpenAPI framework
(those need half a minute to index it, or stumble over references that hold a slash).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast
from urllib.parse import unquote

import jsonschema_rs

DOCUMENT = Path(__file__).with_name("github_openapi.json")
COMPONENTS = "urn:github"
SEVERAL_SEGMENTS = frozenset({"path", "ref", "basehead"})

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
Schema = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A path or query parameter."""

    name: str
    place: str
    required: bool
    schema: Schema


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, with its schemas compiled on first use by the caller."""

    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: Schema | None
    """Schema of the JSON request body, None when the operation takes none."""
    body_required: bool
    responses: Mapping[str, Schema | None]
    """Status -> schema of the JSON answer; None where the answer carries no JSON."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Description:
    """The operations of the cut, found by method and path."""

    def __init__(self, document: Schema) -> None:
        schemas = cast(dict[str, Json], modern(document["components"]))
        self._components = cast(dict[str, dict[str, Schema]], schemas)
        self._registry = jsonschema_rs.Registry([(COMPONENTS, {"components": schemas})])
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}
        paths = cast(dict[str, Schema], document["paths"])
        order = sorted(paths, key=lambda path: (path.count("{"), -len(path)))
        self._routes = [(_pattern(path), self._operations(path, paths[path])) for path in order]
        self.roots = frozenset(path.split("/")[1] for path in paths)
        """First segments of all paths."""

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a percent-encoded path names and its path arguments, None when the cut has none."""
        for pattern, operations in self._routes:
            matched = pattern.fullmatch(path)
            if matched is not None and method in operations:
                return operations[method], {name: unquote(value) for name, value in matched.groupdict().items()}
        return None

    def operations(self) -> list[Operation]:
        return [operation for _, operations in self._routes for operation in operations.values()]

    def faults(self, schema: Schema, instance: Json) -> list[str]:
        """What is wrong with `instance`, at most five remarks with their places."""
        key = json.dumps(schema, sort_keys=True)
        validator = self._compiled.get(key)
        if validator is None:
            validator = jsonschema_rs.Draft202012Validator(schema, registry=self._registry, validate_formats=True)
            self._compiled[key] = validator
        faults: list[str] = []
        for error in validator.iter_errors(instance):
            place = "/".join(str(part) for part in error.instance_path) or "body"
            faults.append(f"{place}: {error.message[:300]}")
            if len(faults) == 5:
                break
        return faults

    def _operations(self, path: str, item: Schema) -> dict[str, Operation]:
        return {
            method.upper(): self._operation(method.upper(), path, cast(Schema, modern(definition)))
            for method, definition in item.items()
            if method in ("get", "post", "put", "patch", "delete")
        }

    def _operation(self, method: str, path: str, definition: Schema) -> Operation:
        given = cast(Sequence[Schema], definition.get("parameters", []))
        parameters = [self._resolved(parameter) for parameter in given]
        request = self._resolved(cast(Schema, definition.get("requestBody", {})))
        answers = cast(dict[str, Schema], definition["responses"])
        return Operation(
            method=method,
            path=path,
            parameters=tuple(
                Parameter(
                    name=cast(str, parameter["name"]),
                    place=cast(str, parameter["in"]),
                    required=parameter.get("required") is True,
                    schema=cast(Schema, parameter["schema"]),
                )
                for parameter in parameters
            ),
            body=_closed(_json_schema(request)),
            body_required=request.get("required") is True,
            responses={status: _json_schema(self._resolved(answer)) for status, answer in answers.items()},
        )

    def _resolved(self, node: Schema) -> Schema:
        target = node.get("$ref")
        if not isinstance(target, str):
            return node
        _, _, kind, name = target.split("/")
        return self._components[kind][name]


@cache
def load(document: Path = DOCUMENT) -> Description:
    """The description in `document`, read once in a process."""
    return Description(cast(Schema, json.loads(document.read_text(encoding="utf-8"))))


def modern(node: Json) -> Json:
    """OpenAPI 3.0 schemas as JSON Schema 2020-12: `nullable` becomes a type, references become absolute."""
    if isinstance(node, list):
        return [modern(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    changed = {key: modern(value) for key, value in node.items()}
    target = changed.get("$ref")
    if isinstance(target, str) and target.startswith("#/"):
        changed["$ref"] = COMPONENTS + target
    if changed.get("nullable") is not True:
        return changed
    del changed["nullable"]
    kind = changed.get("type")
    if isinstance(kind, str) and not {"allOf", "anyOf", "oneOf"} & changed.keys():
        changed["type"] = [kind, "null"]
        allowed = changed.get("enum")
        if isinstance(allowed, list) and None not in allowed:
            changed["enum"] = [*allowed, None]
        return changed
    return {"anyOf": [changed, {"type": "null"}]}


def _json_schema(part: Schema) -> Schema | None:
    content = cast(Mapping[str, Schema], part.get("content", {}))
    media = content.get("application/json")
    return cast(Schema, media["schema"]) if media is not None and "schema" in media else None


def _closed(schema: Schema | None) -> Schema | None:
    """GitHub ignores what it does not know; we refuse it, because it is a misspelling."""
    plain = schema is not None and schema.get("type") == "object" and "properties" in schema
    if schema is None or not plain or {"anyOf", "oneOf", "allOf", "additionalProperties"} & schema.keys():
        return schema
    return {**schema, "additionalProperties": False}


def _pattern(path: str) -> re.Pattern[str]:
    parts: Iterable[str] = re.split(r"(\{\w+\})", path)
    return re.compile("".join(_piece(part) for part in parts))


def _piece(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    name = part[1:-1]
    return f"(?P<{name}>{'.+' if name in SEVERAL_SEGMENTS else '[^/]+'})"
