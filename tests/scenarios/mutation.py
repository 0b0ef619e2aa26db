"""Wrong programs from right ones: each mutant differs in one place, by a mistake that people and models make.

The operators are pure, and the seed alone decides the order of the mutants, so a first attempt that failed yesterday
fails today.
"""

import ast
import copy
import random
from collections.abc import Callable
from dataclasses import dataclass

Operator = Callable[[ast.AST], ast.AST | None]
"""A copy of a node with the mistake made in it, or None where this node offers no occasion."""

_NEIGHBOURS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OTHER_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A program with one mistake."""

    operator: str
    line: int
    """Of the original."""
    text: str


def swap_comparison(node: ast.AST) -> ast.AST | None:
    """`<` for `<=`, `==` for `!=`, `in` for `not in`, and back."""
    if not isinstance(node, ast.Compare) or type(node.ops[0]) not in _NEIGHBOURS:
        return None
    wrong = copy.deepcopy(node)
    wrong.ops[0] = _NEIGHBOURS[type(node.ops[0])]()
    return wrong


def shift_constant(node: ast.AST) -> ast.AST | None:
    """A whole number that is one too large."""
    if not isinstance(node, ast.Constant) or type(node.value) is not int:
        return None
    return ast.Constant(node.value + 1)


def negate_condition(node: ast.AST) -> ast.AST | None:
    """The other branch is taken."""
    if not isinstance(node, ast.If | ast.IfExp):
        return None
    wrong = copy.deepcopy(node)
    wrong.test = ast.UnaryOp(ast.Not(), wrong.test)
    return wrong


def drop_return(node: ast.AST) -> ast.AST | None:
    """The result is worked out and not given back."""
    if not isinstance(node, ast.Return) or node.value is None:
        return None
    return ast.Expr(copy.deepcopy(node.value))


def swap_arithmetic(node: ast.AST) -> ast.AST | None:
    """`+` for `-`, `*` for `//`, and the like."""
    if not isinstance(node, ast.BinOp) or type(node.op) not in _OTHER_ARITHMETIC:
        return None
    wrong = copy.deepcopy(node)
    wrong.op = _OTHER_ARITHMETIC[type(node.op)]()
    return wrong


OPERATORS: tuple[Operator, ...] = (swap_comparison, shift_constant, negate_condition, drop_return, swap_arithmetic)


def mutants(source: str, seed: int) -> tuple[Mutant, ...]:
    """Every program that one operator makes of `source` at one place, in the order of `seed`.

    Raises SyntaxError where `source` is no Python.
    """
    original = ast.parse(source)
    found: list[Mutant] = []
    for place, node in enumerate(ast.walk(original)):
        for operator in OPERATORS:
            wrong = operator(node)
            if wrong is not None:
                text = ast.unparse(ast.fix_missing_locations(_with(source, place, wrong))) + "\n"
                found.append(Mutant(operator.__name__, getattr(node, "lineno", 0), text))
    random.Random(seed).shuffle(found)
    return tuple(found)


def _with(source: str, place: int, replacement: ast.AST) -> ast.AST:
    tree = ast.parse(source)
    target = next(node for number, node in enumerate(ast.walk(tree)) if number == place)
    return _Replacing(target, replacement).visit(tree)


class _Replacing(ast.NodeTransformer):
    def __init__(self, target: ast.AST, replacement: ast.AST) -> None:
        self._target = target
        self._replacement = replacement

    def visit(self, node: ast.AST) -> ast.AST:
        return self._replacement if node is self._target else self.generic_visit(node)
