"""What a file of tests consists of, so that two versions can be compared piece by piece: tests, support, statements.

A piece is told from its like by its qualified name, and its shape says whether it is still the same. What stands
around a piece (a condition, a `try`) is part of its shape, so wrapping a test in `if False:` is an edit of it.
"""

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bot.ci.tampering.marks import is_mark, is_skipping_statement
from bot.ci.tampering.source import Source, shape_of

Definition = ast.FunctionDef | ast.AsyncFunctionDef
_SET_UPS = frozenset(
    {
        *("setup_module", "setup_class", "setup_method", "setup_function", "setup", "setUp", "setUpClass"),
        *("setUpModule", "asyncSetUp", "teardown_module", "teardown_class", "teardown_method", "teardown_function"),
        *("tearDown", "tearDownClass", "tearDownModule", "asyncTearDown", "pytest_generate_tests"),
    }
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A function, or the head of a class."""

    name: str
    """Qualified by its classes, parts joined by `::`."""
    shape: str
    node: Definition | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Statement:
    shape: str
    node: ast.stmt


@dataclass(frozen=True, slots=True)
class Units:
    """The pieces of one version."""

    tests: tuple[Unit, ...]
    support: tuple[Unit, ...]
    statements: tuple[Statement, ...]
    bindings: Counter[tuple[str, str]]
    """How often a name of the module is bound, and by what: the dotted source of an import, `def`, `=`."""
    parameters: frozenset[str]
    """Names by which functions ask for fixtures."""


def units_of(source: Source) -> Units:
    """Take a file apart; functions inside functions belong to these."""
    tests: list[Unit] = []
    support: list[Unit] = []
    statements: list[Statement] = []
    bindings: Counter[tuple[str, str]] = Counter()
    for scope, context, node in _pieces(source):
        if not scope:
            bindings.update(_bound(node))
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                unit = Unit(f"{scope}{node.name}", context + _function_shape(source, node), node)
                (tests if node.name.startswith("test") else support).append(unit)
            case ast.ClassDef():
                support.append(Unit(f"{scope}{node.name}", context + _class_shape(source, node), node))
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()) | ast.Pass():
                continue
            case _ if not is_skipping_statement(source, node):
                statements.append(Statement(f"{scope} {context}{shape_of(node)}", node))
            case _:
                continue
    parameters = frozenset(
        argument.arg
        for unit in (*tests, *support)
        if not isinstance(unit.node, ast.ClassDef)
        for argument in (*unit.node.args.args, *unit.node.args.kwonlyargs)
    )
    return Units(tuple(tests), tuple(support), tuple(statements), bindings, parameters)


def acts_unasked(source: Source, unit: Unit) -> bool:
    """Whether a new function changes how the tests beside it run: a set-up method, a fixture that all tests use."""
    if isinstance(unit.node, ast.ClassDef):
        return False
    if unit.node.name in _SET_UPS:
        return True
    return any(
        keyword.arg == "autouse" and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
        for keyword in _fixture_options(source, unit)
    )


def is_fixture(source: Source, unit: Unit) -> bool:
    return any(source.called(each).rpartition(".")[2] == "fixture" for each in unit.node.decorator_list)


def binds_only_names(statement: ast.stmt) -> bool:
    """Whether a statement does no more than give values to plain names that mean nothing to pytest."""
    match statement:
        case ast.Assign(targets=targets):
            return all(isinstance(target, ast.Name) and target.id != "pytestmark" for target in targets)
        case ast.AnnAssign(target=ast.Name()):
            return True
        case _:
            return False


def _fixture_options(source: Source, unit: Unit) -> Iterator[ast.keyword]:
    for decorator in unit.node.decorator_list:
        if isinstance(decorator, ast.Call):
            yield from decorator.keywords


def _pieces(source: Source) -> Iterator[tuple[str, str, ast.stmt]]:
    """Scope, what stands around, statement; in the order of the text."""
    stack: list[tuple[str, str, ast.stmt]] = [("", "", node) for node in reversed(source.body)]
    while stack:
        scope, context, node = stack.pop()
        match node:
            case ast.ClassDef():
                yield scope, context, node
                stack.extend((f"{scope}{node.name}::", context, each) for each in reversed(node.body))
            case ast.If():
                condition = shape_of(node.test)
                for branch, body in (("else", node.orelse), ("if", node.body)):
                    around = _digest(f"{context} {branch} {condition}")
                    stack.extend((scope, around, each) for each in reversed(body))
            case ast.Try():
                handled = [each for handler in node.handlers for each in handler.body]
                for branch, body in (("finally", node.finalbody), ("else", node.orelse), ("except", handled)):
                    stack.extend((scope, _digest(f"{context} {branch}"), each) for each in reversed(body))
                stack.extend((scope, _digest(f"{context} try"), each) for each in reversed(node.body))
            case _:
                yield scope, context, node


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _function_shape(source: Source, node: Definition) -> str:
    """Without what is said of it elsewhere: its documentation, and marks that skip or retry."""
    documented = node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
    kept = [each for each in node.decorator_list if not is_mark(source, each)]
    parts = [node.args, *kept, *(node.body[1:] if documented else node.body)]
    return " ".join([type(node).__name__, *map(shape_of, parts)])


def _class_shape(source: Source, node: ast.ClassDef) -> str:
    kept = [each for each in node.decorator_list if not is_mark(source, each)]
    return " ".join(map(shape_of, [*node.bases, *node.keywords, *kept]))


def _bound(node: ast.stmt) -> Iterator[tuple[str, str]]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, "def"
        case ast.Import(names=names):
            for alias in names:
                yield alias.asname or alias.name.partition(".")[0], alias.name.partition(".")[0]
        case ast.ImportFrom(names=names):
            for alias in names:
                yield alias.asname or alias.name, f"{'.' * node.level}{node.module or ''}.{alias.name}"
        case ast.Assign(targets=targets):
            yield from ((target.id, "=") for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name, "="
        case _:
            return
