"""Values that are not what they look like: shared defaults, results that nobody keeps, fractions taken for exact."""

import ast
from collections.abc import Iterator
from itertools import pairwise

from bot.ci.gates.reading import Definition, blocks, bound, dotted, functions, walk

_MAKERS = frozenset(
    {
        *("list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict"),
        *("collections.defaultdict", "collections.deque", "collections.Counter", "collections.OrderedDict"),
    }
)
_PURE = frozenset({"sorted", "reversed", "enumerate", "zip", "map", "filter", "abs", "round"})
_PURE_METHODS = frozenset(
    {"strip", "lstrip", "rstrip", "casefold", "swapcase", "capitalize", "zfill", "removeprefix", "removesuffix"}
)


_EXACT = 1024
"""Fractions of halves, quarters and so on are what they say."""


def mutable_default(tree: ast.Module) -> Iterator[ast.AST]:
    """A default that all calls share and any of them can change (https://docs.python.org/3/faq/programming.html)."""
    for node in walk(tree):
        if isinstance(node, Definition | ast.Lambda):
            defaults = (*node.args.defaults, *node.args.kw_defaults)
            yield from (default for default in defaults if default is not None and _is_mutable(default))


def float_equality(tree: ast.Module) -> Iterator[ast.AST]:
    """`==` or `!=` with a decimal fraction, which no binary number equals exactly."""
    for node in walk(tree):
        if isinstance(node, ast.Compare):
            sides = list(pairwise([node.left, *node.comparators]))
            compared = zip(node.ops, sides, strict=True)
            if any(isinstance(sign, ast.Eq | ast.NotEq) and any(map(_is_fraction, pair)) for sign, pair in compared):
                yield node


def discarded_result(tree: ast.Module) -> Iterator[ast.AST]:
    """A call without any effect whose result goes nowhere: a builtin's, or a method of a parameter that is text.

    Not inside `try` and `with`: there it may be asked whether the call raises.
    """
    own = bound(tree)
    asked = {id(node) for each in walk(tree) if isinstance(each, ast.Try | ast.With) for node in each.body}
    texts = {id(node): _texts(each) for each in walk(tree) if isinstance(each, Definition) for node in walk(each)}
    for block in blocks(tree):
        for statement in block:
            match statement:
                case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
                    found = name in _PURE and name not in own
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name))):
                    found = name in _PURE_METHODS and owner in texts.get(id(statement), ())
                case _:
                    found = False
            if found and id(statement) not in asked:
                yield statement


def missing_await(tree: ast.Module) -> Iterator[ast.AST]:
    """A coroutine of this very module, called as a statement of its own: it never runs."""
    names = bound(tree)
    plain = {
        node.name for node, owner in functions(tree) if owner is None and _is_coroutine(node) and names[node.name] == 1
    }
    for node in walk(tree):
        match node:
            case ast.Expr(value=ast.Call(func=ast.Name(id=name))) if name in plain:
                yield node
            case ast.ClassDef():
                yield from _unawaited_methods(node)
            case _:
                pass


def _unawaited_methods(owner: ast.ClassDef) -> Iterator[ast.AST]:
    methods = [node for node in owner.body if isinstance(node, Definition)]
    defined = [node.name for node in methods]
    waiting = {node.name for node in methods if _is_coroutine(node) and defined.count(node.name) == 1}
    for method in methods:
        for node in walk(method):
            match node:
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name))):
                    if name in waiting:
                        yield node
                case _:
                    pass


def _texts(node: Definition) -> frozenset[str]:
    """Parameters that are annotated as text."""
    arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    return frozenset(each.arg for each in arguments if each.annotation is not None and dotted(each.annotation) == "str")


def _is_coroutine(node: Definition) -> bool:
    """A decorator may make anything of it."""
    return isinstance(node, ast.AsyncFunctionDef) and not node.decorator_list


def _is_mutable(node: ast.expr) -> bool:
    match node:
        case ast.List() | ast.Dict() | ast.Set() | ast.ListComp() | ast.DictComp() | ast.SetComp():
            return True
        case ast.Call(func=function):
            return dotted(function) in _MAKERS
        case _:
            return False


def _is_fraction(node: ast.expr) -> bool:
    match node:
        case ast.UnaryOp(operand=ast.Constant(value=float(value))) | ast.Constant(value=float(value)):
            return not (value * _EXACT).is_integer()
        case _:
            return False
