"""Python source as the gates read it: parsed once, walked without recursion, names resolved by its imports.

The text is hostile. Whatever the interpreter's parser can raise on it becomes `Uninspectable`, and everything that
walks a tree keeps its own stack, because a tree that can be parsed can still be too deep for a recursive walk.
"""

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

FILE_CHARACTERS = 256 * 1024
"""A file beyond this is not parsed: a tree takes hundreds of times the memory of its text."""
_CHAIN = 8
"""How many parts a dotted name may have; a cap keeps the resolving of every node linear."""


@dataclass(frozen=True, slots=True)
class Uninspectable:
    """Why nothing can be said about a text."""

    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """One version of a Python file."""

    text: str
    body: tuple[ast.stmt, ...]
    nodes: tuple[tuple[str, ast.AST], ...]
    """Every node with the qualified name of the function or class around it (of itself, for these), outermost first."""
    names: Mapping[ast.AST, str]
    """Name, attribute -> the dotted name that it stands for, by the imports of this file."""

    def name_of(self, node: ast.AST | None) -> str:
        """The dotted name that an expression stands for; empty where it is no plain name or too long a chain."""
        return self.names.get(node, "") if node is not None else ""

    def called(self, node: ast.AST) -> str:
        """The dotted name of what is called, or of the expression itself where it is no call."""
        return self.name_of(node.func if isinstance(node, ast.Call) else node)


def parse(text: str) -> Source | Uninspectable:
    """Never raises; linear in the length of the text."""
    if len(text) > FILE_CHARACTERS:
        return Uninspectable(f"it is longer than {FILE_CHARACTERS} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Uninspectable(f"it cannot be parsed ({type(error).__name__})")
    nodes = tuple(_walk(tree))
    return Source(text, tuple(tree.body), nodes, _names(nodes))


def shape_of(node: ast.AST) -> str:
    """A text that is equal for equal code: no places, comments or layout."""
    written: list[str] = []
    stack: list[object] = [node]
    while stack:
        match stack.pop():
            case _Written(text=text):
                written.append(text)
            case ast.AST() as inner:
                written.append(f"{type(inner).__name__}(")
                stack.append(_Written(")"))
                stack.extend(value for _, value in reversed(list(ast.iter_fields(inner))))
            case value if _is_list(value):
                written.append("[")
                stack.append(_Written("]"))
                stack.extend(reversed(value))
            case value:
                written.append(f"{value!r},")
    return "".join(written)


@dataclass(frozen=True, slots=True)
class _Written:
    text: str


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Every node below and including `node`, outermost first, in the order of the text."""
    stack = [node]
    while stack:
        here = stack.pop()
        yield here
        stack.extend(reversed(list(ast.iter_child_nodes(here))))


def line_of(node: ast.AST) -> int | None:
    return getattr(node, "lineno", None)


def is_constant(node: ast.AST, *values: object) -> bool:
    return isinstance(node, ast.Constant) and any(node.value is value for value in values)


def _walk(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    stack: list[tuple[str, ast.AST]] = [("", tree)]
    while stack:
        scope, node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            scope = f"{scope}::{node.name}" if scope else node.name
        yield scope, node
        stack.extend((scope, child) for child in reversed(list(ast.iter_child_nodes(node))))


def _names(nodes: Sequence[tuple[str, ast.AST]]) -> Mapping[ast.AST, str]:
    """Innermost first, so that each name is one step longer than one that is known."""
    imports = dict(_imports(nodes))
    names: dict[ast.AST, str] = {}
    parts: dict[ast.AST, int] = {}
    for _, node in reversed(nodes):
        if isinstance(node, ast.Name):
            names[node], parts[node] = imports.get(node.id, node.id), 1
        elif isinstance(node, ast.Attribute) and parts.get(node.value, _CHAIN) < _CHAIN:
            names[node], parts[node] = f"{names[node.value]}.{node.attr}", parts[node.value] + 1
    return names


def _imports(nodes: Sequence[tuple[str, ast.AST]]) -> Iterator[tuple[str, str]]:
    for _, node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{'.' * node.level}{node.module or ''}.{alias.name}"
