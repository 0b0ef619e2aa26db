"""The same failure has one fingerprint wherever and whenever it occurs; another one has another."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.failures.fingerprint import exception_fingerprint, fingerprint, is_own, is_test, own_frame, scope_of, shape
from bot.model.report import Frame

FRAMES = (
    Frame("tests/test_cart.py", 4, "test_add"),
    Frame("shop/cart.py", 9, "total"),
    Frame("shop/cart.py", 9, "<genexpr>"),
    Frame("/usr/lib/python3.12/json/decoder.py", 337, "decode"),
)


def test_a_fingerprint_is_sixteen_hex_digits_and_stays_what_it_is() -> None:
    """A change of the recipe must change its version: stored failures keep their group."""
    assert fingerprint("ruff", "F401") == "cdd5bd5d36af3015"
    assert exception_fingerprint("pytest", "KeyError", "'a'", FRAMES) == "b7bae205b83046e9"


def test_tool_rule_scope_and_shape_tell_failures_apart() -> None:
    prints = {
        fingerprint("ruff", "F401"),
        fingerprint("ruff", "F402"),
        fingerprint("bandit", "F401"),
        fingerprint("ruff", "F401", "a"),
        fingerprint("ruff", "F401", "", "a"),
        fingerprint("ruff|F401", ""),
    }
    assert len(prints) == 6


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("assert 1 == 2", "assert 1 != 2"),
        ("assert 1 == 2", "assert 'a' == 2"),
        ("assert [1] == [2]", "assert (1,) == [2]"),
        ("assert None == 2", "assert 1 == 2"),
        ("assert -1 == 3\n +  where -1 = add(1, 2)", "assert -1 == 3\n +  where -1 = multiply(1, 2)"),
        ("wrong sum\nassert 1 == 2", "wrong size\nassert 1 == 2"),
    ],
)
def test_assertions_differ_by_the_shape_of_what_is_compared(one: str, other: str) -> None:
    assert exception_fingerprint("pytest", "AssertionError", one, ()) != exception_fingerprint(
        "pytest", "AssertionError", other, ()
    )


def test_assertions_do_not_differ_by_their_values() -> None:
    one = "assert -1 == 3\n +  where -1 = <function add at 0x7f12>(1, 2)\n +    where <function add at 0x7f12> = x.add"
    other = (
        "assert 5 == 42\n +  where 5 = <function add at 0x7fab>(40, 2)\n +    where <function add at 0x7fab> = x.add"
    )
    assert shape("AssertionError", one) == shape("AssertionError", other)
    assert "= x.add" in shape("AssertionError", one)
    assert shape("AssertionError", "assert [1] == [2]\n  \n  At index 0 diff: 1 != 2") == "assert <list> == <list>"


@pytest.mark.parametrize(
    "message",
    [
        "assert -1 == 3\n +  where -1 = add(1, 2)",
        "assert -1 == 3\n +  where -1 = <function add at 0x7f12>(1, 2)",
        "assert 7 == 12\n +  where 7 = <function add at 0x7fab>(40, 2)",
    ],
)
def test_an_assertion_names_the_function_under_test(message: str) -> None:
    """Whether pytest saw it by its name or as a parameter of the test."""
    assert shape("AssertionError", message) == "assert <int> == <int>\n+  where <int> = add(<int>, <int>)"


def test_an_assertion_that_nothing_explains_is_told_by_its_statement() -> None:
    said = "3 != 4\n> self.assertEqual(add(1, 2), 4)"
    assert shape("AssertionError", said) == "<int> != <int>\n> self.assertEqual(add(<int>, <int>), <int>)"


def test_other_exceptions_are_told_by_their_first_line() -> None:
    assert shape("ValidationError", "1 error for Cart\nid\n  Input should be 5") == "<int> error for Cart"
    assert shape("TypeError", "add() takes 2 arguments") == "<fn>() takes <int> arguments"
    assert shape("ValueError", "add() takes 2 arguments") == "add() takes <int> arguments"


def test_the_scope_is_the_last_own_named_function() -> None:
    assert scope_of(FRAMES) == "cart:total"
    assert own_frame(FRAMES) == FRAMES[1]
    assert scope_of(FRAMES[:1]) == ""
    assert scope_of((Frame("/home/x/src/Shop/__init__.py", 1, "<module>"),)) == "shop:<module>"
    assert scope_of((Frame("__init__.py", 1, "f"),)) == "__init__:f"


def test_a_syntax_error_has_no_scope() -> None:
    assert exception_fingerprint("pytest", "SyntaxError", "invalid syntax", FRAMES) == exception_fingerprint(
        "pytest", "SyntaxError", "invalid syntax", ()
    )
    assert exception_fingerprint("pytest", "KeyError", "", FRAMES) != exception_fingerprint(
        "pytest", "KeyError", "", ()
    )


@pytest.mark.parametrize(
    "path",
    [
        "/usr/lib/python3.12/json/decoder.py",
        "/opt/hostedtoolcache/Python/3.12.1/x64/lib/python3.12/ast.py",
        "C:\\hostedtoolcache\\Python\\3.12.1\\x64\\Lib\\json\\decoder.py",
        ".venv/lib/python3.12/site-packages/numpy/core.py",
        "/usr/lib/python3/dist-packages/yaml.py",
        "<frozen importlib._bootstrap>",
    ],
)
def test_libraries_are_not_own(path: str) -> None:
    assert not is_own(path)


@pytest.mark.parametrize("path", ["shop/cart.py", "lib/cart.py", "/tmp/x/src/cart.py", "../cart.py", "cart.py"])
def test_the_checkout_is_own(path: str) -> None:
    assert is_own(path)
    assert not is_test(path)


@pytest.mark.parametrize("path", ["tests/a.py", "src/test/a.py", "test_a.py", "a/b_test.py", "conftest.py"])
def test_tests_are_told_by_their_names(path: str) -> None:
    assert is_test(path)


times = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
shas = st.text("0123456789abcdef", min_size=40, max_size=40)
roots = st.lists(st.text("abcxyz019_-", min_size=1, max_size=8), min_size=1, max_size=4).map(
    lambda p: "/" + "/".join(p)
)


@settings(deadline=None)
@given(times, shas, roots, st.integers(0, 10**6), times, shas, roots, st.integers(0, 10**6))
def test_law_time_place_commit_and_line_do_not_matter(
    time: datetime, sha: str, root: str, line: int, time_2: datetime, sha_2: str, root_2: str, line_2: int
) -> None:
    def occurrence(time: datetime, sha: str, root: str, line: int) -> str:
        message = (
            f"[{time.isoformat()}] {sha}: no such file '{root}/data.csv' ({root}/shop/cart.py:{line}, line {line})"
        )
        frames = (Frame(f"{root}/shop/cart.py", line, "load"),)
        return exception_fingerprint("pytest", "OSError", message, frames)

    assert occurrence(time, sha, root, line) == occurrence(time_2, sha_2, root_2, line_2)


@settings(deadline=None)
@given(st.sampled_from(["AssertionError", "TypeError", "ValueError"]), st.text(max_size=100))
def test_law_the_fingerprint_of_a_shape_is_that_of_its_message(exception: str, message: str) -> None:
    masked = shape(exception, message)
    assert shape(exception, masked) == masked
    assert exception_fingerprint("pytest", exception, masked, ()) == exception_fingerprint(
        "pytest", exception, message, ()
    )


@settings(deadline=None)
@given(st.text(), st.text(), st.text(), st.text())
def test_law_any_text_has_a_fingerprint(tool: str, rule: str, message: str, scope: str) -> None:
    found = fingerprint(tool, rule, message, scope)
    assert len(found) == 16
    assert set(found) <= set("0123456789abcdef")
