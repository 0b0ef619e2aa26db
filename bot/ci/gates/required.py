"""Required tests: a public function that a change brings or alters is mentioned by some test.

Mentioned, not covered: whether a test shows anything is the business of other gates. A mention is a name in code or a
word of a string (as `mock.patch` takes it); a comment is none.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from bot.ci.gates.reading import Definition, functions, walk, without_docstring
from bot.ci.source import parsed
from bot.ci.tampering.places import is_test
from bot.ci.tampering.source import shape_of
from bot.model.gate import CHECK_TOOL
from bot.model.report import LintFinding

RULE: Final = "changed_function"
_WORD: Final = re.compile(r"[A-Za-z_]\w*+")
_STRING_CHARACTERS: Final = 500
_ELSEWHERE: Final = frozenset({"overload", "abstractmethod"})


def untested(paths: Collection[str], head: Mapping[str, str], base: Mapping[str, str]) -> tuple[LintFinding, ...]:
    """Public functions and methods of the changed `paths` that are new or altered and that no test of the head names.

    Moving a function or rewording its docstring alters nothing. Files that do not parse have no functions.
    """
    changed = sorted(path for path in paths if path.endswith(".py") and not is_test(path))
    before = {(name, shape) for path in changed if path in base for name, shape, _ in _public(base[path])}
    altered = [
        (path, name, line)
        for path in changed
        if path in head
        for name, shape, line in _public(head[path])
        if (name, shape) not in before
    ]
    if not altered:
        return ()
    mentioned = {word for path, text in head.items() if is_test(path) for word in _words(text)}
    return tuple(
        LintFinding(CHECK_TOOL, RULE, path, line, f"no test mentions {name!r}: add one that calls it")
        for path, name, line in altered
        if name.rpartition(".")[2] not in mentioned
    )


def _public(text: str) -> Iterator[tuple[str, str, int]]:
    """Qualified name, shape and line of each public function."""
    tree = parsed(text)
    if tree is None:
        return
    for node, owner in functions(tree):
        if node.name.startswith("_") or (owner is not None and owner.name.startswith("_")) or _is_elsewhere(node):
            continue
        name = f"{owner.name}.{node.name}" if owner is not None else node.name
        body = "".join(shape_of(statement) for statement in without_docstring(node.body))
        yield name, f"{shape_of(node.args)}{body}", node.lineno


def _is_elsewhere(node: Definition) -> bool:
    names = {getattr(each, "attr", getattr(each, "id", "")) for each in node.decorator_list}
    return not names.isdisjoint(_ELSEWHERE)


def _words(text: str) -> Iterator[str]:
    tree = parsed(text)
    if tree is None:
        return
    for node in walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.alias(name=name):
                yield from name.split(".")
            case ast.Constant(value=str(said)):
                yield from _WORD.findall(said[:_STRING_CHARACTERS])
            case _:
                pass
