"""Searching real commits with patterns of every temper."""

from datetime import timedelta

import pytest

from bot.git.search import Found, Match, SearchRefused, search
from bot.model.ids import CommitSha
from tests.conformance.git.served import Workshop


@pytest.fixture
def sha(workshop: Workshop) -> CommitSha:
    return CommitSha(
        workshop.commit(
            {
                "top.py": "import os\nvalue = call(1)\n",
                "src/a.py": "def call(x):\n    return x\n",
                "src/deep/b.py": "call(2)\n--help\n",
                "notes.md": "call me\ncrlf call\r\n",
                "blob.bin": b"call\0call",
            }
        )
    )


async def found(workshop: Workshop, sha: CommitSha, pattern: str, glob: str = "", limit: int = 200) -> Found:
    result = await search(workshop.git_directory, sha, pattern, glob=glob, limit=limit)
    assert isinstance(result, Found)
    return result


async def test_literals_are_taken_literally(workshop: Workshop, sha: CommitSha) -> None:
    assert (await found(workshop, sha, "call(")).matches == (
        Match("src/a.py", 1, "def call(x):"),
        Match("src/deep/b.py", 1, "call(2)"),
        Match("top.py", 2, "value = call(1)"),
    )
    assert (await found(workshop, sha, "--help")).matches == (Match("src/deep/b.py", 2, "--help"),)
    assert await found(workshop, sha, "nowhere to be seen") == Found((), cut=False)
    assert Match("notes.md", 2, "crlf call") in (await found(workshop, sha, "call")).matches


async def test_regular_expressions_are_posix_extended(workshop: Workshop, sha: CommitSha) -> None:
    result = await search(workshop.git_directory, sha, r"^(def|value) ", kind="regex")
    assert isinstance(result, Found)
    assert [match.path for match in result.matches] == ["src/a.py", "top.py"]


@pytest.mark.parametrize(
    ("glob", "paths"),
    [
        ("*.py", {"src/a.py", "src/deep/b.py", "top.py"}),
        ("src/*.py", {"src/a.py"}),
        ("src/**/*.py", {"src/a.py", "src/deep/b.py"}),
        ("top.py", {"top.py"}),
        ("*.rs", set[str]()),
        (":(exclude)top.py", set[str]()),
    ],
)
async def test_globs_narrow_the_paths(workshop: Workshop, sha: CommitSha, glob: str, paths: set[str]) -> None:
    assert {match.path for match in (await found(workshop, sha, "call", glob)).matches} == paths


async def test_more_than_the_limit_is_cut_and_said(workshop: Workshop, sha: CommitSha) -> None:
    cut = await found(workshop, sha, "call", limit=2)
    assert (len(cut.matches), cut.cut) == (2, True)
    whole = await found(workshop, sha, "call", limit=5)
    assert (len(whole.matches), whole.cut) == (5, False)


async def test_long_lines_and_much_output_are_cut(workshop: Workshop) -> None:
    sha = CommitSha(workshop.commit({f"f{n}.js": ("x" * 900_000) + "\n" for n in range(8)}))
    result = await search(workshop.git_directory, sha, "xxx")
    assert isinstance(result, Found)
    assert result.cut
    assert 0 < len(result.matches) < 8
    assert all(len(match.text) == 400 for match in result.matches)


@pytest.mark.parametrize(
    ("pattern", "glob"),
    [
        ("", ""),
        ("a\nb", ""),
        ("a\0b", ""),
        ("\ud800", ""),
        ("x" * 301, ""),
        ("call", "../*.py"),
        ("call", "/etc/*"),
        ("call", "a\0b"),
        ("(", ""),
        ("[", ""),
        ("*(", ""),
        (r"(a)\1", ""),
        ("(a{1,50}){51}", ""),
        ("a{2}b{2}c{2}", ""),
        ("a{,9999}", ""),
    ],
)
async def test_patterns_that_are_not_searched_for(workshop: Workshop, sha: CommitSha, pattern: str, glob: str) -> None:
    result = await search(workshop.git_directory, sha, pattern, kind="regex", glob=glob)
    assert isinstance(result, SearchRefused)
    assert result.reason
    assert "\n" not in result.reason


async def test_a_search_that_takes_too_long_is_said_so(workshop: Workshop, sha: CommitSha) -> None:
    result = await search(workshop.git_directory, sha, "call", wall=timedelta(0))
    assert isinstance(result, SearchRefused)
    assert "simpler" in result.reason
