"""Glob patterns with git's meaning, in bounded time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.loop.glob import MAX_STARS, glob_pattern


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("**", ["a.py", "a/b/c.py"], []),
        ("*.py", ["a.py", "a/b.py"], ["a.pyc", "a/b.txt"]),
        ("src/*.py", ["src/a.py"], ["src/a/b.py", "a.py"]),
        ("src/**/*.py", ["src/a.py", "src/a/b.py"], ["a.py"]),
        ("src/**", ["src/a", "src/a/b"], ["a/src"]),
        ("a?.py", ["ab.py", "x/ac.py"], ["a.py", "a/b.py"]),
        ("a[1].py", ["a[1].py"], ["a1.py"]),
    ],
)
def test_patterns(pattern: str, matching: list[str], others: list[str]) -> None:
    wanted = glob_pattern(pattern)
    assert all(wanted.fullmatch(path) for path in matching)
    assert not any(wanted.fullmatch(path) for path in others)


@settings(deadline=None)
@given(st.text("*?/ab", max_size=60), st.text("ab/", max_size=80))
def test_no_pattern_takes_long_or_raises(pattern: str, path: str) -> None:
    glob_pattern(pattern).fullmatch(path)


def test_stars_beyond_the_limit_stand_for_themselves() -> None:
    many = "a*" * (MAX_STARS + 4)
    assert glob_pattern(many).fullmatch("a" * (MAX_STARS + 4)) is None
    assert glob_pattern("*" * 5_000 + "x").fullmatch("y" * 255)
