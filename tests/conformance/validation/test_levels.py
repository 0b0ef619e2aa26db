"""The levels in the real sandbox: cheapest first, stopping at the first that fails, each content once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.jobs.validation import ValidationCache, Workbench, level_text, run_levels
from bot.model.command import Unqualified
from bot.model.validation import LevelResult
from bot.sandbox import Sandbox
from tests.conformance.sandbox.trees import tar_of
from tests.conformance.validation.conftest import MakeBench, install

ADD = "def add(a: int, b: int) -> int:\n    return a - b\n"
FIXED = "def add(a: int, b: int) -> int:\n    return a + b\n"
TEST = "from shop.sums import add\n\n\ndef test_add() -> None:\n    assert add(1, 2) == 3\n"
OTHER = "def test_other() -> None:\n    assert True\n"
SHOP = {
    "src/shop/__init__.py": "",
    "src/shop/sums.py": ADD,
    "src/shop/old.py": "import os\n\nx = 1\n",
    "tests/test_sums.py": TEST,
    "tests/test_other.py": OTHER,
    "README.md": "# Shop\n",
}


def states(results: tuple[LevelResult, ...]) -> list[str]:
    assert [result.level for result in results] == list(range(1, len(results) + 1))
    return [result.status for result in results]


async def test_a_sound_change_passes_every_level_and_is_validated_once(bench_of: MakeBench) -> None:
    work = bench_of(SHOP)
    told: list[LevelResult] = []

    first = await run_levels(work, {"src/shop/sums.py": FIXED}, watch=told.append)
    second = await run_levels(work, {"src/shop/sums.py": FIXED})
    other = await run_levels(work, {"src/shop/sums.py": FIXED + "\n\nZERO = 0\n"}, highest=1)

    assert states(first) == ["passed", "passed", "passed"], first
    assert tuple(told) == first
    assert "1 of 2 test file(s): tests/test_sums.py" in first[2].note
    assert first[1].note == "ruff, bandit"
    assert [result.cached for result in first] == [False, False, False]
    assert [result.cached for result in second] == [True, True, True]
    assert [(each.status, each.note) for each in second] == [(each.status, each.note) for each in first]
    assert [result.cached for result in other] == [False]


async def test_what_does_not_parse_stops_the_rest(bench_of: MakeBench) -> None:
    results = await run_levels(bench_of(SHOP), {"src/shop/sums.py": "def add(:\n"})

    assert states(results) == ["failed", "not run", "not run"]
    (failure,) = results[0].failures
    assert (failure.category, failure.rule, failure.path, failure.line) == (
        "syntax",
        "SyntaxError",
        "src/shop/sums.py",
        1,
    )
    assert [result.note for result in results[1:]] == ["level 1 failed", "level 1 failed"]


async def test_only_what_the_change_introduced_is_blamed_on_it(bench_of: MakeBench) -> None:
    """The unused import of the base moves down and stays excused, in another file too; the new one is found."""
    moved = '"""Old."""\n\nimport os\n\nx = 2\n'
    work = bench_of(SHOP)

    kept = await run_levels(work, {"src/shop/old.py": moved}, highest=2)
    renamed = await run_levels(work, {"src/shop/old.py": None, "src/shop/new.py": moved}, highest=2)
    worse = await run_levels(work, {"src/shop/old.py": "import re  # noqa\nimport os\n\nx = 3\n"}, highest=2)

    assert states(kept) == ["passed", "passed"], kept
    assert states(renamed) == ["passed", "passed"], renamed
    assert states(worse) == ["passed", "failed"]
    assert [(failure.tool, failure.rule, failure.line) for failure in worse[1].failures] == [("ruff", "F401", 1)]


async def test_a_shell_is_a_security_finding_and_an_assertion_none(bench_of: MakeBench) -> None:
    risky = "import subprocess\n\nsubprocess.call(input(), shell=True)  # nosec\n"

    results = await run_levels(bench_of(SHOP), {"src/shop/sums.py": risky, "tests/test_new.py": OTHER}, highest=2)

    assert states(results) == ["passed", "failed"]
    assert [(failure.category, failure.rule) for failure in results[1].failures] == [("security", "B602")]


async def test_the_projects_own_rules_are_heard_beside_the_hardened_ones(bench_of: MakeBench) -> None:
    configured = {**SHOP, "ruff.toml": '[lint]\nselect = ["D100"]\nper-file-ignores = { "tests/*" = ["D"] }\n'}

    results = await run_levels(bench_of(configured), {"src/shop/more.py": "x = 1\n", "tests/test_other.py": OTHER})

    assert states(results) == ["passed", "failed", "not run"]
    assert [(failure.rule, failure.path) for failure in results[1].failures] == [("D100", "src/shop/more.py")]


async def test_a_configured_tool_that_is_not_installed_is_said_to_be_missing(bench_of: MakeBench) -> None:
    results = await run_levels(bench_of({**SHOP, "mypy.ini": "[mypy]\n"}), {"src/shop/sums.py": FIXED}, highest=2)

    assert states(results) == ["passed", "passed"]
    assert results[1].note == "ruff, bandit; not run: mypy: not among the installed dependencies"


async def test_a_test_that_fails_is_told_typed_unless_it_is_known_to(bench_of: MakeBench) -> None:
    work = bench_of(SHOP)
    overlay = {"src/shop/sums.py": f"{ADD}\n\nZERO = 0\n"}

    red = await run_levels(work, overlay)
    known = await run_levels(work, overlay, known_red=frozenset({"tests/test_sums.py::test_add"}))

    assert states(red) == ["passed", "passed", "failed"]
    (failure,) = red[2].failures
    assert (failure.test, failure.rule, failure.source) == ("tests/test_sums.py::test_add", "AssertionError", "sandbox")
    assert failure.fingerprint
    assert states(known) == ["passed", "passed", "passed"]
    assert known[2].cached
    assert "known to fail: tests/test_sums.py::test_add" in known[2].note
    text = level_text(red)
    assert "level 3 tests: failed, 1 found" in text
    assert "tests/test_sums.py" in text


async def test_the_asked_tests_are_run_and_no_others(bench_of: MakeBench) -> None:
    work = bench_of(SHOP)
    overlay = {"src/shop/sums.py": FIXED}

    asked = await run_levels(work, overlay, tests=("tests/test_other.py::test_other",))
    absent = await run_levels(work, overlay, tests=("tests/test_absent.py",))

    assert "1 of 1 test(s) passed" in asked[2].note
    assert (absent[2].status, absent[2].note) == ("not run", "there is no 'tests/test_absent.py'")


async def test_what_does_not_run_says_why(bench_of: MakeBench) -> None:
    documents = await run_levels(bench_of(SHOP), {"README.md": "# New\n"})
    untested = await run_levels(bench_of({"a.py": "x = 1\n"}), {"a.py": "x = 2\n"})
    elsewhere = await run_levels(bench_of({"main.go": "package main\n"}), {"main.go": "package shop\n"})
    apart = await run_levels(bench_of(SHOP), {"tool.py": "x = 1\n"})

    assert [result.note for result in documents] == [
        "no Python file changed",
        "no Python file changed",
        "no test touches what changed",
    ]
    assert (untested[2].status, untested[2].note) == ("not run", "the repository has no tests")
    assert states(elsewhere) == ["not run"] * 3
    assert elsewhere[2].note == "the repository has no Python files"
    assert (apart[2].status, apart[2].note) == ("not run", "no test touches what changed")


async def test_without_a_sandbox_nothing_runs_and_the_mend_is_said(bench_of: MakeBench) -> None:
    work = replace(bench_of(SHOP), sandbox=Unqualified("not today", "Install it."))

    results = await run_levels(work, {"src/shop/sums.py": FIXED})

    assert states(results) == ["not run"] * 3
    assert {result.note for result in results} == {"no sandbox (not today). Install it."}


async def test_without_an_environment_only_the_syntax_is_looked_at(bench_of: MakeBench) -> None:
    work = replace(bench_of(SHOP), environment=None)

    results = await run_levels(work, {"src/shop/sums.py": FIXED})

    assert states(results) == ["passed", "not run", "not run"]
    assert results[1].note == "the repository's dependencies are not installed"


async def test_tests_that_end_without_a_word_are_a_failure(bench_of: MakeBench) -> None:
    """The interpreter leaves with exit code 0 before pytest can write a report."""
    results = await run_levels(bench_of(SHOP), {"src/shop/sums.py": "import os\n\nos._exit(0)\n"})

    assert states(results) == ["passed", "passed", "failed"]
    assert "names no failed test" in results[2].failures[0].message


async def test_tests_that_never_end_are_ended_and_tried_again(bench_of: MakeBench) -> None:
    work = replace(bench_of(SHOP), tests_wall=timedelta(seconds=2))
    overlay = {"src/shop/sums.py": "while True:\n    pass\n"}

    first = await run_levels(work, overlay)
    again = await run_levels(work, overlay)

    for results in (first, again):
        assert states(results) == ["passed", "passed", "failed"]
        (failure,) = results[2].failures
        assert (failure.category, failure.rule, failure.source) == ("performance", "Timeout", "sandbox")
        assert not results[2].cached


async def test_a_broken_conftest_is_a_failure(bench_of: MakeBench) -> None:
    results = await run_levels(bench_of(SHOP), {"tests/conftest.py": "import nowhere\n\nnowhere.go()\n"})

    assert states(results) == ["passed", "passed", "failed"]
    assert results[2].note.startswith("0 of 0 test(s) passed")
    assert results[2].failures


async def test_the_whole_tree_can_be_in_question(bench_of: MakeBench) -> None:
    """Nothing is excused by an older version then, and every test runs; what the tree itself excuses is heard."""
    work = bench_of(SHOP)

    results = await run_levels(work, {}, question="tree")
    excused = await run_levels(work, {"src/shop/old.py": "import os  # noqa: F401\n"}, question="tree", highest=2)
    sound = await run_levels(work, {"src/shop/old.py": "x = 1\n", "src/shop/sums.py": FIXED}, question="tree")

    assert states(results) == ["passed", "failed", "not run"]
    assert [failure.rule for failure in results[1].failures] == ["F401"]
    assert states(excused) == ["passed", "passed"]
    assert states(sound) == ["passed", "passed", "passed"], sound
    assert "2 of 2 test(s) passed" in sound[2].note


async def test_a_trees_own_rules_stand_in_for_the_hardened_ones(bench_of: MakeBench) -> None:
    results = await run_levels(
        bench_of({**SHOP, "ruff.toml": 'lint.ignore = ["F401"]\n'}), {}, question="tree", highest=2
    )

    assert states(results) == ["passed", "passed"]
    assert results[1].note == "bandit, ruff (configured)"


def test_types_are_checked_where_the_project_has_a_checker(sandbox: Sandbox, tmp_path: Path) -> None:
    """An error of the base is excused; one that a change causes in a file that it does not touch is found."""
    files = {
        **SHOP,
        "pyproject.toml": '[tool.mypy]\npackages = ["shop"]\nmypy_path = "src"\n',
        "requirements-dev.txt": "mypy\n",
        "src/shop/wrong.py": "x: int = 'old'\n",
        "src/shop/uses.py": "from shop.sums import add\n\nadd(1, 2)\n",
    }
    archive = tar_of({path: text.encode() for path, text in files.items()})
    work = Workbench(
        sandbox, install(sandbox, files), archive, ValidationCache(tmp_path / "validations"), timedelta(minutes=2)
    )

    sound = asyncio.run(run_levels(work, {"src/shop/sums.py": FIXED}, highest=2))
    wrong = asyncio.run(run_levels(work, {"src/shop/sums.py": FIXED.replace("b: int", "b: str")}, highest=2))

    assert states(sound) == ["passed", "passed"], sound
    assert sound[1].note == "ruff, bandit, mypy"
    assert states(wrong) == ["passed", "failed"]
    assert {(failure.category, failure.tool, failure.path) for failure in wrong[1].failures} == {
        ("type", "mypy", "src/shop/sums.py"),
        ("type", "mypy", "src/shop/uses.py"),
    }
