"""Ways that end nowhere: code after a return, endless recursion, errors that vanish, loops that lose their place."""

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.ci.gates.reading import Definition, blocks, bound, dotted, functions, walk, walk_own

_ENDS = ast.Return | ast.Raise | ast.Continue | ast.Break
_BRANCHES = (
    *(ast.If, ast.IfExp, ast.Match, ast.While, ast.For, ast.AsyncFor, ast.Try, ast.TryStar, ast.With, ast.AsyncWith),
    *(ast.BoolOp, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Yield, ast.YieldFrom, ast.Assert),
)
_RESIZING = frozenset({"remove", "pop", "popitem", "insert", "clear", "discard", "add", "popleft", "appendleft"})
_VIEWS = frozenset({"items", "keys", "values"})
_WIDE = frozenset({"Exception", "BaseException"})


def unreachable_code(tree: ast.Module) -> Iterator[ast.AST]:
    """A statement after `return`, `raise`, `continue` or `break` in the same block.

    A `yield` there is the way to make a generator that yields nothing.
    """
    for block in blocks(tree):
        for place, (before, after) in enumerate(pairwise(block), start=1):
            if isinstance(before, _ENDS):
                if not any(_yields(rest) for rest in block[place:]):
                    yield after
                break


def unbounded_recursion(tree: ast.Module) -> Iterator[ast.AST]:
    """A function that calls itself on its only path: it can end by an exhausted stack alone."""
    names = bound(tree)
    for node, owner in functions(tree):
        decorators = [dotted(each) for each in node.decorator_list]
        if owner is None and not decorators and names[node.name] == 1:
            own = node.name
        elif owner is not None and decorators in ([], ["property"]) and node.args.args:
            own = f"{node.args.args[0].arg}.{node.name}"
        else:
            continue
        straight = not any(isinstance(each, _BRANCHES) for each in walk_own(node))
        if straight and _reaches(node.body, own, called=not decorators):
            yield node


def swallowed_exception(tree: ast.Module) -> Iterator[ast.AST]:
    """A handler for everything that does nothing."""
    for node in walk(tree):
        if isinstance(node, ast.ExceptHandler) and _is_wide(node.type) and all(map(_does_nothing, node.body)):
            yield node


def changed_while_iterated(tree: ast.Module) -> Iterator[ast.AST]:
    """A loop that takes elements from, or adds them to, the very container that it goes through.

    What is followed by the end of the loop is sound, and appending to a list that serves as a queue is, too.
    """
    for node in walk(tree):
        if isinstance(node, ast.For) and (name := _iterated(node.iter)) and name not in _assigned(node):
            for block in _blocks_of(node):
                if not isinstance(block[-1], ast.Break | ast.Return | ast.Raise):
                    yield from (statement for statement in block if _resizes(statement, name))


def _yields(node: ast.AST) -> bool:
    if isinstance(node, Definition | ast.ClassDef):
        return False
    return any(isinstance(each, ast.Yield | ast.YieldFrom) for each in walk_own(node))


def _reaches(body: Sequence[ast.stmt], own: str, *, called: bool) -> bool:
    """Whether a straight body comes to `own`; a property is asked for and not called."""
    for statement in body:
        if isinstance(statement, Definition | ast.ClassDef):
            continue
        if any(_asks(node, own, called=called) for node in walk_own(statement)):
            return True
        if isinstance(statement, _ENDS):
            return False
    return False


def _asks(node: ast.AST, own: str, *, called: bool) -> bool:
    if called:
        return isinstance(node, ast.Call) and dotted(node.func) == own
    return isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and dotted(node) == own


def _is_wide(kind: ast.expr | None) -> bool:
    match kind:
        case None:
            return True
        case ast.Tuple(elts=kinds):
            return any(dotted(each) in _WIDE for each in kinds)
        case _:
            return dotted(kind) in _WIDE


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case _:
            return False


def _iterated(node: ast.expr) -> str:
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=view), args=[], keywords=[]) if view in _VIEWS:
            return dotted(value)
        case _:
            return dotted(node)


def _assigned(loop: ast.For) -> set[str]:
    stored = (each for each in walk(loop) if isinstance(each, ast.Name | ast.Attribute))
    return {dotted(each) for each in stored if isinstance(each.ctx, ast.Store)}


def _blocks_of(loop: ast.For) -> Iterator[list[ast.stmt]]:
    inner = {id(each) for node in walk(loop) if isinstance(node, Definition) for each in walk(node)}
    yield from (block for block in blocks(loop) if block is not loop.orelse and id(block[0]) not in inner)


def _resizes(statement: ast.stmt, name: str) -> bool:
    match statement:
        case ast.Delete(targets=targets):
            return any(isinstance(each, ast.Subscript) and dotted(each.value) == name for each in targets)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr=method))):
            return method in _RESIZING and dotted(value) == name
        case ast.Assign(value=ast.Call(func=ast.Attribute(value=value, attr=method))):
            return method in _RESIZING and dotted(value) == name
        case _:
            return False
