"""The remedies and the closed lists as they are in this repository: every list says the same wherever it stands."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from bot.catalog import find_data, lint_tree, load_catalogue
from bot.failures.category import KNOWN_EXCEPTIONS, OTHER_ERROR, known_rule
from bot.failures.features import LANGUAGES, REGISTRY, OneOf
from bot.learning.wording import remedies_for
from bot.model.applicability import WHEN_FORMS, holds_for
from bot.model.failure import Category
from bot.model.gate import CODE_PATTERNS, REQUIRED_TESTS
from bot.model.pattern import Hypothesis, Signature
from bot.sandbox.checks import RULES

PROTOCOLS = find_data("protocols")
CATALOGUE = load_catalogue(PROTOCOLS.parent)
SCHEMA: dict[str, Any] = json.loads((PROTOCOLS / "schema.json").read_text())["$defs"]
EXAMPLES = sorted((PROTOCOLS / "coding" / "examples").iterdir())


def test_the_protocols_pass_their_own_linter() -> None:
    assert lint_tree(PROTOCOLS.parent) == ()


def test_the_rules_are_those_of_the_installed_linters() -> None:
    written = subprocess.run(
        [sys.executable, "-m", "tests.linter_rules"], check=True, capture_output=True, text=True, cwd=PROTOCOLS.parent
    )
    assert (PROTOCOLS / "rules.yaml").read_text() == written.stdout, "run `python -m tests.linter_rules`"


def test_the_schema_and_the_gates_have_the_same_names() -> None:
    _, pattern, required = SCHEMA["check"]["oneOf"]
    assert pattern["properties"]["pattern"]["enum"] == list(CODE_PATTERNS)
    assert required["properties"]["required_test"]["enum"] == list(REQUIRED_TESTS)
    assert all(known_rule("check", name) == name for name in (*CODE_PATTERNS, *REQUIRED_TESTS))


def test_an_item_can_be_bound_to_what_is_known_before_the_first_call_and_to_nothing_else() -> None:
    bound = SCHEMA["when"]["properties"]
    assert set(bound) == set(WHEN_FORMS) == REGISTRY.names("before_executor") - {"action_item", "ancestors"}
    assert set(bound["language"]["enum"]) == {*LANGUAGES.values(), "unknown", "other"}
    for feature in ("language", "file_kind", "planned_items"):
        assert all(holds_for(feature, value) for value in bound[feature]["enum"])
    kinds = next(each.form for each in REGISTRY.features if each.name == "file_kind")
    assert isinstance(kinds, OneOf)
    assert set(bound["file_kind"]["enum"]) == kinds.values
    hashed = REGISTRY.closed({"repository": "1", "planned_items": 7}, "salt")
    assert all(holds_for(feature, str(value)) for feature, value in hashed.items())
    assert not holds_for("branch", "main")


def test_every_answer_is_a_signature_that_can_come_up() -> None:
    for answer in {answer for remedy in CATALOGUE.remedies for answer in remedy.answers}:
        level, _, value = answer.partition("=")
        match level:
            case "category":
                assert value in get_args(Category), answer
            case "exception":
                assert value in KNOWN_EXCEPTIONS | {OTHER_ERROR}, answer
            case _:
                tool, _, rule = value.partition(":")
                assert tool == "bandit" or known_rule(tool, rule) == rule, answer


@pytest.mark.parametrize("category", get_args(Category))
def test_every_category_has_a_remedy(category: str) -> None:
    assert remedies_for(Hypothesis("frequency", (), Signature("category", category)), [], CATALOGUE)


def test_every_kind_has_remedies_and_every_remedy_of_our_own_a_name_of_its_own() -> None:
    own = [remedy for remedy in CATALOGUE.remedies if not remedy.id.startswith("rule-")]
    assert {remedy.kind for remedy in own} == {"check", "example", "instruction"}
    assert len({remedy.id for remedy in CATALOGUE.remedies}) == len(CATALOGUE.remedies)


def test_a_check_that_holds_anyway_is_no_remedy_of_its_rule() -> None:
    """What the levels select by themselves, and what the wording leaves out for it, are the same rules."""
    for remedy in CATALOGUE.remedies:
        if remedy.kind != "check" or not remedy.text.startswith(("ruff:E", "ruff:F")):
            continue
        rule = remedy.text.removeprefix("ruff:")
        selected = any(rule.startswith(prefix) and rule[len(prefix) :].isdigit() for prefix in RULES)
        hypothesis = Hypothesis("frequency", (), Signature("rule", remedy.text))
        assert selected == (remedy not in remedies_for(hypothesis, [Signature("rule", remedy.text)], CATALOGUE)) or (
            f"rule={remedy.text}" not in remedy.answers
        )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem[:8])
def test_an_example_is_used_and_runs(example: Path) -> None:
    text = example.read_text()
    assert example.stem in {remedy.example for remedy in CATALOGUE.remedies}
    if "from shop" not in text:
        exec(compile(text, example.name, "exec"), {"__name__": "example"})
