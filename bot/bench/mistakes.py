"""Mistakes: each makes a wrong program of a right one, in the way that its name says.

They work on the text of a module and touch only the function that was asked for. A place where a mistake can't be
made leaves None. Where several places offer themselves, `choice`, a number from 0 to below 1, picks one.
"""

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar, cast

Mistake = Callable[[str, str, float], str | None]
"""(right module, name of the function, choice) -> wrong module."""

Member = TypeVar("Member")
Node = TypeVar("Node", bound=ast.AST)

_INDENT: Final = "    "
_NEXT: Final[dict[type[ast.cmpop], str]] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
}


def unclosed_bracket(source: str, function: str, choice: float) -> str | None:
    """The last bracket of a line is missing: no Python any more."""
    found = _body(source, function)
    lines = source.splitlines()
    closing = re.compile(r"[)\]}](?=[^)\]}]*$)")
    places = [number for number in range(found.first, found.last + 1) if closing.search(lines[number - 1])]
    for number in _from(places, choice):
        wrong = list(lines)
        wrong[number - 1] = closing.sub("", wrong[number - 1])
        text = "\n".join(wrong) + "\n"
        if not _parses(text):
            return text
    return None


def wrong_indentation(source: str, function: str, choice: float) -> str | None:
    """One line stands a step too far to the right: no Python any more."""
    found = _body(source, function)
    lines = source.splitlines()
    for number in _from(range(found.first, found.last + 1), choice):
        wrong = list(lines)
        wrong[number - 1] = f"  {wrong[number - 1]}"
        text = "\n".join(wrong) + "\n"
        if not _parses(text):
            return text
    return None


def undefined_name(source: str, function: str, choice: float) -> str | None:
    """One use of a local name is misspelled."""
    tree, found = _parsed(source, function)
    known = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    known |= {argument.arg for argument in found.args.args}
    used = [node for node in _nodes(found, ast.Name) if isinstance(node.ctx, ast.Load) and node.id in known]
    node = _pick(used, choice)
    return None if node is None else _with(source, node, f"{node.id}_value")


def unused_import(source: str, function: str, choice: float) -> str | None:
    """A module is imported and never used."""
    tree = ast.parse(source)
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    free = [name for name in ("re", "itertools", "collections", "functools") if name not in names]
    return f"import {cast('str', _pick(free, choice))}\n{source}" if free else None


def unused_variable(source: str, function: str, choice: float) -> str | None:
    """A value is worked out, given a name, and forgotten."""
    argument = _pick([each.arg for each in _parsed(source, function)[1].args.args], choice)
    return None if argument is None else _before_body(source, function, [f"original = {argument}"])


def ambiguous_name(source: str, function: str, choice: float) -> str | None:
    """A local variable is called `l`."""
    _, found = _parsed(source, function)
    taken = {node.id for node in _nodes(found, ast.Name)} | {argument.arg for argument in found.args.args}
    local = sorted({node.id for node in _nodes(found, ast.Name) if isinstance(node.ctx, ast.Store)})
    name = _pick([each for each in local if re.fullmatch(r"[a-z_]\w*", each)], choice)
    if name is None or "l" in taken or _has_inner(found):
        return None
    text = source
    for node in sorted(_nodes(found, ast.Name), key=lambda each: (each.lineno, each.col_offset), reverse=True):
        if node.id == name:
            text = _with(text, node, "l")
    return text


def compare_with_none(source: str, function: str, choice: float) -> str | None:
    """An argument is compared with None by `==`."""
    argument = _pick([each.arg for each in _parsed(source, function)[1].args.args], choice)
    guard = [f"if {argument} == None:", f"{_INDENT}raise ValueError('missing')"]
    return None if argument is None else _before_body(source, function, guard)


