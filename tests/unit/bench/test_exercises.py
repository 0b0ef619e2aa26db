"""The problems as tasks: clean where their authors left them clean, red before the work and green after it."""

import json
import subprocess
import sys
from pathlib import Path

from bot.bench.exercises import exercise_of, exercises, repositories, title_of


def test_no_linter_minds_a_solution_or_a_test(tmp_path: Path) -> None:
    for each in exercises():
        (tmp_path / each.path).write_text(each.solution)
        (tmp_path / Path(each.test_path).name).write_text(each.test)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--ignore-noqa", "--exit-zero"]
    options = ["--select", "E4,E7,E9,F", "--output-format", "json", str(tmp_path)]
    done = subprocess.run([*command, *options], capture_output=True, check=True)

    assert json.loads(done.stdout) == []
    assert len(exercises()) > 100


def test_the_tests_are_red_on_the_stubs_and_green_on_the_solutions(tmp_path: Path) -> None:
    chosen = exercises()
    outcomes: list[str] = []
    for state in ("stub", "solution"):
        place = tmp_path / state
        place.mkdir()
        for each in chosen:
            (place / each.path).write_text(each.stub if state == "stub" else each.solution)
            (place / Path(each.test_path).name).write_text(each.test)
        command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider", "--rootdir", str(place)]
        done = subprocess.run([*command, str(place)], capture_output=True, text=True, check=False, cwd=place)
        outcomes.append(done.stdout.splitlines()[-1])

    assert outcomes[0].startswith(f"{len(chosen)} failed")
    assert outcomes[1].startswith(f"{len(chosen)} passed")


def test_a_base_branch_has_the_stubs_and_none_of_the_tests() -> None:
    files = repositories(exercises())
    assert set(files) == {"lists", "text", "numbers"}
    assert sum(path.startswith("problem_") for held in files.values() for path in held) == len(exercises())
    assert not any(path.startswith("tests/") for held in files.values() for path in held)


def test_a_title_names_its_problem() -> None:
    known = {each.id: each for each in exercises()}
    first = exercises()[0]
    assert exercise_of(title_of(first, 7), known) is first
    assert title_of(first, 7) != title_of(first, 8)
    assert exercise_of("Something else: no problem", known) is None


def test_an_issue_says_all_that_is_needed() -> None:
    for each in exercises():
        assert each.prompt.strip() in each.body
        assert each.test in each.body
        assert each.solution.removeprefix(each.prompt.rstrip()).strip() not in each.body
