"""Marks that skip or retry, and comments that silence a tool: what counts, how it is counted, what is allowed."""

import pytest

from bot.ci.tampering import Allowance, find_tampering
from tests.unit.ci.tampering.asking import TEST, found

PLAIN = "import pytest\nimport unittest\n\n\ndef test_a():\n    assert f() == 1\n"


@pytest.mark.parametrize(
    "mark",
    [
        "@pytest.mark.skip",
        "@pytest.mark.skipif(True, reason='x')",
        "@pytest.mark.xfail(strict=False)",
        "@unittest.skip('x')",
        "@unittest.expectedFailure",
    ],
)
def test_a_mark_on_an_existing_test(mark: str) -> None:
    assert found(PLAIN, PLAIN.replace("def test_a", f"{mark}\ndef test_a")) == ["test-skipped"]


@pytest.mark.parametrize(
    "statement",
    [
        "pytest.skip('x', allow_module_level=True)",
        "pytest.importorskip('numpy')",
        "pytestmark = pytest.mark.skip",
        "pytestmark = (pytest.mark.skip, pytest.mark.xfail)",
        "raise unittest.SkipTest('x')",
        "raise pytest.skip.Exception('x')",
        "__test__ = False",
        "collect_ignore = ['x.py']",
        "collect_ignore_glob = ['*']",
        "from pytest import skip as gone; gone('x')",
    ],
)
def test_a_statement_of_a_module(statement: str) -> None:
    assert set(found(PLAIN, PLAIN.replace("\n\n\n", f"\n{statement}\n\n", 1))) == {"test-skipped"}
    assert set(found(None, f"{PLAIN}{statement}\n")) == {"test-skipped"}


@pytest.mark.parametrize("text", ["raise\n", "raise ValueError\n", "x.skip()\n", "__test__ = True\n", "a[0] = False\n"])
def test_what_skips_nothing(text: str) -> None:
    assert found(None, f"{PLAIN}{text}") == []


def test_skips_are_counted_by_their_place() -> None:
    two = "import pytest\n\n@pytest.mark.skip\ndef test_a(): ...\n\ndef test_b(): ...\n"
    moved = "import pytest\n\ndef test_a(): ...\n\n@pytest.mark.skip\ndef test_b(): ...\n"
    assert found(two, moved) == ["test-skipped"]
    assert found(two, two.replace("skip", "skip(reason='said')")) == []
    assert found(two, moved, allowed=Allowance(new_skips=1)) == []
    assert found(two, moved, allowed=Allowance(removed_tests=frozenset({f"{TEST}::test_b"}))) == []


def test_retries() -> None:
    for mark in ("@pytest.mark.flaky", "@tenacity.retry(stop=3)", "@mine(reruns=2)"):
        assert found(PLAIN, PLAIN.replace("def test_a", f"{mark}\ndef test_a")) == ["test-retried"]
        assert found(None, f"{PLAIN}\n{mark}\nclass TestA: ...\n") == ["test-retried"]
        assert found(None, f"{mark}\ndef fetch(): ...\n", "shop/net.py") == []
    assert found(PLAIN, f"{PLAIN}\npytestmark = [pytest.mark.slow, pytest.mark.flaky]\n") == [
        "test-edited",
        "test-retried",
    ]


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "#noqa:E501",
        "# NOQA : E501, F401",
        "# ruff: noqa",
        "# flake8: noqa: E501",
        "# nosec B602",
        "# type: ignore",
        "# type:ignore[attr-defined]",
        "# ty: ignore",
        "# pyright: ignore[reportAny]",
        "# pyright: basic",
        "# mypy: ignore-errors",
        "# pragma: no cover",
        "# pragma:no branch",
        "# pylint: disable=all",
        "# nosemgrep",
        "# why # noqa",
    ],
)
def test_a_comment_that_silences_a_tool(comment: str) -> None:
    assert found("x = 1\n", f"x = 1  {comment}\n", "a.py") == ["finding-suppressed"]
    assert found(f"x = 1  {comment}\n", f"y = 2\nx = 1  {comment}\n", "a.py") == []
    assert found("x = 1\n", f"x = 1  {comment}\n", "a.py", allowed=Allowance(new_suppressions=1)) == []
    assert found(None, f"x = 1  {comment}\n", "a.md") == []


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # a type of ignorance\n",
        "x = '# noqa'\n",
        'x = f"{x} # noqa"\n',
        '"""\n# noqa\nü # nosec\n"""\n',
        "x = 'ü', b'# noqa', '# nosec'\n",
    ],
)
def test_text_that_silences_nothing(text: str) -> None:
    assert found(None, text, "a.py") == []


def test_code_that_cannot_be_parsed_is_read_as_text() -> None:
    assert found(None, "x = (  # noqa\n", "a.py") == ["not-inspected?", "finding-suppressed"]


def test_comments_may_move_with_their_code() -> None:
    base = {"a.py": "x = 1  # noqa: E501\n", "b.py": "y = 1\n"}
    moved = {"a.py": "z = 1\n", "b.py": "y = 1\nx = 1  # noqa:E501\n"}
    assert find_tampering(base, moved) == ()
    wider = {"a.py": "z = 1\n", "b.py": "y = 1\nx = 1  # noqa\n"}
    assert [each.rule for each in find_tampering(base, wider)] == ["finding-suppressed"]
