"""The closed list of shapes: what finds each of them, where, what is said of it, and what kind of failure it is."""

import ast
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final, cast

from bot.ci.gates import flow, leftovers, values
from bot.ci.introduced import introduced
from bot.ci.source import parsed
from bot.ci.tampering.places import is_test
from bot.model.failure import Category
from bot.model.gate import CHECK_TOOL, CodePattern, RequiredTest
from bot.model.report import LintFinding

Detector = Callable[[ast.Module], Iterator[ast.AST]]

DETECTORS: Final[Mapping[CodePattern, Detector]] = {
    "changed_while_iterated": flow.changed_while_iterated,
    "discarded_result": values.discarded_result,
    "float_equality": values.float_equality,
    "missing_await": values.missing_await,
    "mutable_default": values.mutable_default,
    "swallowed_exception": flow.swallowed_exception,
    "top_level_assert": leftovers.top_level_assert,
    "top_level_print": leftovers.top_level_print,
    "unbounded_recursion": flow.unbounded_recursion,
    "unfinished_function": leftovers.unfinished_function,
    "unreachable_code": flow.unreachable_code,
}
MESSAGES: Final[Mapping[CodePattern, str]] = {
    "changed_while_iterated": "a loop changes the container that it goes through: list first what is to change",
    "discarded_result": "this call changes nothing and its result is not kept: assign it, or remove the line",
    "float_equality": "a fraction is compared for equality: compare by closeness, or calculate in whole numbers",
    "missing_await": "a coroutine is called and not awaited, so it never runs: await it",
    "mutable_default": "a mutable default is shared by all calls: use None, and make the value inside",
    "swallowed_exception": "a handler for every error does nothing: name the error, and act on it or let it pass on",
    "top_level_assert": "an assertion runs when the module is imported: move it into a test",
    "top_level_print": "output is written when the module is imported: remove it, or return the value",
    "unbounded_recursion": "the function calls itself on its only path: write the case that ends it first",
    "unfinished_function": "the function has no body yet: write it",
    "unreachable_code": "this statement is never reached: remove it, or move it before the end of its block",
}
CATEGORIES: Final[Mapping[CodePattern | RequiredTest, Category]] = {
    "changed_while_iterated": "logic",
    "discarded_result": "logic",
    "float_equality": "logic",
    "missing_await": "runtime",
    "mutable_default": "logic",
    "swallowed_exception": "logic",
    "top_level_assert": "style",
    "top_level_print": "style",
    "unbounded_recursion": "performance",
    "unfinished_function": "logic",
    "unreachable_code": "logic",
    "changed_function": "logic",
}
_OF_SOURCE: Final = frozenset(
    {"discarded_result", "float_equality", "top_level_assert", "top_level_print", "unfinished_function"}
)
"""Not asked of tests: there they are a way to say what is expected."""
_PROGRAM: Final = "__main__.py"


def pattern_findings(
    wanted: Collection[str], paths: Collection[str], head: Mapping[str, str], base: Mapping[str, str]
) -> tuple[LintFinding, ...]:
    """What the changed `paths` bring of the `wanted` patterns, by the texts (path: text) of both trees.

    What the base has too, in the same file or in one that is gone, is not new. A file that does not parse has none;
    names that are no pattern find nothing.
    """
    detectors: dict[CodePattern, Detector] = {}
    for pattern, detector in DETECTORS.items():
        if pattern in wanted:
            detectors[pattern] = detector
    changed = sorted(path for path in paths if path.endswith(".py"))
    found = [finding for path in changed if path in head for finding in _findings(path, head[path], detectors)]
    if not found:
        return ()
    known = [finding for path in changed if path in base for finding in _findings(path, base[path], detectors)]
    return introduced(found, known, _lines(changed, head), _lines(changed, base))


def _findings(path: str, text: str, detectors: Mapping[CodePattern, Detector]) -> Iterator[LintFinding]:
    tree = parsed(text)
    if tree is None:
        return
    for pattern, detector in detectors.items():
        if pattern in _OF_SOURCE and (is_test(path) or path.rpartition("/")[2] == _PROGRAM):
            continue
        lines = {cast("int", getattr(node, "lineno", 0)) for node in detector(tree)}
        yield from (LintFinding(CHECK_TOOL, pattern, path, line, MESSAGES[pattern]) for line in sorted(lines))


def _lines(paths: Collection[str], texts: Mapping[str, str]) -> dict[str, list[str]]:
    return {path: texts[path].splitlines() for path in paths if path in texts}
