"""What the validation action takes from a project's files, from the plugin's notes and from other tools' output."""

import json
from pathlib import Path

import pytest
from ground_truth.dependencies import TOOLS, commands
from ground_truth.mutation import summary
from ground_truth.project import look
from ground_truth.settings import Settings, read_settings
from ground_truth.signatures import Comparable, comparable, module_of
from ground_truth.tests import Session, read_session


def settings(directory: Path, **inputs: str) -> Settings:
    """Settings of a runner that has everything below `directory`."""
    (directory / "work").mkdir(exist_ok=True)
    runner = {"RUNNER_TEMP": str(directory / "temp"), "GITHUB_WORKSPACE": str(directory / "work")}
    return read_settings({**runner, **inputs})


def test_tools_get_no_file_that_changes_later_steps_and_none_of_the_inputs(tmp_path: Path) -> None:
    given = settings(
        tmp_path, GITHUB_ENV="/x", GITHUB_PATH="/x", GITHUB_TOKEN="x", RMO_BASE="0" * 40, RMO_MINUTES="1.5", HOME="/h"
    )
    assert set(given.environment) == {"RUNNER_TEMP", "GITHUB_WORKSPACE", "HOME"}
    assert given.base is None
    assert given.seconds == 90
    with pytest.raises(SystemExit, match="minutes is 'soon'"):
        settings(tmp_path, RMO_MINUTES="soon")


def test_a_project_without_any_configuration_asks_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool\nbroken")
    (tmp_path / "setup.cfg").write_text("no section")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "test_x.py").write_text("import hypothesis\n")
    project = look(tmp_path)
    assert not project.has_code
    assert not project.has_tests
    assert not project.uses_hypothesis
    assert not project.ruff_configured
    assert (project.bandit_options, project.type_checker, project.pytest_options) == (None, None, "")


def test_a_projects_own_configuration_is_seen_wherever_it_stands(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "conftest.py").write_text("from hypothesis import settings\n")
    (tmp_path / "tests" / "test_x.py").write_text("x = 1\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\naddopts = ["-ra", "--cov=x"]\n[tool.ruff]\n[tool.bandit]\n[tool.mypy]\n'
    )
    (tmp_path / "tox.ini").write_text("[pytest]\naddopts =\n  -q\n  -x\n")
    project = look(tmp_path, "-s")
    assert project.has_code
    assert project.has_tests
    assert project.uses_hypothesis
    assert project.ruff_configured
    assert project.bandit_options == ("-c", "pyproject.toml")
    assert project.type_checker == "mypy"
    assert project.pytest_options == "-s -ra --cov=x -q -x"


def test_the_installation_follows_the_projects_files(tmp_path: Path) -> None:
    given = settings(tmp_path, RMO_MUTATION="true")
    root = given.workspace
    pip = [given.python, "-m", "pip", "install"]
    assert commands(given) == [[*pip, *TOOLS, "cosmic-ray"]]
    (root / "requirements.txt").write_text("x")
    (root / "pyproject.toml").write_text(
        "[project]\nname='x'\n[project.optional-dependencies]\ntest=[]\ndocs=[]\n[dependency-groups]\ndev=[]\n"
    )
    assert commands(given) == [
        [*pip, *TOOLS, "cosmic-ray", "-r", "requirements.txt", "-e", f"{root}[test]", "--group", "dev"]
    ]
    (root / "uv.lock").write_text("x")
    first, export, locked = commands(given)
    assert first == [*pip, "uv"]
    assert export[export.index("--extra") :][:4] == ["--extra", "test", "--group", "dev"]
    assert locked[-2:] == ["-r", export[-1]]
    assert commands(settings(tmp_path, RMO_INSTALL="make all; true")) == [["bash", "-c", "make all; true"]]


def test_a_session_is_the_worst_of_its_lines_and_forged_ones_are_passed_over(tmp_path: Path) -> None:
    notes = tmp_path / "notes.jsonl"
    lines: list[object] = [
        ["root", "/work"],
        ["test", "a.py::x", "passed"],
        ["test", "a.py::x", "error"],
        ["test", "a.py::y", "skipped"],
        ["test", "a.py::z", "splendid"],
        {"end": 0},
        ["end", "0"],
    ]
    notes.write_text("\n".join(map(json.dumps, lines)) + "\n[[[\n" + "[" * 100_000)
    assert read_session(notes) == Session("/work", {"a.py::x": "error", "a.py::y": "skipped"}, ended=False)
    assert read_session(tmp_path / "none") == Session("", {}, ended=False)


def test_mutants_are_counted_and_survivors_named(tmp_path: Path) -> None:
    item = {"mutations": [{"module_path": "a.py", "operator_name": "core/Add", "start_pos": [3, 4]}]}
    done = {"worker_outcome": "normal", "diff": "-a\n+b"}
    lines = [
        [item, {**done, "test_outcome": "survived"}],
        [item, {**done, "test_outcome": "killed"}],
        [item, {**done, "worker_outcome": "skipped", "test_outcome": None}],
        [item, None],
    ]
    dump = tmp_path / "dump.jsonl"
    dump.write_text("\n".join(map(json.dumps, lines)) + "\nnot JSON\n")
    place = {"path": "a.py", "line": 3, "operator": "core/Add", "diff": "-a\n+b"}
    assert summary(dump) == {"mutants": 3, "killed": 1, "pending": 1, "survived": [place]}


BASE = """
def same(a: int, b: "list[str] | None" = None) -> int: return 1
def other(a: int): return 1
def plain(a): return 1
def many(*a: int): return 1
def strange(a: Thing): return 1
def pair(a: tuple[int, ...], b: dict[str, float]): return 1
def no_parameters(): return 1
async def later(a: int): return 1
"""


def test_functions_are_comparable_where_the_signature_is_simple_and_the_same() -> None:
    head = BASE.replace("def other(a: int)", "def other(a: str)").replace("return 1", "return 2")
    assert comparable("src/shop/cart.py", BASE, head) == [
        Comparable("shop.cart", "same", ("int", "'list[str] | None'")),
        Comparable("shop.cart", "pair", ("tuple[int, ...]", "dict[str, float]")),
    ]
    assert comparable("a.py", "def (", head) == []
    assert comparable("shop/__main__.py", BASE, BASE) == []
    assert [module_of(path) for path in ("a/__init__.py", "src/b.py", "a-b/c.py")] == ["a", "b", None]
