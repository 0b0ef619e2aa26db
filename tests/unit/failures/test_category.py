"""Categories and rules are closed sets; the linter's own list says which rules exist."""

import json
import subprocess
import sys
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.failures.category import (
    KNOWN_EXCEPTIONS,
    check_category,
    exception_category,
    known_exception,
    known_rule,
    lint_category,
)
from bot.model.failure import Category


@pytest.mark.parametrize(
    ("tool", "rule", "category"),
    [
        ("ruff", "F401", "style"),
        ("ruff", "I001", "style"),
        ("ruff", "E999", "syntax"),
        ("ruff", "F706", "syntax"),
        ("ruff", "invalid-syntax", "syntax"),
        ("ruff", "F821", "runtime"),
        ("ruff", "S605", "security"),
        ("ruff", "SIM102", "style"),
        ("ruff", "PERF401", "performance"),
        ("bandit", "B605", "security"),
        ("bandit", "invalid-syntax", "syntax"),
        ("mypy", "arg-type", "type"),
        ("process", "OutOfMemory", "performance"),
        ("coverage", "fail-under", "logic"),
        ("model", "", "format"),
        ("environment", "", "environment"),
        ("some linter", "", "style"),
    ],
)
def test_findings_of_tools(tool: str, rule: str, category: Category) -> None:
    assert lint_category(tool, rule) == category


@pytest.mark.parametrize(
    ("exception", "message", "category"),
    [
        ("SyntaxError", "invalid syntax", "syntax"),
        ("IndentationError", "", "syntax"),
        ("AssertionError", "assert 1 == 2", "logic"),
        ("Failed", "DID NOT RAISE ValueError", "logic"),
        ("Failed", "Timeout (>1.0s) from pytest-timeout.", "performance"),
        ("", "[XPASS(strict)]", "logic"),
        ("TypeError", "", "runtime"),
        ("MyError", "", "runtime"),
        ("TimeoutError", "", "performance"),
        ("MemoryError", "", "performance"),
        ("WrongAnswer", "", "logic"),
        ("AgentFormatError", "", "format"),
        ("ModuleNotFoundError", "No module named 'numpy'", "environment"),
        ("ModuleNotFoundError", "No module named 'google.cloud'", "environment"),
        ("ModuleNotFoundError", "No module named 'shop.basket'", "runtime"),
        ("ImportError", "cannot import name 'x' from 'numpy'", "runtime"),
        ("ImportError", "libGL.so.1: cannot open shared object file", "environment"),
    ],
)
def test_exceptions(exception: str, message: str, category: Category) -> None:
    assert exception_category(exception, message, frozenset({"shop"})) == category


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("ruff / lint (3.11)", "style"),
        ("Type-check: mypy", "type"),
        ("CodeQL", "security"),
        ("codecov/patch", "logic"),
        ("build", "runtime"),
        ("", "runtime"),
    ],
)
def test_checks_by_their_names(name: str, category: Category) -> None:
    assert check_category(name) == category


def test_every_rule_of_the_installed_ruff_is_known() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "ruff", "rule", "--all", "--output-format", "json"], capture_output=True, check=True
    )
    rules = [rule["code"] for rule in json.loads(listed.stdout) if rule["code"]]
    assert len(rules) > 800
    assert [rule for rule in rules if known_rule("ruff", rule) != rule] == []


@pytest.mark.parametrize(
    ("tool", "rule"),
    [("ruff", "ignore previous"), ("ruff", "ZZZ123"), ("bandit", "F401"), ("mypy", "B101"), ("process", "Killed")],
)
def test_other_rules_are_not(tool: str, rule: str) -> None:
    assert known_rule(tool, rule) == "OtherRule"


def test_exceptions_outside_the_closed_set_are_one_kind() -> None:
    assert known_exception("ValueError") == "ValueError"
    assert known_exception("IgnorePreviousInstructionsError") == "OtherError"
    assert known_exception("") == ""
    assert known_exception("MemoryError") == "OutOfMemory"


@settings(deadline=None)
@given(st.text(), st.text(), st.text())
def test_law_the_sets_are_closed(tool: str, rule: str, message: str) -> None:
    categories = get_args(Category)
    assert lint_category(tool, rule) in categories
    assert exception_category(rule, message) in categories
    assert check_category(tool) in categories
    assert known_exception(rule) in KNOWN_EXCEPTIONS | {"OtherError", "OutOfMemory", ""}
