"""The status comment and the pull request's text: every state has its words, and every end its next step."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from inline_snapshot import snapshot

from bot import comments
from bot.model.estimate import NoHistory
from bot.model.ids import CommentId, CommitSha, MicroDollars
from bot.model.phase import (
    Answering,
    Approving,
    Consulting,
    Ended,
    GoingBack,
    Inspecting,
    Judging,
    Opening,
    Phase,
    Planning,
    Preparing,
    Presenting,
    Proving,
    Recording,
    Reviewing,
    Starting,
    Stopping,
    StopReason,
    Updating,
    Working,
)
from bot.model.run import BaseChecks
from bot.model.task import CleaningReport
from tests.unit.comments.runs import HEAD, MEND, PIN, done, finished, fresh, planned, refrozen, reviewed
from tests.unit.loop.story import START

WORDS: tuple[tuple[Phase, str], ...] = (
    (Starting(), "Setting up the repository"),
    (Preparing(), "Setting up the repository"),
    (Planning(), "Making a plan."),
    (Planning(problem="it @failed"), "Making another plan, because the last one did not work: it @\u200bfailed"),
    (Reviewing("plan"), "Reviewing the plan."),
    (Reviewing("verdict"), "Checks failed; deciding"),
    (Working(MEND, 1), "Working on: Mend it"),
    (Working(MEND, 2), "Working on: Mend it (try 2)"),
    (Inspecting(Working(MEND, 1), "s"), "Validating before the push: Mend it"),
    (Recording("executor", "fix_defect", "Mend it", "", {}, None, None), "Committing: Mend it"),
    (Opening(None), "Opening a draft"),
    (Approving(), "no code is written before somebody with write access approves it"),
    (Consulting(), "Reading what reviewers ask for."),
    (Answering(CommentId(1), None), "Answering a reviewer."),
    (GoingBack(3), "Going back to step 3"),
    (Updating(), "Seeing whether the base branch has moved"),
    (Judging(HEAD, START), "Waiting for the checks of `000000000000`."),
    (Proving(HEAD, ()), "are green; looking for a proof"),
    (Presenting(ready=True, then=Starting()), "Bringing the pull request up to date."),
    (Stopping("stuck", "it is hard"), "It is hard."),
    (Ended("stuck", "it is hard", START), "It is hard."),
)


def test_a_credential_in_the_issue_is_told_to_its_owner() -> None:
    run = planned()
    assert run.frozen is not None
    task = replace(run.frozen.task, cleaning=replace(run.frozen.task.cleaning, secrets=1))
    assert "seems to hold a credential" in comments.status(replace(run, frozen=replace(run.frozen, task=task)))
    assert "credential" not in comments.status(run)


def test_the_status_at_the_end() -> None:
    said, _, bill = comments.status(finished()).rpartition("<sub>")
    assert bill == (
        "no cost · 6 model requests · 90 tokens · began 2026-01-01 12:00 UTC, ended 2026-01-01 12:25 UTC · "
        "run `7-12-99` · pull request #13</sub>\n"
    )
    assert said == snapshot(
        """\
<!-- rmo:status 7-12-99 -->

### Done: ready for your review

All checks passed: test.

**Next step:** Please review the pull request.

- [x] Pin it
- [x] Mend it

"""
    )


def test_the_status_while_a_plan_waits() -> None:
    run = replace(planned(), phase=Approving())
    said, _, bill = comments.status(run, NoHistory(2, 5), "https://rmo.example/runs/7-12-99").rpartition("<sub>")
    assert "began 2026-01-01 12:00 UTC · run [`7-12-99`](https://rmo.example/runs/7-12-99)</sub>" in bill
    assert said == snapshot(
        """\
<!-- rmo:status 7-12-99 -->

### Waiting for your approval

The plan is made, and no code is written before somebody with write access approves it.

**Next step:** comment `/rmo approve` to have it carried out, or `/rmo stop`; `/rmo plan` shows it in full.

- [ ] Pin it
- [ ] Mend it

Estimate for the whole plan: no history yet: 2 of the 5 earlier items that it needs.

"""
    )


def test_what_people_did_is_part_of_the_status() -> None:
    run = replace(reviewed(), approved_by="bob", refused_wishes=("no @step 9", "no @step 9"))
    said = comments.status(run, NoHistory(2, 5))
    assert "- Plan approved by bob." in said
    assert "- Remarks of reviewers answered: 1 of 2." in said
    assert said.count("- Not done: no @\u200bstep 9.") == 1
    assert "Estimate" not in said


def test_the_pull_request_at_the_end() -> None:
    run = finished()
    assert comments.pull_request_title(run) == "Wrong sum"
    body, _, account = comments.pull_request_body(run).rpartition("<sub>")
    assert "requests to script:test" in account
    assert "every step on `refs/rmo/runs/7-12-99`" in account
    assert body == snapshot(
        """\
