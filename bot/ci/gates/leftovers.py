"""What was left behind: trials at the top of a module, and functions that were promised and not written."""

import ast
from collections.abc import Iterator

from bot.ci.gates.reading import Definition, at_import, dotted, functions, without_docstring


def top_level_print(tree: ast.Module) -> Iterator[ast.AST]:
    """Output when a module is imported."""
    for statement in at_import(tree):
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
                yield statement
            case _:
                pass


def top_level_assert(tree: ast.Module) -> Iterator[ast.AST]:
    """An assertion when a module is imported."""
    yield from (statement for statement in at_import(tree) if isinstance(statement, ast.Assert))


def unfinished_function(tree: ast.Module) -> Iterator[ast.AST]:
    """A function whose whole body stands for one that is to be written.

    Something that does nothing on purpose says `-> None`, or only why; what is decorated has its body elsewhere; and a
    method of a class that has bases, or one that raises NotImplementedError, is a place for another class's body.
    """
    for node, owner in functions(tree):
        if node.decorator_list or node.name.startswith("__") or (owner is not None and (owner.bases or owner.keywords)):
            continue
        body = without_docstring(node.body)
        postponed = owner is None and len(body) == 1 and _raises_not_implemented(body[0])
        if postponed or (body and all(map(_is_blank, body)) and _promises(node, owner)):
            yield node


def _promises(node: Definition, owner: ast.ClassDef | None) -> bool:
    match node.returns:
        case None:
            return owner is None
        case ast.Constant(value=None):
            return False
        case _:
            return True


def _is_blank(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass():
            return True
        case ast.Expr(value=ast.Constant(value=value)):
            return value is ...
        case _:
            return False


def _raises_not_implemented(statement: ast.stmt) -> bool:
    match statement:
        case ast.Raise(exc=ast.Call(func=raised)) | ast.Raise(exc=ast.expr() as raised):
            return dotted(raised) == "NotImplementedError"
        case _:
            return False
