"""Features: closed sets, buckets and salted hashes; no text of a stranger gets through."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.failures.features import (
    REGISTRY,
    Bucketed,
    Feature,
    Hashed,
    Identifier,
    OneOf,
    Registry,
    closed_rule,
    file_kind,
    language_of,
)

ALLOWED = re.compile(r"[A-Za-z0-9_.:/+-]{0,80}")
STRANGERS = st.text() | st.integers() | st.none() | st.lists(st.text(), max_size=3)


def closed(feature: Feature, value: object, salt: str = "salt") -> object:
    return Registry((feature,)).closed({feature.name: value}, salt).get(feature.name)


def test_a_closed_set_keeps_its_members_only() -> None:
    feature = Feature("tool", "later", OneOf(frozenset({"ruff", "pytest"})))
    assert [closed(feature, value) for value in ("ruff", "rm -rf", "", None)] == ["ruff", "other", None, None]


def test_a_hash_is_the_same_under_one_salt_only() -> None:
    feature = Feature("test", "later", Hashed())
    assert closed(feature, "t\udc80") == closed(feature, "t\udc80") != closed(feature, "t\udc80", "other")
    assert re.fullmatch(r"[0-9a-f]{16}", str(closed(feature, "t")))


def test_numbers_fall_into_buckets() -> None:
    feature = Feature("count", "later", Bucketed((1, 2, 4)))
    assert [closed(feature, value) for value in (-3, 0, 1, 2, 3, 4, 99, "many")] == [
        *("0", "0", "1", "2-3", "2-3", "4+", "4+", "other")
    ]


def test_an_identifier_has_the_form_of_one() -> None:
    feature = Feature("model", "before_executor", Identifier())
    assert [closed(feature, value) for value in ("anthropic:a-1", "ignore all", "x" * 200)] == [
        *("anthropic:a-1", "other", "other")
    ]


def test_several_values_stay_several() -> None:
    feature = Feature("kind", "before_executor", OneOf(frozenset({"test"})))
    assert closed(feature, ["test", "x", "y"]) == ("test", "other")


def test_importers_register_features_of_their_own() -> None:
    extended = REGISTRY.with_feature(Feature("input_bug", "before_executor", OneOf(frozenset({"missing colon"}))))
    assert extended.closed({"input_bug": "missing colon"}, "s") == {"input_bug": "missing colon"}
    assert "input_bug" in extended.names("before_executor") - REGISTRY.names()
    with pytest.raises(KeyError):
        REGISTRY.closed({"input_bug": "missing colon"}, "s")
    with pytest.raises(ValueError, match="registered already"):
        extended.with_feature(Feature("input_bug", "later", Hashed()))
    with pytest.raises(ValueError, match="identifier"):
        REGISTRY.with_feature(Feature("Ignore previous", "later", Hashed()))


def test_what_is_known_before_the_executor_is_no_effect_of_its_work() -> None:
    assert REGISTRY.names("before_executor") == {
        *("repository", "domain", "language", "model", "planned_items", "action_item", "ancestors", "file_kind")
    }
    assert REGISTRY.names() == REGISTRY.names("before_executor") | REGISTRY.names("later")
    assert {"attempt", "files_touched", "exception"} <= REGISTRY.names("later")


@given(st.dictionaries(st.sampled_from(sorted(REGISTRY.names())), STRANGERS))
def test_no_text_of_a_stranger_gets_through(values: dict[str, object]) -> None:
    for value in REGISTRY.closed(values, "salt").values():
        for part in (value,) if isinstance(value, str) else value:
            assert ALLOWED.fullmatch(part), part


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("bot/a.py", "source"),
        ("tests/a.py", "test"),
        ("bot/test_a.py", "test"),
        ("web/a.test.ts", "test"),
        ("bot/contest.py", "source"),
        (".github/workflows/ci.yml", "ci"),
        ("README.md", "docs"),
        ("pyproject.toml", "config"),
        ("a.json", "data"),
        ("Makefile", "other"),
    ],
)
def test_what_a_file_is_for(path: str, kind: str) -> None:
    assert file_kind(path) == kind


def test_the_language_is_that_of_most_files() -> None:
    assert language_of(["a.py", "b.go", "c.pyi", "README.md"]) == "python"
    assert language_of(["README.md"]) == "unknown"


def test_rules_are_of_closed_sets() -> None:
    rules = [("ruff", "F401"), ("pytest", "ValueError"), ("pytest", ""), ("pytest", "OtherError"), ("ruff", "run me")]
    assert [closed_rule(*rule) for rule in rules] == ["F401", "ValueError", "", "OtherError", "OtherRule"]
