"""What the detectors share: statements in their blocks, code that runs at import, dotted names.

Nothing here is recursive, because a tree that can be parsed can still be too deep for a recursive walk.
"""

import ast
from collections.abc import Iterator
from typing import cast

Definition = ast.FunctionDef | ast.AsyncFunctionDef
_CHAIN = 6
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Every node below and including `node`, in the order of the text."""
    stack = [node]
    while stack:
        here = stack.pop()
        yield here
        stack.extend(reversed(list(ast.iter_child_nodes(here))))


def walk_own(node: ast.AST) -> Iterator[ast.AST]:
    """As `walk`, without what stands inside functions and classes below `node`."""
    stack = [node]
    while stack:
        here = stack.pop()
        yield here
        if here is node or not isinstance(here, Definition | ast.ClassDef | ast.Lambda):
            stack.extend(reversed(list(ast.iter_child_nodes(here))))


def blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every sequence of statements."""
    for node in walk(tree):
        for name in _BLOCKS[:3]:
            block = getattr(node, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield cast("list[ast.stmt]", block)


def at_import(tree: ast.Module) -> Iterator[ast.stmt]:
    """Statements that run when a module is imported; not those for `python -m`."""
    stack: list[ast.AST] = list(reversed(tree.body))
    while stack:
        here = stack.pop()
        if isinstance(here, ast.stmt):
            yield here
        if isinstance(here, Definition) or _is_main_guard(here):
            continue
        inner = (getattr(here, name, ()) for name in _BLOCKS)
        below = [child for block in inner if isinstance(block, list) for child in cast("list[ast.AST]", block)]
        stack.extend(reversed(below))


def functions(tree: ast.Module) -> Iterator[tuple[Definition, ast.ClassDef | None]]:
    """The module's own functions and the methods of its classes, each with its class."""
    stack: list[tuple[ast.stmt, ast.ClassDef | None]] = [(node, None) for node in reversed(tree.body)]
    while stack:
        node, owner = stack.pop()
        if isinstance(node, Definition):
            yield node, owner
        elif isinstance(node, ast.ClassDef):
            stack.extend((inner, node) for inner in reversed(node.body))


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a chain of names; empty for everything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < _CHAIN:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def bound(tree: ast.AST) -> dict[str, int]:
    """How often each name is bound in `tree`: assigned, imported, defined, or a parameter."""
    counts: dict[str, int] = {}
    for node in walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                names = [name]
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names = [name]
            case ast.alias(name=name, asname=other):
                names = [other or name.partition(".")[0]]
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names = [name]
            case _:
                names = []
        for each in names:
            counts[each] = counts.get(each, 0) + 1
    return counts


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a body after its docstring."""
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest]:
            return rest
        case _:
            return body


def _is_main_guard(node: ast.AST) -> bool:
    match node:
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return True
        case _:
            return False
