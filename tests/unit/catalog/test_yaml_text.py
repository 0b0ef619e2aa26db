"""YAML as JSON: what is taken, and the surprises that are refused with a line."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalog.errors import DataInvalid
from bot.catalog.yaml_text import MAX_DEPTH, parse_yaml


def test_json_types_come_through() -> None:
    text = 'a: text\nb: -12\nc: 1.5\nd: true\ne: null\nf: [x, {y: z}]\ng: "12"\nh: |\n  two\n  lines\ni:\n'
    assert parse_yaml(text, "file") == {
        "a": "text",
        "b": -12,
        "c": 1.5,
        "d": True,
        "e": None,
        "f": ["x", {"y": "z"}],
        "g": "12",
        "h": "two\nlines\n",
        "i": None,
    }


def test_an_empty_text_is_null() -> None:
    assert parse_yaml("# nothing\n", "file") is None


@pytest.mark.parametrize(
    "text", ["on", "yes", "NO", "1:30", "0x1f", "0o17", "1_000", "2026-01-01", ".inf", "1e9", "<<"]
)
def test_old_habits_are_plain_text(text: str) -> None:
    assert parse_yaml(f"key: {text}", "file") == {"key": text}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2", "line 2: the key 'a' stands twice"),
        ("a: &x 1\nb: *x", "line 1: anchors"),
        ("a: !!python/object/apply:os.getcwd []", "line 1: tags"),
        ("\na: !!int '3'", "line 2: tags"),
        ("1: x", "line 1: the key 1 is not text"),
        ("[a]: x", "line 1: the key ['a'] is not text"),
        ("a: [1", "line 1: "),
        ("a: b: c", "line 1: "),
        ("a: 1\n---\nb: 2", "line 2: "),
        ("a: \0", "not YAML"),
        ("[" * (MAX_DEPTH + 1), "nested more than"),
        ("[" * 100_000, "nested more than"),
    ],
)
def test_surprises_are_refused(text: str, problem: str) -> None:
    with pytest.raises(DataInvalid) as caught:
        parse_yaml(text, "file")
    assert problem in str(caught.value)
    assert str(caught.value).startswith("file ")
    assert "\n" not in str(caught.value)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_with_our_error(text: str) -> None:
    with suppress(DataInvalid):
        parse_yaml(text, "file")
