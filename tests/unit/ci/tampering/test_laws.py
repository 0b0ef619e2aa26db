"""What holds for every text: the guard answers, and what only adds tests is never tampering."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ci.tampering import find_tampering
from bot.ci.tampering.change import CHANGE_CHARACTERS
from bot.ci.tampering.source import FILE_CHARACTERS, parse
from tests.unit.ci.tampering.asking import evidence, found

PATHS = ("tests/test_a.py", "shop.py", "pyproject.toml", "setup.cfg", "tests/data.txt", "json.py", "Makefile")
WORDS = st.sampled_from(
    [
        *("def test_a():\n", "    assert x == 1\n", "class A:\n", "import os\n", "os._exit(0)\n", "# noqa\n", "'''"),
        *("if x:\n", "    pass\n", "try:\n", "except:\n", "@pytest.mark.skip\n", "[tool.ruff]\n", "a = 1\n", "a.b."),
        *(
            "[",
            "(",
            "\0",
            "\ud800",
            "\r",
            "\\",
            "ü",
            "x = 'abc'\n",
            "--cov-fail-under=9\n",
            "    def __eq__(s, o): return 1\n",
        ),
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=12).map("".join))
NAMES = st.from_regex(r"test_[a-z]{1,5}", fullmatch=True)
BODIES = st.sampled_from(["assert f() == 1", "assert True", "x = f()\n    assert x", "with raises(E):\n        f()"])
NEW_TESTS = st.dictionaries(NAMES, BODIES, max_size=4)
KILLERS = {
    "minus": "-" * 200_000 + "1",
    "attributes": "a" + ".b" * 100_000,
    "brackets": "(" * 100_000,
    "nul": "x = 1\0",
    "surrogate": "x = '\ud800'",
    "branches": "if a:\n pass\n" + "elif b:\n pass\n" * 2000,
    "sum": "x = " + "+".join(["1"] * 2000),
    "spaces": " " * 200_000 + "x",
    "comments": "#" * 200_000,
    "escape": "x = '\\d'\n",
}


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(PATHS), st.tuples(TEXTS, st.none() | TEXTS), max_size=4))
def test_law_no_text_raises(files: Mapping[str, tuple[str, str | None]]) -> None:
    base = {path: old for path, (old, _) in files.items()}
    head = {path: new for path, (_, new) in files.items()}
    found = find_tampering(base, head)
    assert {finding.path for finding in found} <= head.keys()
    assert find_tampering(base, dict(base)) == ()


def written(tests: Mapping[str, str]) -> str:
    return "".join(f"\n\ndef {name}():\n    {body}\n" for name, body in tests.items())


@given(NEW_TESTS, NEW_TESTS)
def test_law_what_only_adds_tests_is_no_tampering(old: Mapping[str, str], new: Mapping[str, str]) -> None:
    both = written({**new, **old})
    assert find_tampering({}, {"tests/test_new.py": both}) == ()
    assert find_tampering({"tests/test_a.py": written(old)}, {"tests/test_a.py": both}) == ()


@given(st.dictionaries(st.text(max_size=5), st.sampled_from(["passed", "failed", "error", "skipped"]), max_size=5))
def test_law_a_run_is_never_tampering_with_itself(outcomes: dict[str, str]) -> None:
    bad = any(state in ("failed", "error") for state in outcomes.values())
    same = evidence(1 if bad else 0, outcomes)  # pyright: ignore[reportArgumentType]  # sampled_from forgets the literals
    assert find_tampering({}, {}, before=same, after=same) == ()


@pytest.mark.parametrize("name", KILLERS)
@pytest.mark.parametrize("path", PATHS)
def test_texts_that_end_parsers(name: str, path: str) -> None:
    find_tampering({path: KILLERS[name]}, {path: f"{KILLERS[name]}\n# more\n"})
    find_tampering({}, {path: KILLERS[name]})


def test_what_cannot_be_read_is_told() -> None:
    assert found("def test_a(): ...\n", KILLERS["minus"]) == ["not-inspected"]
    assert found(None, KILLERS["minus"]) == ["not-inspected?"]
    assert found(None, "x = (\n", "shop.py") == ["not-inspected?"]
    large = "#" * (FILE_CHARACTERS + 1)
    assert found("x = 1\n", large, "shop.py") == ["not-inspected?"]
    assert found("x = 1\n", large, "notes.txt") == ["not-inspected?"]
    assert found("x = 1\n", large) == ["not-inspected"]
    assert found(None, large, "tests/data.csv") == []


def test_a_change_that_is_too_large_as_a_whole_is_told() -> None:
    files = {f"m{number:02}.py": "#" * FILE_CHARACTERS for number in range(1 + CHANGE_CHARACTERS // FILE_CHARACTERS)}
    findings = find_tampering({}, files)
    assert [(each.rule, each.path) for each in findings] == [("not-inspected", max(files))]


def test_a_source_that_warns_is_read() -> None:
    assert not hasattr(parse(KILLERS["escape"]), "reason")
