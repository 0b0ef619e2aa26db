"""`rmo validate` on a person's own work tree: what it says, what it leaves alone, how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.badinput.command import Said, git, make_repository, rmo

ADD = "def add(a: int, b: int) -> int:\n    return a - b\n"
FIXED = ADD.replace("a - b", "a + b")
TEST = "from sums import add\n\n\ndef test_add() -> None:\n    assert add(1, 2) == 3\n"
ZERO = "from sums import add\n\n\ndef test_zero() -> None:\n    assert add(1, 0) == 1\n"
SHOP = {"sums.py": ADD, "tests/test_zero.py": ZERO}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repository", SHOP)


def write(repository: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_text(text)


def validated(repository: Path, *options: str, **environment: str) -> tuple[Said, dict[str, Any]]:
    """What was said and reported; nothing of the work tree may be touched, and nothing may be left running."""
    home = repository.parent
    before = git(repository, "status", "--porcelain", "--ignored")
    said = rmo("validate", repository, *options, "--json", home / "report.json", home=home, **environment)
    assert git(repository, "status", "--porcelain", "--ignored") == before
    assert (said.survivors, said.stray) == ((), ())
    assert "Traceback" not in said.err
    report = json.loads((home / "report.json").read_text())
    assert set(report) == {"verdict", "reasons", "proof", "levels", "failures", "tampering", "coverage"}
    return said, report


def statuses(report: dict[str, Any]) -> list[str]:
    assert [set(level) for level in report["levels"]] == [{"level", "name", "status", "seconds"}] * 3
    return [level["status"] for level in report["levels"]]


def one_line(said: Said, *words: str) -> None:
    (line,) = said.err.strip().splitlines()
    assert line.startswith("rmo: ")
    for word in words:
        assert word in line


def test_a_fix_with_its_test_passes_with_a_proof(repository: Path) -> None:
    """Uncommitted, one file not even added; the second time everything is known."""
    write(repository, {"sums.py": FIXED, "tests/test_add.py": TEST})

    said, report = validated(repository, "--base", "main")
    again, _ = validated(repository, "--base", "main")

    assert (said.code, said.err) == (0, ""), said
    assert report["verdict"] == "passed"
    assert report["proof"] == {"test": "tests/test_add.py::test_add", "base": "failed", "head": "passed"}
    assert statuses(report) == ["passed", "passed", "passed"]
    assert (report["failures"], report["tampering"]) == ([], [])
    assert report["coverage"] == {"before": 1.0, "after": 1.0}
    assert again.code == 0
    assert again.out.count("cached") == 5, again.out


def test_a_change_that_breaks_a_test_fails_with_typed_failures(repository: Path) -> None:
    write(repository, {"sums.py": ADD.replace("a - b", "b")})

    said, report = validated(repository, "--base", "HEAD")

    assert said.code == 1
    assert statuses(report) == ["passed", "passed", "failed"]
    (failure,) = report["failures"]
    assert failure.pop("message").startswith("AssertionError")
    assert len(failure.pop("fingerprint")) == 16
    assert failure == {
        "category": "logic",
        "tool": "pytest",
        "rule": "",
        "exception": "AssertionError",
        "file": "tests/test_zero.py",
        "line": 5,
        "test": "tests/test_zero.py::test_zero",
    }
    one_line(said, "failed: level 3 (tests) found 1 failure(s)")


def test_a_whole_tree_is_judged_where_no_base_is_given(repository: Path) -> None:
    """What is committed counts too."""
    sound, _ = validated(repository)
    write(repository, {"tests/test_add.py": TEST})
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "Red")
    said, report = validated(repository)
    against_itself, unverified = validated(repository, "--base", "HEAD")

    assert sound.code == 0, sound
    assert said.code == 1
    assert [failure["test"] for failure in report["failures"]] == ["tests/test_add.py::test_add"]
    assert report["proof"] is None
    assert against_itself.code == 1
    assert unverified["verdict"] == "unverified"
    one_line(against_itself, "unverified: no proof: nothing changed")


def test_a_deleted_test_is_tampering(repository: Path) -> None:
    write(repository, {"sums.py": FIXED, "tests/test_add.py": TEST})
    (repository / "tests" / "test_zero.py").unlink()

    said, report = validated(repository, "--base", "HEAD")

    assert said.code == 1
    assert "test-deleted" in {finding["rule"] for finding in report["tampering"]}
    assert {failure["category"] for failure in report["failures"]} == {"tampering"}
    assert report["verdict"] == "failed"
    one_line(said, "tampering", "tests/test_zero.py")


def test_a_change_without_a_test_is_unverified_unless_it_is_documentation(repository: Path) -> None:
    write(repository, {"sums.py": FIXED})
    said, report = validated(repository, "--base", "HEAD")
    write(repository, {"sums.py": f'"""Sums."""\n\n{ADD}', "README.md": "# Sums\n"})
    documented, documentation = validated(repository, "--base", "HEAD")

    assert (said.code, report["verdict"]) == (1, "unverified")
    one_line(said, "no proof: the change brings no test")
    assert (documented.code, documentation["verdict"]) == (0, "passed"), documented
    assert documentation["reasons"][0] == "proof: only documentation changed, in 2 file(s)"


def test_a_repository_without_tests(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "repository", {"a.py": "x = 1\n"})
    write(repository, {"a.py": "x = (\n"})

    said, report = validated(repository)
    write(repository, {"a.py": "x = 2\n"})
    sound, told = validated(repository)

    assert said.code == 1
    assert statuses(report) == ["failed", "not run", "not run"]
    assert (report["failures"][0]["category"], report["failures"][0]["exception"]) == ("syntax", "SyntaxError")
    assert sound.code == 0, sound
    assert statuses(told) == ["passed", "passed", "not run"]
    assert told["reasons"] == ["level 3 (tests) did not run: the repository has no tests"]


def test_a_tool_that_is_configured_and_missing_is_named(repository: Path) -> None:
    write(repository, {"mypy.ini": "[mypy]\n"})

    said, report = validated(repository)

    assert said.code == 1  # it configures the tools that judge
    assert "level 2 (static): ruff, bandit; not run: mypy: not among the installed dependencies" in report["reasons"]


def test_without_a_sandbox_nothing_runs_and_the_mend_is_said(repository: Path) -> None:
    said, report = validated(repository, RMO_SANDBOX="seatbelt")

    assert (said.code, report["verdict"]) == (1, "unverified")
    assert statuses(report) == ["not run"] * 3
    one_line(said, "no sandbox (sandbox-exec is not there)")


def test_dependencies_that_do_not_install_are_a_failure(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "repository", {"a.py": "x = 1\n", "requirements.txt": "./not-there\n"})

    said, report = validated(repository)

    assert (said.code, report["verdict"]) == (1, "failed")
    assert statuses(report) == ["passed", "not run", "not run"]
    assert [failure["category"] for failure in report["failures"]] == ["environment"]
    one_line(said, "environment", "not-there")


def test_a_work_tree_of_odd_things(repository: Path) -> None:
    """A binary, a link, a deleted file, another repository and a broken configuration, in a second work tree."""
    tree = repository.parent / "second"
    git(repository, "worktree", "add", "--quiet", "--detach", str(tree))
    write(tree, {"notes.md": "# Notes\n", ".github/fractal-rmo.yml": "analysers: many\n"})
    (tree / "image.png").write_bytes(b"\x89PNG\xff")
    (tree / "link.py").symlink_to("/etc/passwd")
    make_repository(tree / "inner", {"b.py": "x = 1\n"})
    (tree / "gone.py").write_text("x = 1\n")
    git(tree, "add", "gone.py", ".github")
    git(tree, "commit", "--quiet", "--message", "Second")
    (tree / "gone.py").unlink()

    said, report = validated(tree)

    assert said.code == 0, said
    assert "no text, or too large; validated as the base commit has them: 'image.png', 'inner/', 'link.py'" in said.out
    assert "2 changed file(s) against HEAD" in said.out
    assert "note: " in said.out
    assert "analysers" in said.out
    assert report["verdict"] == "passed"


@pytest.mark.parametrize(
    ("make", "arguments", "words"),
    [
        ("nothing", (), ("'plain'", "no git repository")),
        ("repository", ("--base", "nowhere"), ("'nowhere'", "check the name")),
        ("repository", ("--base", "--all"), ("'--all'", "check the name")),
        ("repository", ("--json", "no/such/report.json"), ("no/such", "make it first")),
        ("empty", (), ("no commit",)),
    ],
    ids=["not a repository", "unknown ref", "an option for a ref", "no directory for the report", "no commit"],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    tmp_path: Path, make: str, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    place = tmp_path / "plain"
    if make == "repository":
        make_repository(place, SHOP)
    else:
        place.mkdir()
    if make == "empty":
        git(place, "init", "--quiet")

    said = rmo("validate", place, *arguments, home=tmp_path)

    assert said.code == 2, said
    assert "Traceback" not in said.err
    one_line(said, *(word.replace("'plain'", str(place)) for word in words))
