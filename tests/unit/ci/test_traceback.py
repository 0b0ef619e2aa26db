"""Which part of a traceback says what is wrong."""

import pytest

from bot.ci.reports.traceback import read_traceback

FRAME = '  File "tests/test_a.py", line 3, in test_a\n    assert total(cart) == 3\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{FRAME}AssertionError\n", "> assert total(cart) == 3"),
        (f"{FRAME}AssertionError\n\n=== tests finished: 1 failed ===\n", "> assert total(cart) == 3"),
        (f"{FRAME}AssertionError: wrong\n", "wrong\n> assert total(cart) == 3"),
        (f"{FRAME}AssertionError: assert 1 == 3\n", "assert 1 == 3"),
        (f"{FRAME}AssertionError: 1 != 3\n- 1\n+ 3\n____ other ____\n", "1 != 3\n- 1\n+ 3\n> assert total(cart) == 3"),
        ("    def f():\n>       self.assertTrue(x)\nE       AssertionError: False\n", "False\n> self.assertTrue(x)"),
        ("tests/test_a.py:4: in test_a\n    check(1)\nE   AssertionError: bad\n", "bad\n> check(1)"),
        ("AssertionError: assert\nE   AssertionError: no place\n", "no place"),
        ('  File "a.py", line 3, in f\nAssertionError: no source\n', "no source"),
    ],
)
def test_an_assertion_comes_with_its_statement_where_nothing_explains_it(text: str, message: str) -> None:
    read = read_traceback(text)
    assert (read.exception, read.message) == ("AssertionError", message)


def test_of_several_marked_runs_the_last_counts() -> None:
    text = "E   KeyError: 1\na.py:1: KeyError\nE   ValueError: first line\nE\nE   third\nb.py:2: ValueError\n"
    assert read_traceback(text).message == "first line\n\nthird"


def test_a_very_long_statement_is_cut() -> None:
    read = read_traceback(f"{FRAME}AssertionError: {'m' * 5000}\n".replace("total(cart)", "t" * 900))
    assert len(read.message) <= 2000
    assert "\n> assert ttt" in read.message
