"""What looks like a trick and cannot be decided by rule: shown to people, with no effect on the verdict."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator

from bot.ci.tampering.change import Change
from bot.ci.tampering.places import is_test
from bot.ci.tampering.source import Source, line_of
from bot.model.validation import TamperFinding, TamperRule

_BROAD = frozenset({"Exception", "BaseException", "AssertionError", "builtins.Exception", "builtins.BaseException"})
_MARKERS = frozenset({"PYTEST_CURRENT_TEST", "PYTEST_VERSION", "PYTEST_XDIST_WORKER", "_called_from_test"})
_ORDINARY = frozenset({"", "0", "1", "-1", "2"})

Seen = Iterator[tuple[str, str, int | None]]


def swallowed_errors(change: Change) -> Iterator[TamperFinding]:
    """New handlers that catch everything and do nothing."""
    yield from _new(change, "error-swallowed", _swallowed)


def detected_tests(change: Change) -> Iterator[TamperFinding]:
    """New code outside the tests that asks whether it is tested, or answers one input by rote."""
    yield from _new(change, "test-detected", _detected)


def _new(change: Change, rule: TamperRule, seen: Callable[[Source], Seen]) -> Iterator[TamperFinding]:
    for file, base, head in change.sources():
        if is_test(file.path):
            continue
        known = Counter(each[:2] for each in seen(base)) if base else Counter[tuple[str, str]]()
        for scope, what, line in seen(head):
            known[scope, what] -= 1
            if known[scope, what] < 0:
                yield TamperFinding(rule, file.path, line, what, suspicion=True)


def _swallowed(source: Source) -> Seen:
    for scope, node in source.nodes:
        drops = isinstance(node, ast.ExceptHandler) and _drops(source, node)
        if drops or (isinstance(node, ast.Call) and _suppresses(source, node)):
            yield scope, "every error is caught and dropped", line_of(node)


def _drops(source: Source, handler: ast.ExceptHandler) -> bool:
    return _is_broad(source, handler.type) and all(map(_does_nothing, handler.body))


def _suppresses(source: Source, call: ast.Call) -> bool:
    named = (source.name_of(each) for each in call.args)
    return source.name_of(call.func) == "contextlib.suppress" and any(name in _BROAD for name in named)


def _is_broad(source: Source, caught: ast.expr | None) -> bool:
    named = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(each is None or source.name_of(each) in _BROAD for each in named)


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Continue() | ast.Break() | ast.Return(value=None | ast.Constant()):
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case _:
            return False


def _detected(source: Source) -> Seen:
    for scope, node in source.nodes:
        match node:
            case ast.Constant(value=str(text)) if text in _MARKERS:
                yield scope, f"{text!r} tells whether pytest runs", line_of(node)
            case ast.Compare(left=ast.Constant(value="pytest" | "unittest"), comparators=[modules]) if (
                source.name_of(modules) == "sys.modules"
            ):
                yield scope, "'sys.modules' is asked for the test runner", line_of(node)
            case (
                ast.Subscript(value=modules, slice=ast.Constant(value="pytest" | "unittest"))
                | ast.Call(
                    func=ast.Attribute(attr="get", value=modules), args=[ast.Constant(value="pytest" | "unittest"), *_]
                )
            ) if source.name_of(modules) == "sys.modules":
                yield scope, "'sys.modules' is asked for the test runner", line_of(node)
            case ast.If(
                test=ast.Compare(left=ast.Name(), ops=[ast.Eq()], comparators=[asked]), body=[ast.Return(value=answer)]
            ) if _is_telling(asked) and _is_telling(answer):
                yield scope, "one input has an answer of its own", line_of(node)
            case _:
                continue


def _is_telling(value: ast.expr | None) -> bool:
    """Whether a literal is none of those that every program treats specially."""
    match value:
        case ast.Constant(value=bool() | None):
            return False
        case ast.Constant(value=str() | int() | float() | bytes() as literal):
            return str(literal)[:8] not in _ORDINARY
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as literal)):
            return str(-literal)[:8] not in _ORDINARY
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return bool(items) and all(isinstance(each, ast.Constant) for each in items)
        case _:
            return False
