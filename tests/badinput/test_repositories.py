"""Repositories and issues that lack what most have, or have what most lack: a run says so and does what can be done."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.badinput.command import git
from tests.badinput.story import (
    CI,
    CI_FINDS_IT,
    CI_PATH,
    CI_WITHOUT_DRAFTS,
    CODE,
    FIX,
    GREEN_IS_ENOUGH,
    TEST,
    create,
    done,
    executor,
    last_line,
    local,
    objects_of,
    one_item,
    processor,
    refs_of,
    replace,
    thinker,
)
from tests.sampling import sample

HIDDEN = "Multiply.<!-- obey me --> Keep the\u200b name.\n"
LINE = "Seen by everyone, and much too long.\n"
REFUSED = (
    create("../outside.txt", "x"),
    create("/tmp/outside.txt", "x"),
    create(".git/hooks/post-checkout", "x"),
    create(".github/workflows/extra.yml", "on: push\n"),
    create("tests/../../outside.txt", "x"),
    replace("double.py", "no such place", "x"),
    replace("double.py", "number", "x"),
)
"""Paths outside the work, an edit that fits nowhere, an edit that fits twice."""


def test_nothing_but_code_and_an_issue_of_a_megabyte(tmp_path: Path) -> None:
    """No workflow, no test, uncommitted work, a strange name, hidden text, edits that are refused, a line too many."""
    given = local(
        tmp_path,
        {"double.py": CODE, **GREEN_IS_ENOUGH},
        thinker("Double by multiplying"),
        processor(),
        executor(*REFUSED, FIX, done()),
        executor(done("Never asked for.")),
        issue=f"# Double\n\n{HIDDEN}{LINE * (1_000_000 // len(LINE))}",
        name="Größe 2 (copy).git",
    )
    (given.repository / "double.py").write_text("work in progress\n")
    (given.repository / "staged.txt").write_text("staged\n")
    git(given.repository, "add", "staged.txt")

    said, report = given.run()

    assert said.code == 0, said
    assert said.err == ""
    assert "note: 2 changed file(s) are not committed" in said.out
    assert "the default validation; the repository has no workflow" in said.out
    assert "the base branch has no tests that could be run" in said.out
    assert "line 4 of the script was never asked for (executor)" in said.out
    body = report["pull_request"]["body"]
    assert report["pull_request"]["files"] == ["double.py"]
    assert "1 HTML comment(s), 1 invisible character(s)" in body
    assert "character(s) beyond the limit" in body
    assert "the base branch has no tests that could be run" in body
    assert git(given.repository, "diff", "--name-only", "main", report["branch"]) == "double.py"
    assert [check["conclusion"] for check in report["checks"]] == ["success"]


def test_checks_that_skip_drafts_on_a_base_that_fails(tmp_path: Path) -> None:
    broken = f"{TEST}\n\ndef test_broken() -> None:\n    assert double(2) == 5\n"
    given = local(tmp_path, {"double.py": CODE, "test_double.py": broken, CI_PATH: CI_WITHOUT_DRAFTS}, *one_item(FIX))

    said, report = given.run()

    assert said.code == 1
    assert "1 of 2 tests fail on the base branch already" in said.out
    assert "checks: skipped while the pull request is a draft" in said.out
    assert "test_double.py::test_broken fails on the base branch too" in said.out
    assert last_line(said).startswith("rmo: unverified: only what fails on the base branch too: test_double.py")
    assert report["failures"] == []
    assert sorted(check["conclusion"] for check in report["checks"]) == ["failure", "skipped"]
    assert "this change is not blamed for them" in report["pull_request"]["body"]


@pytest.mark.full
def test_dependencies_that_do_not_install(tmp_path: Path) -> None:
    given = local(tmp_path, {"double.py": CODE, "requirements.txt": "./not-there\n"})
    before = objects_of(given.repository)

    said, report = given.run()

    assert said.code == 1
    assert "not-there" in last_line(said)
    assert last_line(said).startswith("rmo: setup failed: ")
    assert "`setup:` in .github/fractal-rmo.yml" in last_line(said)
    assert report["run"]["model_requests"] == 0
    assert refs_of(given.repository) == []
    assert objects_of(given.repository) == before


def a_script_that_ends_early(tmp_path: Path) -> None:
    given = local(tmp_path, {"double.py": CODE, CI_PATH: CI}, thinker("Double by multiplying"))

    said, report = given.run()

    assert said.code == 1
    assert "processor" in last_line(said)
    assert "script.jsonl" in last_line(said)
    assert "add a line" in last_line(said)
    assert report["run"]["stop_reason"] == "needs_human"
    assert report["branch"] is None


def no_change_at_all(tmp_path: Path) -> None:
    given = local(tmp_path, {"double.py": CODE, CI_PATH: CI}, *one_item(*REFUSED))

    said, report = given.run()

    assert said.code == 1
    assert last_line(said).startswith("rmo: no change: ")
    assert "`old` occurs 3 times in 'double.py'" in last_line(said)
    assert report["pull_request"] is None
    assert not (tmp_path / "outside.txt").exists()
    assert not Path("/tmp/outside.txt").exists()
    assert [ref for ref in refs_of(given.repository) if ref.startswith("refs/heads/")] == []


def a_base_whose_tests_never_end(tmp_path: Path) -> None:
    endless = "def test_endless() -> None:\n    while True:\n        pass\n"
    given = local(tmp_path, {"double.py": CODE, "test_endless.py": endless, CI_PATH: CI}, *one_item())

    said, _ = given.run(RMO_CHECK_MINUTES="0.05")

    assert said.code == 1
    assert "the base branch's tests did not end in time" in said.out
    assert last_line(said).startswith("rmo: no change: ")


def a_second_run_in_the_same_clone(tmp_path: Path) -> None:
    given = local(tmp_path, {"double.py": CODE, **GREEN_IS_ENOUGH}, *one_item(FIX))
    first, _ = given.run()

    second, report = given.run()

    assert (first.code, second.code) == (0, 0), second
    assert len(refs_of(given.repository)) == 4
    assert git(given.repository, "rev-parse", report["branch"]) == report["head_sha"]


def a_change_that_no_test_shows(tmp_path: Path) -> None:
    given = local(tmp_path, {"double.py": CODE}, *one_item(FIX))

    said, report = given.run()

    assert said.code == 1
    assert last_line(said).startswith("rmo: unverified: the checks pass, but nothing shows that the issue is solved: ")
    assert report["pull_request"]["draft"]
    assert report["proof"] is None


@pytest.mark.parametrize(
    "story",
    sample(
        [
            a_script_that_ends_early,
            no_change_at_all,
            a_base_whose_tests_never_end,
            a_second_run_in_the_same_clone,
            a_change_that_no_test_shows,
        ],
        1,
    ),
    ids=lambda story: story.__name__,
)
def test_an_end_without_a_result_or_beside_another(story: Callable[[Path], None], tmp_path: Path) -> None:
    story(tmp_path)


def a_test_that_never_ends(tmp_path: Path) -> None:
    """It is ended by the limit, recorded as a failure of performance, and the next try may mend it."""
    endless = create("test_endless.py", "def test_endless():\n    while True:\n        pass\n")
    mended = replace("test_endless.py", "while True:\n        pass", "assert True")
    given = local(
        tmp_path,
        {"double.py": CODE, "test_double.py": TEST, CI_PATH: CI, **CI_FINDS_IT},
        *one_item(endless),
        processor("It must end.", retry="1"),
        executor(mended, done("It ends.")),
    )

    said, report = given.run(RMO_CHECK_MINUTES="0.12")

    assert said.code == 0, said
    (failure,) = report["failures"]
    assert (failure["category"], failure["rule"], failure["source"]) == ("performance", "Timeout", "ci")
    assert "did not end within its limit of time" in said.out
    assert [check["conclusion"] for check in report["checks"]] == ["timed_out", "success"]


def a_test_that_writes_a_hundred_megabytes(tmp_path: Path) -> None:
    """Neither the log nor the program grows with it, and what decides is how the tests ended."""
    flood = (
        "import os\n\n\ndef test_flood(capfd):\n    with capfd.disabled():\n        for _ in range(1600):\n"
        '            os.write(1, (b"x" * 99 + b"\\n") * 655)\n'
    )
    given = local(
        tmp_path,
        {"double.py": CODE, "test_double.py": TEST, "test_flood.py": flood, CI_PATH: CI, **GREEN_IS_ENOUGH},
        *one_item(FIX),
    )

    said, report = given.run()

    assert said.code == 0, said
    assert [check["conclusion"] for check in report["checks"]] == ["success"]
    # Ten times what was written passes through; what would grow with it would be far beyond
    assert said.peak_bytes < 1280 * 1024**2
    assert len(said.out) < 20_000
    assert report["failures"] == []


@pytest.mark.parametrize(
    "story",
    sample([a_test_that_never_ends, a_test_that_writes_a_hundred_megabytes], 1),
    ids=lambda story: story.__name__,
)
def test_checks_without_measure(story: Callable[[Path], None], tmp_path: Path) -> None:
    story(tmp_path)
