"""A workflow file as texts, lists and mappings, without any of YAML's guesses about types.

GitHub reads `on` as a word, and since 2025 takes anchors and aliases; so no scalar is interpreted here, and what an
alias stands for is looked at once, however often it is repeated.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

import yaml

from bot.ci.workflows.words import Token, expressions

MOST_BYTES: Final = 512 * 1024
"""GitHub's own limit of a workflow file."""

_LOADER = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader

Node = str | list["Node"] | dict[str, "Node"]


@dataclass(frozen=True, slots=True)
class WorkflowFile:
    """A workflow that can be looked at."""

    path: str
    name: str
    triggers: Mapping[str, Mapping[str, Node]]
    """Event -> its filters; empty where it has none."""
    jobs: Mapping[str, Mapping[str, Node]]
    rest: Mapping[str, Node]
    """Everything of it but triggers and jobs."""


def read_workflow(path: str, text: str) -> WorkflowFile | str:
    """The workflow, or in a few words why it can't be looked at."""
    if len(text) > MOST_BYTES:
        return f"it is larger than {MOST_BYTES} bytes"
    try:
        # Nothing but texts, lists and mappings is ever made by this loader
        content = yaml.load(text, _LOADER)  # nosec B506
    except (yaml.YAMLError, ValueError, RecursionError):
        return "it is not valid YAML"
    document = cast("Node | None", content)
    if not isinstance(document, dict):
        return "it holds no mapping"
    jobs = document.get("jobs")
    if "on" not in document or not isinstance(jobs, dict):
        return "`on` or `jobs` is missing"
    name = document.get("name")
    return WorkflowFile(
        path=path,
        name=name if isinstance(name, str) and name else path,
        triggers=_triggers(document["on"]),
        jobs={key: job for key, job in jobs.items() if isinstance(job, dict)},
        rest={key: value for key, value in document.items() if key not in ("on", "jobs")},
    )


def strings(node: Node | None) -> list[str]:
    """A text, or the texts of a list."""
    if isinstance(node, str):
        return [node]
    return [each for each in node if isinstance(each, str)] if isinstance(node, list) else []


def expressions_in(nodes: Iterable[Node | None]) -> Iterator[tuple[Token, ...]]:
    """Every expression of every text below these nodes."""
    seen: set[int] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield from expressions(node)
        elif node is not None and id(node) not in seen:
            seen.add(id(node))
            waiting += node if isinstance(node, list) else node.values()


def secrets_of(tokens: tuple[Token, ...]) -> set[str] | None:
    """Names of the secrets that an expression asks for, in capitals; None where it asks for all, or for one that is
    only named when it happens."""
    names: set[str] = set()
    for place, token in enumerate(tokens):
        if token.kind != "name" or token.word.lower() != "secrets":
            continue
        before, after = tokens[max(place - 1, 0) : place], tokens[place + 1 : place + 4]
        if before == (Token("sign", "."),):
            continue
        match after:
            case (Token("sign", "."), Token("name", name), *_):
                names.add(name.upper())
            case (Token("sign", "["), Token("text", name), Token("sign", "]")):
                names.add(name[1:-1].upper())
            case _:
                return None
    return names


def _triggers(on: Node) -> dict[str, Mapping[str, Node]]:
    if isinstance(on, dict):
        return {event: filters if isinstance(filters, dict) else {} for event, filters in on.items()}
    return {event: {} for event in strings(on)}
