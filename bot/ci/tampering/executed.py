"""The gate on what was really executed: no trick in the texts matters if every test of the base branch was run.

It sees what no text shows (a test that is skipped by a name put together at run time) and is blind to what happens
inside a test; so neither gate replaces the other.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from bot.ci.tampering.change import Change
from bot.model.validation import TamperFinding, TestEvidence, TestState

_EXECUTED = frozenset({"passed", "failed", "error"})
Rule = Literal["test-vanished", "test-skipped"]
_BAD = frozenset({"failed", "error"})


def vanished_tests(change: Change) -> Iterator[TamperFinding]:
    """Tests that were executed on the base and that the head does not even name."""
    if change.before is None or change.after is None or _says_nothing(change.after):
        return
    gone = [test for test, state in _missing(change.before, change.after, change) if state == "absent"]
    yield from _named("test-vanished", gone, "was executed on the base branch and is gone")


def unexecuted_tests(change: Change) -> Iterator[TamperFinding]:
    """Tests that were executed on the base and are skipped on the head, beyond the number that is allowed."""
    if change.before is None or change.after is None or _says_nothing(change.after):
        return
    skipped = [test for test, state in _missing(change.before, change.after, change) if state == "skipped"]
    yield from _named(
        "test-skipped", skipped[change.allowed.new_skips :], "was executed on the base branch and is skipped"
    )


def unexplained_exits(change: Change) -> Iterator[TamperFinding]:
    """A success that no report agrees with: none was written, or it names tests that failed."""
    after = change.after
    if after is None or after.exit_code != 0:
        return
    if not after.reported:
        yield TamperFinding("process-exited", "", None, "the tests ended with success and without a report")
    elif bad := [test for test, state in after.outcomes if state in _BAD]:
        detail = f"the tests ended with success although {len(bad)} failed, the first of them {bad[0]!r}"
        yield TamperFinding("process-exited", "", None, detail)


def contradicted_reports(change: Change) -> Iterator[TamperFinding]:
    """A report in which all is well although the run failed.

    A suspicion, because a plugin may fail a run by its own measure, such as too little coverage; the run is red in
    either case.
    """
    after = change.after
    if after is not None and after.reported and after.exit_code == 1 and after.outcomes:
        base_alike = change.before is not None and change.before.exit_code == 1 and not _failures(change.before)
        if not _failures(after) and not base_alike:
            detail = "the report names no test that failed, and the run ended with exit code 1"
            yield TamperFinding("report-forged", "", None, detail, suspicion=True)


def _missing(before: TestEvidence, after: TestEvidence, change: Change) -> Iterator[tuple[str, TestState]]:
    """Tests that the base executed and the head did not, and what the head says of them.

    A module that could not be imported has one entry for all its tests. If that made the run red, its tests are
    not gone: the error is what is told.
    """
    states: Mapping[str, TestState] = dict(after.outcomes)
    for test, state in before.outcomes:
        if state not in _EXECUTED or change.allowed.may_vanish(test):
            continue
        found = states.get(test, "absent")
        if found == "absent":
            found = states.get(test.partition("::")[0], "absent")
            if found == "error" and after.exit_code != 0:
                continue
            if found != "skipped":
                found = "absent"
        if found in ("absent", "skipped"):
            yield test, found


def _failures(evidence: TestEvidence) -> bool:
    return any(state in _BAD for _, state in evidence.outcomes)


def _says_nothing(evidence: TestEvidence) -> bool:
    """No report: nothing is known of any test, and that is told as what it is, not as tests that vanished."""
    return not evidence.reported


def _named(rule: Rule, tests: list[str], what: str) -> Iterator[TamperFinding]:
    for test in tests:
        yield TamperFinding(rule, test.partition("::")[0], None, f"{test!r} {what}")
