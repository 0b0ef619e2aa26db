"""How much an assertion can notice: the order by which a weaker one that stands for a stronger one is found."""

import ast
from dataclasses import dataclass
from typing import Literal

from bot.ci.tampering.source import Source, is_constant, line_of, shape_of, walk

Strength = Literal[0, 1, 2, 3, 4]
"""0 cannot fail · 1 notices little: truth, difference, any exception · 2 an order, a member · 3 a value · 4 value and
words of an exception."""

_WIDE = frozenset({"Exception", "BaseException", "builtins.Exception", "builtins.BaseException"})
_WEAK_METHODS = frozenset(
    {"assertTrue", "assertFalse", "assertIsNotNone", "assertNotEqual", "assertIsInstance", "assertIsNot", "assertNotIn"}
)
_MIDDLE_METHODS = frozenset(
    {"assertIn", "assertGreater", "assertGreaterEqual", "assertLess", "assertLessEqual", "assertAlmostEqual"}
)
_RAISES = frozenset({"pytest.raises", "pytest.warns", "pytest.deprecated_call"})
_RAISES_METHODS = frozenset({"assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex"})


@dataclass(frozen=True, slots=True)
class Assertion:
    shape: str
    strength: Strength
    line: int | None


def assertions(source: Source, test: ast.AST) -> tuple[Assertion, ...]:
    """Every assertion of a test, wherever in it: `assert`, expected exceptions, unittest's methods, mocks' methods."""
    found: list[Assertion] = []
    for node in walk(test):
        if isinstance(node, ast.Assert):
            # Without its message: rewording is no weakening
            found.append(Assertion(shape_of(node.test), _strength(source, node.test), line_of(node)))
        elif isinstance(node, ast.Call):
            strength = _call_strength(source, node)
            if strength is not None:
                found.append(Assertion(shape_of(node), strength, line_of(node)))
    return tuple(found)


def cannot_be_false(test: ast.expr) -> bool:
    """Whether an expression is true whatever the code under test does, as far as its form tells."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return bool(items)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Constant(value=value)):
            return not value
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(isinstance(value, ast.Constant) and bool(value.value) for value in values)
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is() | ast.LtE() | ast.GtE()], comparators=[right]):
            return shape_of(left) == shape_of(right)
        case ast.Call(func=ast.Name(id="isinstance"), args=[_, ast.Name(id="object")]):
            return True
        case _:
            return False


def _strength(source: Source, test: ast.expr) -> Strength:
    if cannot_be_false(test):
        return 0
    match test:
        case ast.Compare(ops=[*_, ast.IsNot() | ast.NotEq() | ast.NotIn()]):
            return 1
        case ast.Compare(ops=[*_, ast.Eq() | ast.Is()]):
            return 3
        case ast.Compare():
            return 2
        case ast.BoolOp(op=ast.And(), values=values):
            return max(_flat_strength(value) for value in values)
        case _:
            return 1


def _flat_strength(test: ast.expr) -> Strength:
    return 3 if isinstance(test, ast.Compare) and isinstance(test.ops[-1], ast.Eq | ast.Is) else 1


def _call_strength(source: Source, call: ast.Call) -> Strength | None:
    """None where the call asserts nothing."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else source.name_of(call.func)
    if source.name_of(call.func) in _RAISES or method in _RAISES_METHODS:
        return _raises_strength(source, call)
    if not method.startswith(("assert_", "assert")) or method == "assert_never":
        return None
    if method in ("assertTrue", "assertFalse") and call.args and isinstance(call.args[0], ast.Constant):
        return 0 if is_constant(call.args[0], True, False) else 1
    if len(call.args) > 1 and shape_of(call.args[0]) == shape_of(call.args[1]):
        return 0
    if method in _WEAK_METHODS:
        return 1
    return 2 if method in _MIDDLE_METHODS else 3


def _raises_strength(source: Source, call: ast.Call) -> Strength:
    expected = call.args[:1]
    named = expected[0].elts if expected and isinstance(expected[0], ast.Tuple) else expected
    if not named or any(source.name_of(each) in _WIDE for each in named):
        return 1
    if len(named) > 1:
        return 2
    return 4 if any(keyword.arg == "match" for keyword in call.keywords) or len(call.args) > 1 else 3
