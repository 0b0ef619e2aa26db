"""Code that reaches for the process that judges it: its end, its exit code, its hooks, its comparisons."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.ci.tampering.assertions import cannot_be_false
from bot.ci.tampering.change import Change
from bot.ci.tampering.places import is_test
from bot.ci.tampering.source import Source, is_constant, line_of
from bot.model.validation import TamperFinding, TamperRule

_ABRUPT = frozenset({"os._exit", "os.abort", "posix._exit", "_thread.interrupt_main", "signal.raise_signal"})
_LEAVING = frozenset({"sys.exit", "exit", "quit", "SystemExit", "pytest.exit"})
_LATE = frozenset({"atexit.register", "threading._register_atexit"})
_HARMLESS_HOOKS = frozenset(
    {
        *("pytest_addoption", "pytest_addhooks", "pytest_assertrepr_compare", "pytest_report_header"),
        *("pytest_make_parametrize_id", "pytest_terminal_summary", "pytest_report_collectionfinish"),
        "pytest_generate_tests",
    }
)
_REGISTERING = ("pluginmanager.register", "pluginmanager.import_plugin", "pluginmanager.unregister")


@dataclass(frozen=True, slots=True)
class _Seen:
    scope: str
    what: str
    line: int | None
    suspicion: bool = False


def early_exits(change: Change) -> Iterator[TamperFinding]:
    """New code that ends the process at once, or at import, or that runs at its very end."""
    yield from _new(change, "process-exited", _exits)


def pytest_hooks(change: Change) -> Iterator[TamperFinding]:
    """New hooks of pytest, wherever they are defined, that can change what is run or what is reported."""
    yield from _new(change, "report-forged", _hooks)


def faked_equality(change: Change) -> Iterator[TamperFinding]:
    """New comparisons that have one result only."""
    yield from _new(change, "equality-faked", _comparisons)


def _new(change: Change, rule: TamperRule, seen: Callable[[Source, str], Iterator[_Seen]]) -> Iterator[TamperFinding]:
    for file, base, head in change.sources():
        if file.path in change.allowed.paths:
            continue
        known = (
            Counter((each.scope, each.what) for each in seen(base, file.path)) if base else Counter[tuple[str, str]]()
        )
        for each in seen(head, file.path):
            known[each.scope, each.what] -= 1
            if known[each.scope, each.what] < 0:
                yield TamperFinding(rule, file.path, each.line, each.what, suspicion=each.suspicion)


def _exits(source: Source, path: str) -> Iterator[_Seen]:
    spared = _main_blocks(source) if not path.endswith("__main__.py") else None
    functions = _inside_functions(source)
    for scope, node in source.nodes:
        if isinstance(node, ast.Attribute | ast.Name) and source.name_of(node) in _ABRUPT:
            yield _Seen(scope, f"{source.name_of(node)!r} ends the process before it can report", line_of(node))
        elif isinstance(node, ast.Attribute | ast.Name) and source.name_of(node) in _LATE:
            name = source.name_of(node)
            yield _Seen(scope, f"{name!r} runs after the report", line_of(node), suspicion=not is_test(path))
        elif isinstance(node, ast.Call | ast.Raise) and spared is not None:
            left = node if isinstance(node, ast.Call) else node.exc
            if left is not None and source.called(left) in _LEAVING and id(node) not in functions | spared:
                yield _Seen(scope, f"{source.called(left)!r} ends the process at import", line_of(node))


def _inside_functions(source: Source) -> set[int]:
    """Nodes that do not run at import."""
    inside: set[int] = set()
    for _, node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or id(node) in inside:
            inside.update(id(child) for child in ast.iter_child_nodes(node))
    return inside


def _main_blocks(source: Source) -> set[int]:
    """Nodes below `if __name__ == "__main__":`."""
    inside: set[int] = set()
    for _, node in source.nodes:
        if id(node) in inside:
            inside.update(id(child) for child in ast.iter_child_nodes(node))
        elif isinstance(node, ast.If) and _asks_for_main(node.test):
            inside.update(id(child) for child in node.body)
    return inside


def _asks_for_main(test: ast.expr) -> bool:
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
        case _:
            return False


def _hooks(source: Source, path: str) -> Iterator[_Seen]:
    for scope, node in source.nodes:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if _is_hook(name):
                yield _Seen(scope, f"{name!r} is a hook of pytest", line_of(node))
            case ast.Assign(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Name) and (_is_hook(target.id) or target.id == "pytest_plugins"):
                        yield _Seen(scope, f"{target.id!r} is a hook of pytest", line_of(node))
            case ast.keyword(arg="specname", value=ast.Constant(value=str(name))) if _is_hook(name):
                yield _Seen(scope, f"{name!r} is a hook of pytest", line_of(node.value))
            case ast.Attribute() if source.name_of(node).endswith(_REGISTERING):
                yield _Seen(scope, f"{source.name_of(node)!r} changes the plugins of pytest", line_of(node))
            case _:
                continue


def _is_hook(name: str) -> bool:
    return name.startswith("pytest_") and name not in _HARMLESS_HOOKS and name != "pytest_plugins"


def _comparisons(source: Source, path: str) -> Iterator[_Seen]:
    for scope, node in source.nodes:
        match node:
            case ast.FunctionDef(name="__eq__" | "__ne__" as name, body=[*_, ast.Return(value=ast.expr() as value)]):
                if _has_one_result(name, value) and _returns(node) == 1:
                    yield _Seen(scope, f"{name!r} has the same result for everything", line_of(node))
            case ast.Assign(
                targets=[ast.Name(id="__eq__" | "__ne__" as name) | ast.Attribute(attr="__eq__" | "__ne__" as name)],
                value=ast.Lambda(body=value),
            ) if _has_one_result(name, value):
                yield _Seen(scope, f"{name!r} has the same result for everything", line_of(node))
            case _:
                continue


def _has_one_result(name: str, value: ast.expr) -> bool:
    return cannot_be_false(value) if name == "__eq__" else is_constant(value, False)


def _returns(function: ast.FunctionDef) -> int:
    return sum(isinstance(node, ast.Return) for node in ast.walk(function))