def bare_except(source: str, function: str, choice: float) -> str | None:
    """The body is wrapped so that any error whatever gives None."""
    body = _body(source, function)
    lines = source.splitlines()
    inner = [f"{_INDENT}{line}" if line.strip() else line for line in lines[body.first - 1 : body.last]]
    wrapped = [f"{_INDENT}try:", *inner, f"{_INDENT}except:", f"{_INDENT * 2}return None"]
    text = "\n".join([*lines[: body.first - 1], *wrapped, *lines[body.last :]]) + "\n"
    return text if _parses(text) else None


def off_by_one(source: str, function: str, choice: float) -> str | None:
    """A whole number, of an index, a range or a result, is one too large."""
    _, found = _parsed(source, function)
    numbers = [node for node in _nodes(found, ast.Constant) if type(node.value) is int]
    node = _pick(numbers, choice)
    return None if node is None else _with(source, node, str(cast("int", node.value) + 1))


def wrong_comparison(source: str, function: str, choice: float) -> str | None:
    """`<` for `<=`, `==` for `!=`, and back."""
    _, found = _parsed(source, function)
    compared = [node for node in _nodes(found, ast.Compare) if len(node.ops) == 1 and type(node.ops[0]) in _NEXT]
    node = _pick(compared, choice)
    if node is None:
        return None
    left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
    return _with(source, node, f"{left} {_NEXT[type(node.ops[0])]} {right}")


def missing_return(source: str, function: str, choice: float) -> str | None:
    """The result is worked out and not given back."""
    _, found = _parsed(source, function)
    last = [node for node in _nodes(found, ast.Return) if node.value is not None]
    node = last[-1] if last else None
    return None if node is None or node.value is None else _with(source, node, ast.unparse(node.value))


@dataclass(frozen=True, slots=True)
class _Body:
    """Lines of a function's statements, docstring aside, from 1."""

    first: int
    last: int


def _parsed(source: str, function: str) -> tuple[ast.Module, ast.FunctionDef]:
    tree = ast.parse(source)
    return tree, next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)


def _body(source: str, function: str) -> _Body:
    _, found = _parsed(source, function)
    code = _code(found)
    return _Body(code[0].lineno, max(node.end_lineno or node.lineno for node in code))


def _code(found: ast.FunctionDef) -> Sequence[ast.stmt]:
    first = found.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return found.body[1:] if documented and len(found.body) > 1 else found.body


def _nodes(found: ast.FunctionDef, kind: type[Node]) -> list[Node]:
    """In the order of the text; a docstring holds none."""
    nodes = [node for statement in _code(found) for node in ast.walk(statement) if isinstance(node, kind)]
    return sorted(nodes, key=lambda node: (getattr(node, "lineno", 0), getattr(node, "col_offset", 0)))


def _has_inner(found: ast.FunctionDef) -> bool:
    """Whether the function holds another one, whose names are its own."""
    return any(
        isinstance(node, ast.FunctionDef | ast.Lambda) for statement in found.body for node in ast.walk(statement)
    )


def _pick(members: Sequence[Member], choice: float) -> Member | None:
    return members[int(choice * len(members))] if members else None


def _from(members: Sequence[int], choice: float) -> Sequence[int]:
    """All of them, the chosen one first."""
    at = int(choice * len(members))
    return [*members[at:], *members[:at]]


def _before_body(source: str, function: str, statements: Sequence[str]) -> str:
    lines = source.splitlines()
    first = _body(source, function).first
    added = [f"{_INDENT}{statement}" for statement in statements]
    return "\n".join([*lines[: first - 1], *added, *lines[first - 1 :]]) + "\n"


def _with(source: str, node: ast.expr | ast.stmt, text: str) -> str:
    """`source` with `text` in the place of a node; columns are counted in bytes."""
    lines = [line.encode() for line in source.splitlines()]
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    before, after = lines[node.lineno - 1][: node.col_offset], lines[node.end_lineno - 1][node.end_col_offset :]
    lines[node.lineno - 1 : node.end_lineno] = (before + text.encode() + after).split(b"\n")
    return b"\n".join(lines).decode() + "\n"


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
