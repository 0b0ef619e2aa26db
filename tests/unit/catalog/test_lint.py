"""The protocol linter: each way in which a change of an item is no change that can be reviewed."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bot.catalog import find_data, lint, lint_tree, read_files

ROOT = find_data("protocols").parent
FILES = read_files(ROOT)
CHECKLIST = "protocols/coding/implementation.yaml"
ADDED = """\
  - id: unbounded-recursion-check-0123456789ab
    kind: check
    check: { pattern: unbounded_recursion }
    actions: [change_code]
    targets: [unbounded_loop]
    reason: "A function that calls itself on every path never ends, whatever it is given."
    state: draft
    evidence: "0123456789ab"
"""
Files = Mapping[str, str]
Change = Callable[[Files], dict[str, str]]


def edited(old: str, new: str, path: str = CHECKLIST) -> Change:
    def change(files: Files) -> dict[str, str]:
        assert old in files[path]
        return {**files, path: files[path].replace(old, new, 1)}

    return change


def with_item(text: str = ADDED, path: str = CHECKLIST) -> dict[str, str]:
    return {**FILES, path: FILES[path] + text}


def rules(before: Files, after: Files, *touched: str) -> list[str]:
    found = lint(before, after, touched)
    assert all("\n" not in each.message for each in found)
    return [each.rule for each in found]


WITH_ITEM = with_item()


def test_one_item_in_the_words_of_the_catalogue_is_fine() -> None:
    assert rules(FILES, WITH_ITEM, CHECKLIST) == []
    assert rules(FILES, FILES, "bot/anything.py") == []
    assert rules(FILES, with_item(ADDED.replace("state: draft", "state: testing"))) == []


@pytest.mark.parametrize("state", ["testing", "staged", "production", "retired", "rolled_back"])
def test_a_draft_moves_on_to_whatever_was_decided(state: str) -> None:
    assert rules(WITH_ITEM, edited("state: draft", f"state: {state}")(WITH_ITEM)) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (edited("state: draft", "state: perfect"), ["invalid"]),
        (
            edited("change_code]\n    targets: [unbounded_loop]", "fix_defect]\n    targets: [unbounded_loop]"),
            ["edited", "rewritten"],
        ),
        (edited("Read the whole function and", "Read the function and"), ["edited", "rewritten"]),
        (edited(ADDED, ""), ["removed"]),
        (edited(ADDED, ADDED + ADDED.replace("0123456789ab", "ba9876543210")), []),
        (edited(ADDED, ADDED + "# a remark\n"), []),
        (edited("state: production", "state: draft"), ["state"]),
    ],
)
def test_what_stands_is_changed_in_its_state_alone(change: Change, expected: list[str]) -> None:
    assert rules(WITH_ITEM, change(WITH_ITEM)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('evidence: "0123456789ab"', "evidence: hearsay", "evidence"),
        ("state: draft", "state: production", "state"),
        (
            "check\n    check: { pattern: unbounded_recursion }",
            "instruction\n    text: Try to write better code.",
            "wording",
        ),
    ],
)
def test_what_was_learned_begins_as_a_draft_with_a_pattern_in_reviewed_words(old: str, new: str, expected: str) -> None:
    assert rules(FILES, with_item(ADDED.replace(old, new))) == [expected]


def test_a_person_may_say_it_in_their_own_words_and_at_once() -> None:
    own = ADDED.replace("check\n    check: { pattern: unbounded_recursion }", "instruction\n    text: Write it well.")
    own = own.replace('"0123456789ab"', "human").replace("state: draft", "state: production")
    assert rules(FILES, with_item(own)) == []


def test_a_retired_item_comes_back_by_a_trial_and_may_be_taken_out() -> None:
    retired = edited("state: draft", "state: retired")(WITH_ITEM)
    assert rules(retired, edited("state: retired", "state: testing")(retired)) == []
    assert rules(retired, edited("state: retired", "state: production")(retired)) == ["state"]
    assert rules(retired, FILES) == []


def test_one_item_a_pull_request_and_nothing_beside_it() -> None:
    two = with_item(ADDED + ADDED.replace("0123456789ab", "ba9876543210"))
    assert rules(FILES, two) == ["one-item"]
    assert rules(FILES, WITH_ITEM, CHECKLIST, "bot/ci/gates/flow.py") == ["scope"]
    assert rules(FILES, edited("max_steps: 60", "max_steps: 61", "protocols/policy.yaml")(WITH_ITEM)) == ["scope"]
    assert rules(FILES, edited("schema: 2\n", "schema: 2 # two\n")(WITH_ITEM)) == ["rewritten"]


def test_an_example_comes_with_its_item() -> None:
    name = "8bd4bb1cf81b2e4ca8c5ee1d60c5d7b3c6ccbba7ad2a5fc0e4d4c8dcd0e0cd5e"
    example = {**FILES, f"protocols/coding/examples/{name}.py": "x = 1\n"}
    assert rules(FILES, example) == ["invalid"]
    known = next(path for path in FILES if "/examples/" in path)
    without = {path: text for path, text in FILES.items() if path != known}
    assert rules(without, FILES) == []


def test_what_was_before_need_not_be_loadable() -> None:
    older = {CHECKLIST: "items: [", "protocols/coding/planning.yaml": "- a", "protocols/coding/odd.yaml": "items: [1]"}
    assert set(rules(older, FILES)) == {"one-item", "scope", "rewritten"}


def test_a_tree_is_linted_as_it_stands(tmp_path: Path) -> None:
    assert lint_tree(ROOT) == ()
    (missing,) = lint_tree(tmp_path)
    assert (missing.rule, missing.path) == ("invalid", "protocols")
    (incomplete,) = lint(None, {})
    assert (incomplete.rule, incomplete.path) == ("invalid", "protocols")
