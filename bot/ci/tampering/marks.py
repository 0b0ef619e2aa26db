"""Marks by which a test is not run, or is run until it passes."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator

from bot.ci.tampering.change import Change, ChangedFile
from bot.ci.tampering.places import is_test
from bot.ci.tampering.source import Source, is_constant, line_of
from bot.model.validation import TamperFinding, TamperRule

Marks = Iterator[tuple[str, str, int | None]]
"""Scope, what is used there, line."""
Sources = Iterator[tuple[ChangedFile, Source | None, Source]]

_SKIPS = (
    *("pytest.skip", "pytest.xfail", "pytest.importorskip", "pytest.exit"),
    *("pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail"),
    *("unittest.skip", "unittest.skipIf", "unittest.skipUnless", "unittest.expectedFailure", "unittest.SkipTest"),
    *("unittest.case.SkipTest", "_pytest.outcomes.Skipped", "_pytest.outcomes.skip", "nose.SkipTest"),
)
_SKIPPING_METHODS = frozenset({"skipTest"})
_UNCOLLECTED = frozenset({"collect_ignore", "collect_ignore_glob"})
_RETRIES = (
    *("pytest.mark.flaky", "flaky.flaky", "pytest.mark.retry", "pytest.mark.repeat", "flaky"),
    *("tenacity.retry", "retrying.retry", "retry.retry", "retry.api.retry", "backoff.on_exception", "stamina.retry"),
)
_RETRY_OPTIONS = frozenset({"reruns", "max_runs", "min_passes"})


def skipped_tests(change: Change) -> Iterator[TamperFinding]:
    """New marks and calls that skip a test or expect it to fail, beyond the number that is allowed."""
    found = list(_new(change, change.sources(), "test-skipped", _skips, "keeps a test from running"))
    yield from found[change.allowed.new_skips :]


def retried_tests(change: Change) -> Iterator[TamperFinding]:
    """New marks that run a failing test again."""
    tests = (each for each in change.sources() if is_test(each[0].path))
    yield from _new(change, tests, "test-retried", _retries, "runs a failing test again")


def _skips(source: Source) -> Marks:
    """Every use of a means to skip, by its outermost name: `pytest.mark.skip(…)` is one use."""
    inner: set[int] = set()
    for scope, node in source.nodes:
        if id(node) in inner:
            continue
        name = source.name_of(node)
        if _is_skip(name) or (isinstance(node, ast.Attribute) and node.attr in _SKIPPING_METHODS):
            inner.update(_parts(node))
            yield scope, name or "skipTest", line_of(node)
        elif (
            isinstance(node, ast.Assign) and is_constant(node.value, False) and _assigns(node, frozenset({"__test__"}))
        ):
            yield scope, "__test__ = False", line_of(node)
        elif isinstance(node, ast.Assign) and _assigns(node, _UNCOLLECTED):
            yield scope, "collect_ignore", line_of(node)


def is_mark(source: Source, decorator: ast.expr) -> bool:
    """Whether a decorator only skips or retries, so that the gates of this module speak of it."""
    name = source.called(decorator)
    return _is_skip(name) or _is_retry(source, decorator)


def is_skipping_statement(source: Source, statement: ast.stmt) -> bool:
    """Whether a statement of a module does nothing but skip: `pytest.skip(…)`, `pytestmark = …`, `raise SkipTest`."""
    match statement:
        case ast.Expr(value=ast.Call() as call):
            return _is_skip(source.called(call))
        case ast.Assign(targets=[ast.Name(id="__test__" | "collect_ignore" | "collect_ignore_glob")]):
            return True
        case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
            return all(is_mark(source, mark) for mark in _marks(value))
        case ast.Raise(exc=ast.expr() as raised):
            return _is_skip(source.called(raised))
        case _:
            return False


def _retries(source: Source) -> Marks:
    for scope, node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                if _is_retry(source, decorator):
                    yield scope, source.called(decorator), line_of(decorator)
        elif isinstance(node, ast.Assign) and _assigns(node, frozenset({"pytestmark"})):
            for value in _marks(node.value):
                if _is_retry(source, value):
                    yield scope, source.called(value), line_of(value)


def _is_skip(name: str) -> bool:
    return name.startswith(_SKIPS) and (name in _SKIPS or name.startswith(tuple(f"{skip}." for skip in _SKIPS)))


def _is_retry(source: Source, decorator: ast.expr) -> bool:
    options = decorator.keywords if isinstance(decorator, ast.Call) else []
    return source.called(decorator) in _RETRIES or any(option.arg in _RETRY_OPTIONS for option in options)


def _marks(value: ast.expr) -> list[ast.expr]:
    return value.elts if isinstance(value, ast.List | ast.Tuple) else [value]


def _parts(node: ast.AST) -> Iterator[int]:
    while isinstance(node, ast.Attribute):
        node = node.value
        yield id(node)


def _assigns(node: ast.Assign, names: frozenset[str]) -> bool:
    return any(isinstance(target, ast.Name) and target.id in names for target in node.targets)


def _new(
    change: Change, files: Sources, rule: TamperRule, marks: Callable[[Source], Marks], does: str
) -> Iterator[TamperFinding]:
    """What the head has more often than the base, at the same place of the same file."""
    for file, base, head in files:
        known = Counter((scope, name) for scope, name, _ in marks(base)) if base else Counter[tuple[str, str]]()
        for scope, name, line in marks(head):
            known[scope, name] -= 1
            test = f"{file.path}::{scope}" if scope else file.path
            if known[scope, name] < 0 and not change.allowed.may_vanish(test):
                yield TamperFinding(rule, file.path, line, f"{name!r} in {test!r} {does}")
