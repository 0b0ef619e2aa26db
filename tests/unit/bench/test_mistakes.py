"""Each mistake really is what its name says, as the tools and the problem's own test find it."""

import ast
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.bench import mistakes
from bot.bench.exercises import Exercise, exercises
from bot.bench.mistakes import Mistake
from tests.sampling import sample

FOUND_BY_RUFF: Mapping[Mistake, str] = {
    mistakes.undefined_name: "F821",
    mistakes.unused_import: "F401",
    mistakes.unused_variable: "F841",
    mistakes.ambiguous_name: "E741",
    mistakes.compare_with_none: "E711",
    mistakes.bare_except: "E722",
}
FOUND_BY_THE_PARSER = (mistakes.unclosed_bracket, mistakes.wrong_indentation)
FOUND_BY_TESTS = (mistakes.off_by_one, mistakes.wrong_comparison, mistakes.missing_return)
LOOP = Exercise(
    number=0,
    entry="total",
    kind="lists",
    prompt='def total(numbers):\n    """Sum of the numbers above 1."""\n',
    solution=(
        'def total(numbers):\n    """Sum of the numbers above 1."""\n    found = 0\n    for number in numbers:\n'
        "        if number > 1:\n            found += int(number)\n    return found\n"
    ),
    test="from problem_000 import total\n\n\ndef test_problem_000():\n    assert total([1, 2, 3]) == 5\n",
)
RUN = """
import sys, types
solution, test, module, name = sys.argv[1:]
made = types.ModuleType(module)
sys.modules[module] = made
exec(solution, made.__dict__)
found = {}
exec(test, found)
found[name]()
"""


def made(mistake: Mistake, exercise: Exercise, choice: float = 0.4) -> str:
    wrong = mistake(exercise.solution, exercise.entry, choice)
    assert wrong is not None
    return wrong


def ending(solution: str, exercise: Exercise) -> str:
    """The last line of what the exercise's own test says; empty where it passes."""
    arguments = [sys.executable, "-I", "-c", RUN, solution, exercise.test, exercise.module, f"test_{exercise.module}"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=20)
    return done.stderr.strip().rpartition("\n")[2]


@pytest.mark.parametrize("mistake", FOUND_BY_THE_PARSER)
def test_no_parser_reads_it_any_more(mistake: Mistake) -> None:
    ast.parse(LOOP.solution)
    for choice in (0.0, 0.5, 0.99):
        with pytest.raises(SyntaxError):
            ast.parse(made(mistake, LOOP, choice))


def test_the_linter_finds_each_by_its_rule(tmp_path: Path) -> None:
    (tmp_path / "right.py").write_text(LOOP.solution)
    for mistake, rule in FOUND_BY_RUFF.items():
        (tmp_path / f"{rule}.py").write_text(made(mistake, LOOP))
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--no-cache",
        "--exit-zero",
        "--select",
        "E4,E7,E9,F",
    ]
    done = subprocess.run([*command, "--output-format", "json", str(tmp_path)], capture_output=True, check=True)

    found = {(Path(each["filename"]).stem, each["code"]) for each in json.loads(done.stdout)}

    assert found == {(rule, rule) for rule in FOUND_BY_RUFF.values()}


def test_what_only_the_linter_minds_passes_the_tests() -> None:
    harmless = [mistake for mistake, rule in FOUND_BY_RUFF.items() if rule != "F821"]
    assert [ending(made(mistake, LOOP), LOOP) for mistake in harmless] == [""] * len(harmless)
    assert ending(made(mistakes.undefined_name, LOOP), LOOP).startswith("NameError")


@pytest.mark.parametrize("mistake", FOUND_BY_TESTS)
def test_the_problem_s_own_test_refuses_it(mistake: Mistake) -> None:
    assert ending(LOOP.solution, LOOP) == ""
    wrong = made(mistake, LOOP)
    ast.parse(wrong)
    assert ending(wrong, LOOP) != ""


def test_a_place_without_occasion_is_left_alone() -> None:
    plain = "def one():\n    return one\n"
    assert mistakes.off_by_one(plain, "one", 0.0) is None
    assert mistakes.wrong_comparison(plain, "one", 0.0) is None
    assert mistakes.unused_variable(plain, "one", 0.0) is None
    assert mistakes.unclosed_bracket(plain, "one", 0.0) is None
    assert mistakes.missing_return("def one():\n    pass\n", "one", 0.0) is None
    assert mistakes.ambiguous_name("def f(l):\n    k = l\n    return k\n", "f", 0.0) is None


def test_every_mistake_can_be_made_in_real_problems() -> None:
    everyone = (*FOUND_BY_THE_PARSER, *FOUND_BY_RUFF, *FOUND_BY_TESTS)
    for exercise in sample(exercises(), 12):
        wrong = {mistake: mistake(exercise.solution, exercise.entry, 0.3) for mistake in everyone}
        made_there = [text for text in wrong.values() if text is not None]
        assert len(made_there) >= 6
        assert exercise.solution not in made_there
