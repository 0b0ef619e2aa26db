"""The form of a small model's reply: whether it is clean code, which is the metric, and the program that is in it.

Fixed before any sample is drawn: clean is a reply that begins with code or its fence, and whose code neither prints
nor asserts at the top level. Whether the code is right is another question, which its tests answer. Pure.
"""

import ast
import re
from dataclasses import dataclass
from typing import Final

_CODE_FIRST: Final = re.compile(r"\s*(?:```|def |async def |class |import |from |@|#)")
_FENCED: Final = re.compile(r"```(?:[A-Za-z]+)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)
_TOP_LEVEL: Final = re.compile(r"^(?:print\s*\(|assert\b)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Form:
    """What a reply looks like."""

    prose_first: bool
    loose_statement: bool
    """A print or an assert at the top level."""
    program: str
    """The first fenced block, else the whole reply."""

    @property
    def is_clean(self) -> bool:
        return not self.prose_first and not self.loose_statement


def form_of(reply: str) -> Form:
    """Judged by the text alone; nothing is executed."""
    fenced = _FENCED.search(reply)
    program = fenced[1] if fenced else reply
    return Form(_CODE_FIRST.match(reply) is None, _is_loose(program), program)


def _is_loose(program: str) -> bool:
    """By its tree where it has one, else by its lines."""
    try:
        body = ast.parse(program).body
    except (SyntaxError, ValueError, RecursionError):
        return _TOP_LEVEL.search(program) is not None
    return any(isinstance(node, ast.Assert) or _prints(node) for node in body)


def _prints(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
            return True
        case _:
            return False
