"""Paths that a model names: what is refused, what is accepted, and what no accepted path can ever be."""

import posixpath
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.loop.paths import PathRefused, protected_reason, validate_path


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "a/../../x",
        "a/..",
        "/etc/passwd",
        "~/.ssh/id",
        "~root/x",
        "-rf",
        "src/-rf",
        "a\\..\\b",
        ".git/config",
        ".git",
        ".GIT/config",
        ".g\u200cit/config",
        "\u200b.git/config",
        ".git\ufe0f/config",
        ".git\u3164/config",
        ".\uff27\uff29\uff34/config",
        "git~1/config",
        "GIT~1",
        "GITMOD~1",
        ".git /config",
        ".git./config",
        ".git. ./config",
        ".git::$INDEX_ALLOCATION/config",
        "file.py::$DATA",
        "sub/.git/hooks/pre-commit",
        ".gitmodules",
        ".GitModules",
        ".gitattributes",
        "sub/.gitattributes",
        ".lfsconfig",
        ".github/workflows/x.yml",
        ".GitHub/Workflows/x.yml",
        ".github/CODEOWNERS",
        ".rmo/state.json",
        ".RMO/state.json",
        "\0",
        "a\0b",
        "a\nb",
        "a\rb",
        "a\tb",
        "a\x1b[2Kb",
        "a//b",
        "a/",
        "/",
        "./a",
        "a/./b",
        ".",
        "..",
        "...",
        "C:/x",
        "C:x",
        "a?b",
        "a*b",
        "a|b",
        'a"b',
        "a" * 256,
        "a/" * 150 + "b",
        "é" * 200,
        "\uff0e\uff0e/x",
        "\u2025/x",
        "a\uff0fb",
        "a\uff3cb",
        "C\uff1ax",
        "e\u0301.py",
        "a\u00a0b",
        "a\u2028b",
        "a\u202eb",
        "a\U000e0041b",
        "a\u00adb",
        "\ud800",
        "a\ue000b",
        "",
        " ",
        " a",
        "a ",
    ],
)
def test_refused(path: str) -> None:
    refused = validate_path(path)
    assert isinstance(refused, PathRefused)
    assert "\n" not in refused.reason
    refused.reason.encode()


@pytest.mark.parametrize(
    "path",
    [
        "a.py",
        "src/package/module.py",
        "docs/a file.md",
        "app/[id]/page.tsx",
        "tests/test_é.py",
        "日本/語.txt",
        ".gitignore",
        ".git-blame-ignore-revs",
        "docs/github/index.md",
        "src/.github-notes.md",
        "a.git/config",
        "module.py~",
        "a-b/c--d.py",
        "x" * 255,
        "pyproject.toml",
        "conftest.py",
    ],
)
def test_accepted_as_it_is(path: str) -> None:
    assert validate_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "conftest.py",
        "tests/Conftest.py",
        "pytest.ini",
        "tox.ini",
        "setup.cfg",
        ".coveragerc",
        "ruff.toml",
        "sub/.ruff.toml",
        ".bandit",
        "mypy.ini",
        "src/sitecustomize.py",
        "usercustomize.py",
        "src/anything.PTH",
        ".pre-commit-config.yaml",
        ".pre-commit-hooks.yaml",
        "CODEOWNERS",
        "docs/CODEOWNERS",
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        "azure-pipelines.yml",
        "Jenkinsfile",
        "uv.lock",
        "web/package-lock.json",
        "Cargo.lock",
    ],
)
def test_protected_with_a_reason(path: str) -> None:
    assert validate_path(path) == path
    reason = protected_reason(path)
    assert reason is not None
    assert "protected" in reason


@pytest.mark.parametrize("path", [".github/workflows/ci.yml", ".GitHub/dependabot.yml", ".rmo/state.json"])
def test_what_no_reply_may_name_is_protected_in_a_diff_too(path: str) -> None:
    reason = protected_reason(path)
    assert reason is not None
    assert "automation" in reason


@pytest.mark.parametrize("path", ["a.py", "pyproject.toml", "docs/tox.ini.md", "src/circleci/x.py", "myconftest.py"])
def test_not_protected(path: str) -> None:
    assert protected_reason(path) is None


TRICKY = st.text(
    st.sampled_from("./\\~: -.gitGITab1\u200c\u200d\ufeff\u0301\uff0e\uff0f\u2024\u2025\uff47\uff27\x00\n\u3164"),
    max_size=20,
)
PATHS = st.one_of(st.text(max_size=40), TRICKY)


@given(PATHS)
@example(".git")
@example("x/../../y")
def test_no_accepted_path_leaves_the_tree(path: str) -> None:
    if validate_path(path) == path:
        for form in ("NFC", "NFD", "NFKC", "NFKD"):
            seen = unicodedata.normalize(form, path)
            for system in (seen, seen.replace("\\", "/")):
                joined = posixpath.normpath(posixpath.join("/root/of/the/tree", system))
                assert joined.startswith("/root/of/the/tree/")


def reread(part: str) -> str:
    """A part as the most forgiving file system compares it."""
    shown = "".join(letter for letter in part if unicodedata.category(letter) not in {"Cf", "Mn", "Cc"})
    return unicodedata.normalize("NFKC", shown).casefold().rstrip(". ").partition(":")[0]


@given(PATHS)
@example("a/.g\u200cit/b")
@example(".Git. ")
def test_no_accepted_path_is_inside_a_git_directory(path: str) -> None:
    if validate_path(path) == path:
        assert not {reread(part) for part in path.split("/")} & {".git", "git~1", ".gitmodules", ".gitattributes"}
        assert reread(path.split("/")[0]) not in {".github", ".rmo"}


@given(PATHS)
def test_a_path_is_accepted_unchanged_or_refused_with_a_reason(path: str) -> None:
    result = validate_path(path)
    if isinstance(result, PathRefused):
        assert result.reason
    else:
        assert result == path
        assert path.isprintable()


@given(st.lists(st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True), min_size=1, max_size=5))
def test_ordinary_paths_pass(parts: list[str]) -> None:
    path = "/".join(parts) + ".py"
    assert validate_path(path) == path
