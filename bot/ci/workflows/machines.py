"""The machine that a job asks for, and the environment that it enters, as far as both are certain beforehand."""

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from typing import Final

from bot.ci.workflows.expression import UNKNOWN, Known, Unknown, Value, as_text, interpolated, is_false
from bot.ci.workflows.reading import Node, expressions_in
from bot.ci.workflows.words import Token

_HOSTED: Final = re.compile(
    r"(?:ubuntu-(?:latest|slim|\d{2}\.\d{2})|windows-(?:latest|\d{4}|11)|macos-(?:latest|\d{2}))"
    r"(?:-(?:arm|large|xlarge|intel|vs\d{4}))?",
    re.IGNORECASE,
)
"""Labels of GitHub's own machines: https://docs.github.com/en/actions/reference/runners/github-hosted-runners
Larger machines and one's own have names that an owner made up, which can't be told from each other."""

_DOT: Final = Token("sign", ".")
_MOST_LEGS: Final = 256
"""GitHub's own limit of a matrix."""


def foreign_machine(job: Mapping[str, Node], known: Known) -> str | None:
    """What the job says about a machine that may not be GitHub's own; None where it certainly is."""
    wanted = job.get("runs-on")
    if isinstance(wanted, dict):
        group = wanted.get("group")
        if group is not None:
            return f"group {group}" if isinstance(group, str) else "a group"
        wanted = wanted.get("labels")
    for legs in _legs(job, wanted, known):
        if legs is None:
            return _as_written(wanted)
        labels = [label for text in _texts(wanted) for label in _labels(interpolated(text, legs))]
        foreign = [label for label in labels if label is None or not _HOSTED.fullmatch(label)]
        if foreign or not labels:
            return next(filter(None, foreign), _as_written(wanted))
    return None


def environment_of(job: Mapping[str, Node], known: Known) -> str | None:
    """The environment that the job enters, as it is written; None where it certainly enters none."""
    wanted = job.get("environment")
    if isinstance(wanted, dict):
        wanted = wanted.get("name")
    if not isinstance(wanted, str) or is_false(interpolated(wanted, known)):
        return None
    return wanted


def _texts(wanted: Node | None) -> list[str]:
    """The labels as they are written; what is no text becomes one that is no label."""
    each = wanted if isinstance(wanted, list) else [wanted]
    return [text if isinstance(text, str) else "" for text in each]


def _as_written(wanted: Node | None) -> str:
    return ", ".join(text or "?" for text in _texts(wanted))


def _labels(value: Value) -> list[str | None]:
    if isinstance(value, tuple):
        return [label for each in value for label in _labels(each)]
    return [None if isinstance(value, Unknown) else as_text(value)]


def _legs(job: Mapping[str, Node], wanted: Node | None, known: Known) -> Iterator[Known | None]:
    """What is known in each leg of the matrix, told apart by what `wanted` asks about; None where it can't be told."""
    paths = {path for tokens in expressions_in([wanted]) for path in _matrix_paths(tokens)}
    if not paths:
        yield known
        return
    strategy = job.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, dict) else None
    names = sorted({path[0] for path in paths})
    choices: list[list[Node]] = [_choices(matrix, name) if isinstance(matrix, dict) else [] for name in names]
    for nodes in itertools.islice(itertools.product(*choices), _MOST_LEGS):
        leg = dict(zip(names, nodes, strict=True))
        asked = {".".join(("matrix", *path)): _value(leg[path[0]], path[1:], known) for path in paths}
        yield Known({**known.values, **asked}, known.absent)
    if not 0 < math.prod(len(each) for each in choices) <= _MOST_LEGS:
        yield None


def _matrix_paths(tokens: tuple[Token, ...]) -> Iterator[tuple[str, ...]]:
    """Every `matrix.one.two` of an expression, without its first word; what is asked for otherwise is not known."""
    place = 0
    while place < len(tokens):
        path: list[str] = []
        begins = tokens[place].word.lower() == "matrix"
        place += 1
        while begins and tokens[place : place + 1] == (_DOT,) and place + 1 < len(tokens):
            path.append(tokens[place + 1].word.lower())
            place += 2
        if path:
            yield tuple(path)


def _choices(matrix: Mapping[str, Node], name: str) -> list[Node]:
    """The values that a name of the matrix may have; none where they are computed."""
    axes = {key.lower(): value for key, value in matrix.items()}
    axis, more = axes.get(name, []), axes.get("include", [])
    if not isinstance(axis, list) or not isinstance(more, list):
        return []
    added = [{key.lower(): value for key, value in entry.items()} for entry in more if isinstance(entry, dict)]
    return [*axis, *(entry[name] for entry in added if name in entry)]


def _value(node: Node | None, path: tuple[str, ...], known: Known) -> Value:
    for name in path:
        node = {key.lower(): value for key, value in node.items()}.get(name) if isinstance(node, dict) else None
    if isinstance(node, str):
        return interpolated(node, known)
    if isinstance(node, list):
        return tuple(interpolated(each, known) if isinstance(each, str) else UNKNOWN for each in node)
    return UNKNOWN