Closes #12

a plan

#### What was done

- **Pin it** (`tests/test_a.py`): changed
- **Mend it** (`a.py`, 2 tries): changed

#### What the checks said

On `0000000000000000000000000000000000000010`:
- test: **success**

#### What shows that it helps

tests/test_a.py::test_a failed on the base commit (sandbox) and passed on the head (sandbox).

#### Not validated

- By tests: no sandbox.

"""
    )


def test_the_pull_request_tells_of_reviews_and_of_the_approval() -> None:
    body = comments.pull_request_body(replace(reviewed(), approved_by="bob"))
    assert "- ada at `a.py`: answered\n- ada: open" in body
    assert "plan approved by bob" in body


@pytest.mark.parametrize(("phase", "words"), WORDS)
def test_every_phase_has_its_words(phase: Phase, words: str) -> None:
    run = replace(planned(), phase=phase)
    assert words in comments.standing(run)
    assert words in comments.status(run)


def test_no_phase_is_left_out() -> None:
    assert {type(phase) for phase, _ in WORDS} == set(get_args(Phase))


@pytest.mark.parametrize("phase", [Working(MEND, 1), Inspecting(Working(MEND, 1), "s")])
def test_the_item_at_work_stands_out(phase: Phase) -> None:
    run = replace(planned(), phase=phase, pending_items=(), finished_items=(done(PIN, "t.py"),))
    assert "- [x] Pin it\n- [ ] **Mend it**" in comments.status(run)


@pytest.mark.parametrize("reason", get_args(StopReason))
def test_every_end_names_the_next_step(reason: StopReason) -> None:
    run = replace(finished(), phase=Stopping(reason, "because of this"))
    said = comments.status(run)
    assert "Because of this." in said
    assert "**Next step:** " in said
    body = comments.pull_request_body(run)
    assert ("How it ended" in body) == (reason != "completed")


def test_each_kind_of_end_has_its_headline() -> None:
    headlines = {
        reason: comments.status(replace(finished(), phase=Ended(reason, "x", START))).split("\n\n")[1]
        for reason in get_args(StopReason)
    }
    assert headlines["cancelled"] == "### Cancelled"
    assert headlines["failed"] == "### Something went wrong on my side"
    assert headlines["edited"] == headlines["secret_found"] == "### Stopped"
    assert headlines["completed"] == "### Done: ready for your review"


def test_a_success_without_a_pull_request_changed_nothing() -> None:
    assert "### Done: nothing had to be changed" in comments.status(replace(finished(), pull_request=None))


def test_what_is_not_validated_is_said() -> None:
    body = comments.pull_request_body(replace(finished(), checks=()))
    assert "No check has finished yet." in body
    assert "No check of this repository has judged the change." in body


def test_failures_of_the_base_branch_are_named() -> None:
    checks = BaseChecks(True, "1 of 2 tests fail", ("tests/t.py::old",), 1, "bubblewrap")
    body = comments.pull_request_body(replace(finished(), base_checks=checks))
    assert "`tests/t.py::old`" in body
    assert "not blamed" in body


def test_what_was_removed_from_the_issue_is_counted() -> None:
    run = finished()
    assert run.frozen is not None
    task = replace(run.frozen.task, cleaning=CleaningReport(2, 5, 7))
    body = comments.pull_request_body(refrozen(run, task=task))
    assert "Removed before anyone read it: 2 HTML comment(s), 5 invisible character(s), 7 character(s)" in body
    assert not CleaningReport(1).is_clean
    assert CleaningReport().is_clean


def test_a_run_that_stands_still_says_what_it_waits_for() -> None:
    said = comments.status(replace(planned(), phase=Working(MEND, 1)), waits="the money of @today is spent")
    assert "### Working on it\n\nWaiting: the money of @\u200btoday is spent.\n\n- [ ] **Mend it**" in said


def test_before_anything_is_frozen_there_is_a_status_too() -> None:
    said = comments.status(replace(fresh(), frozen=None, base_checks=None))
    assert "### Working on it" in said


def test_a_bill_names_dollars() -> None:
    spent = replace(finished().spent, cost=MicroDollars(1_234_567))
    assert "1.23 US dollars" in comments.status(replace(finished(), spent=spent))


def test_a_title_is_never_empty() -> None:
    run = finished()
    assert run.frozen is not None
    assert comments.pull_request_title(refrozen(run, task=replace(run.frozen.task, title=""))) == "Work on issue 12"


def test_a_change_without_files_says_so() -> None:
    run = replace(finished(), plan=None, finished_items=(done(PIN, summary="it is right"),))
    assert "(nothing to change): it is right" in comments.pull_request_body(run)


def test_a_status_does_not_change_by_itself() -> None:
    later = replace(finished(), last_at=START + timedelta(days=1), last_seq=99, code_head=CommitSha("f" * 40))
    assert comments.status(later) == comments.status(finished())
