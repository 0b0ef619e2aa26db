"""Which Python files of a tree import which, as far as their text tells.

Names are looked up as the interpreter would from the root, from `src`, and from the nearest directory that is no
package, where pytest puts tests' own modules. What is imported by a computed name can't be seen; a string that spells
a module's dotted name (as `mock.patch` takes it) can.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from bot.ci.source import parsed

PACKAGE = "__init__.py"
_DOTTED = re.compile(r"[A-Za-z_]\w*+(?:\.[A-Za-z_]\w*+){1,12}")
_SPELLED_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Modules:
    """The Python files of a tree by the names that they can be imported by."""

    paths: frozenset[str]
    names: Mapping[str, tuple[str, ...]]


def modules_of(paths: Collection[str]) -> Modules:
    """An index over the Python files among `paths`."""
    python = frozenset(path for path in paths if path.endswith(".py"))
    names: dict[str, list[str]] = {}
    for path in sorted(python):
        for name in _names(path, python):
            names.setdefault(name, []).append(path)
    return Modules(python, {name: tuple(found) for name, found in names.items()})


def imported_files(path: str, text: str, modules: Modules) -> frozenset[str]:
    """The files of the tree that the file at `path` names in an import or as a dotted name in a string."""
    tree = parsed(text)
    if tree is None:
        return frozenset()
    found = {each for level, name in _references(tree) for each in _resolve(path, level, name, modules)}
    return frozenset(found - {path})


def _names(path: str, python: frozenset[str]) -> set[str]:
    parts = path.removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        parts.pop()
    start = len(parts) - 1
    while start > 0 and "/".join([*parts[:start], PACKAGE]) in python:
        start -= 1
    roots = {0, max(start, 0), 1 if parts[:1] == ["src"] else 0}
    return {".".join(parts[root:]) for root in roots} - {""}


def _references(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(level of a relative import or 0, dotted name), the name imported from a module included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = f"{node.module}." if node.module else ""
            yield from ((node.level, f"{module}{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Constant) and _spells_a_name(node.value):
            yield 0, str(node.value)


def _spells_a_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _SPELLED_CHARACTERS and _DOTTED.fullmatch(value) is not None


def _resolve(path: str, level: int, name: str, modules: Modules) -> tuple[str, ...]:
    """The files of the longest part of `name` that is a module: the rest is something in it."""
    parts = name.split(".")
    if level == 0:
        candidates = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((modules.names[each] for each in candidates if each in modules.names), ())
    directory = path.split("/")[:-1]
    if level - 1 > len(directory):
        return ()
    directory = directory[: len(directory) - (level - 1)]
    for length in range(len(parts), -1, -1):
        place = "/".join([*directory, *parts[:length]])
        for candidate in (f"{place}.py", f"{place}/{PACKAGE}".removeprefix("/")):
            if candidate in modules.paths:
                return (candidate,)
    return ()
