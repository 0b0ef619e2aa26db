"""What shows that a change helps, and what speaks against it, in the words of the pull request."""

from dataclasses import replace

import pytest

from bot import comments
from bot.failures.reproduction import reproduction_failure
from bot.model.run import Run
from bot.model.validation import (
    BehaviourKept,
    CodeUnchanged,
    LevelResult,
    Proof,
    RedBeforeGreen,
    TamperFinding,
    Unproven,
)
from tests.unit.comments.runs import finished, refrozen


@pytest.mark.parametrize(
    ("proof", "words"),
    [
        (RedBeforeGreen("t.py::test_a", "failed", "passed", "sandbox", "ci"), "t.py::test_a failed on the base commit"),
        (CodeUnchanged(2), "2 file(s) of documentation changed and no code"),
        (BehaviourKept(7), "all 7 tests of the base commit ran again"),
        (Unproven("no sandbox"), "none: no sandbox"),
    ],
)
def test_every_kind_of_proof_has_its_words(proof: Proof | Unproven, words: str) -> None:
    assert words in comments.in_words(proof)


def body(run: Run, **changed: object) -> str:
    return comments.pull_request_body(replace(run, **changed))  # pyright: ignore[reportArgumentType] - fields by name


def test_without_a_proof_there_is_no_section() -> None:
    assert "What shows that it helps" not in body(finished(), proof=None)


def test_tampering_stands_under_its_own_heading_each_finding_once() -> None:
    bent = TamperFinding("test-skipped", "tests/@t.py", 3, "a new skip <b>")
    odd = TamperFinding("error-swallowed", "a.py", None, "catches everything", suspicion=True)
    said = body(finished(), tampering=(bent, odd, bent))
    assert said.count("test-skipped (refused): a new skip &lt;b&gt;") == 1
    assert "`tests/@\u200bt.py`, line 3" in said
    assert "`a.py`: error-swallowed (suspicion)" in said


def test_what_nobody_is_blamed_for_is_told() -> None:
    said = body(finished(), pre_existing=("t::old",), flaky=("t::moody",))
    assert "`t::old` fails on the base branch too" in said
    assert "`t::moody` is flaky" in said


def test_what_was_not_run_is_told() -> None:
    level = LevelResult(3, "tests", "not run", 0.0, "no test touches what changed")
    passed = LevelResult(1, "syntax", "passed", 0.1, "1 file")
    said = body(finished(), levels=(passed, level), unread=("junit.xml: too large",))
    assert "Before the push, level 3 (tests): no test touches what changed." in said
    assert "level 1" not in said
    assert "A report that could not be read: junit.xml: too large." in said


def test_a_repository_that_asks_for_no_proof_is_told_so() -> None:
    run = finished()
    assert run.frozen is not None
    config = replace(run.frozen.config, red_before_green=False)
    assert "the repository's configuration asks for none" in comments.pull_request_body(refrozen(run, config=config))


def test_saved_round_trips_are_counted() -> None:
    assert "2 round trip(s) to CI saved" in body(finished(), stopped_before_push=2)


def test_a_test_that_shows_nothing_is_a_failure_of_its_own_kind() -> None:
    one, other = reproduction_failure("t.py::test_a"), reproduction_failure("u.py::test_b[1]")
    assert (one.path, one.test, one.rule) == ("t.py", "t.py::test_a", "PassesOnBase")
    assert one.fingerprint == other.fingerprint
