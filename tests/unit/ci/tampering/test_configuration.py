"""What work is judged by, in every file format that it stands in."""

import pytest

from bot.ci.tampering import Allowance
from bot.ci.tampering.source import FILE_CHARACTERS
from tests.unit.ci.tampering.asking import details, found

PYPROJECT = """\
[project]
name = "shop"
dependencies = ["httpx"]

[tool.pytest.ini_options]
addopts = "-q --cov-fail-under=90"
markers = ["slow"]

[tool.ruff]
line-length = 100

[tool.ruff.lint.mccabe]
max-complexity = 10

[tool.coverage.report]
fail_under = 90.5
skip_empty = true
"""


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ('"httpx"', '"httpx", "rich"', []),
        ('"slow"', '"slow", "fast"', []),
        ("fail_under = 90.5", "fail_under = 95", []),
        ("max-complexity = 10", "max-complexity = 5", []),
        ("fail_under = 90.5", "fail_under = 90", ["threshold-lowered"]),
        ("fail_under = 90.5", 'fail_under = "none"', ["threshold-lowered"]),
        ("fail_under = 90.5", "fail_under = false", ["threshold-lowered"]),
        ("fail_under = 90.5", "", ["threshold-lowered"]),
        ("line-length = 100", "line-length = 200", ["threshold-lowered"]),
        ("-q --cov-fail-under=90", "-q --cov-fail-under=9", ["threshold-lowered"]),
        ("-q --cov-fail-under=90", "-q --cov-fail-under=99", []),
        ("-q --cov-fail-under=90", "-q", ["threshold-lowered", "tool-reconfigured"]),
        ("-q --cov-fail-under=90", "-k fast --cov-fail-under=90", ["tool-reconfigured"]),
        ("skip_empty = true", "skip_empty = false", ["tool-reconfigured"]),
        ("skip_empty = true", "", ["tool-reconfigured"]),
        (
            "skip_empty = true",
            "skip_empty = true\n[[tool.mypy.overrides]]\nignore_errors = true",
            ["tool-reconfigured"],
        ),
        ("skip_empty = true", "skip_empty = true\n[tool.other]\nx = 1", []),
    ],
)
def test_pyproject(old: str, new: str, rules: list[str]) -> None:
    assert PYPROJECT.count(old) == 1
    head = PYPROJECT.replace(old, new)
    assert found(PYPROJECT, head, "pyproject.toml") == rules
    assert found(PYPROJECT, head, "pyproject.toml", allowed=Allowance(paths=frozenset({"pyproject.toml"}))) == []


@pytest.mark.parametrize(
    ("path", "base", "head", "rules"),
    [
        ("setup.cfg", "[metadata]\nname = a\n", "[metadata]\nname = b\n", []),
        ("setup.cfg", "", "[tool:pytest]\naddopts =\n    -q\n    -k x\n", ["tool-reconfigured"]),
        ("setup.cfg", "[flake8]\nignore: E1\n", "[flake8]\nignore: E1, E2\n", ["tool-reconfigured"]),
        ("setup.cfg", "[mypy-shop.*]\nx = 1\n", "# all\n; of it\n\n", ["tool-reconfigured"]),
        ("setup.cfg", "[flake8]\nmax-complexity = 9\n", "[flake8]\nmax-complexity = 10\n", ["threshold-lowered"]),
        (".coveragerc", "[report]\nfail_under = 90\n", "[report]\nfail_under = 90\nomit = *\n", ["tool-reconfigured"]),
        (".coveragerc", "[run]\nbranch\n", "[run]\n", ["tool-reconfigured"]),
        ("ruff.toml", "", "[lint]\nignore = ['F']\n", ["tool-reconfigured"]),
        ("app/settings.toml", "x = 1\n", "x = 2\n", []),
        ("app.ini", "[a]\nx = 1\n", "[a]\nx = 2\n", []),
        ("Makefile", "test:\n\tpytest --cov-fail-under 90\n", "test:\n\tpytest\n", ["threshold-lowered"]),
        ("Makefile", "test:\n\tpytest --cov-fail-under 90\n", "test:\n\tpytest --cov-fail-under 91 -q\n", []),
        ("pyproject.toml", "[a]\n", "[a\n", ["not-inspected"]),
        ("pyproject.toml", "", "[" + "a." * 100 + "a]\n", ["not-inspected"]),
        ("pyproject.toml", "", "a = " + "[" * 5000, ["not-inspected"]),
        ("setup.cfg", "", "x" * (FILE_CHARACTERS + 1), ["not-inspected"]),
    ],
)
def test_other_files(path: str, base: str, head: str, rules: list[str]) -> None:
    assert found(base, head, path) == rules


def test_what_is_said_of_a_setting() -> None:
    assert "'tool.coverage.report.fail_under' was 90.5 and is gone" in details(PYPROJECT, "", "pyproject.toml")
    assert "'--fail-under' was 90 and is 1" in details("--cov-fail-under=90", "--cov-fail-under=1", "a.sh")
    assert "'--fail-under' was 90 and is gone" in details("--cov-fail-under=90", "", "a.sh")


def test_a_new_file_that_configures_a_tool() -> None:
    assert found(None, "[bandit]\nskips = B602\n", ".bandit") == ["tool-reconfigured"]
    assert found(None, "[bandit\n", "pyproject.toml") == ["not-inspected?"]
