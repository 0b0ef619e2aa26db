"""What is said in a thread: answers to commands, the plan, explanations, replies to reviewers."""

from dataclasses import replace
from typing import get_args

import pytest
from inline_snapshot import snapshot

from bot import comments
from bot.comments.command_answer import COMMANDS, CommandResult, Granted, NoRun, NotPermitted, Refused
from bot.intake.command import parse_commands
from bot.model.action import Plan
from bot.model.estimate import Effort, Estimated, NoHistory
from bot.model.ids import CommentId, MicroDollars
from bot.model.phase import Approving, Stopping, Working
from bot.model.run import RecordedFailure, Run
from bot.model.steering import (
    Approve,
    ChangeBudget,
    Explain,
    Help,
    Misunderstood,
    Retry,
    Rollback,
    ShowPlan,
    ShowStatus,
    Steer,
    StopRun,
)
from tests.unit.comments.runs import ADDRESS, GENERAL, MEND, PIN, REMARK, done, finished, fresh, planned, reviewed
from tests.unit.loop.story import failure

STEERS: tuple[Steer, ...] = (
    *(Help(), ShowPlan(), Approve(), StopRun(), Retry(), Rollback(3), ShowStatus(), Explain()),
    *(ChangeBudget(MicroDollars(7_500_000)), Misunderstood("/rmo stp", "there is no such command")),
)
RESULTS: tuple[CommandResult, ...] = (Granted(), Refused("there is no plan"), NotPermitted(), NoRun())
ESTIMATE = Estimated(
    Effort(MicroDollars(100_000), 61.0),
    Effort(MicroDollars(420_000), 600.0),
    Effort(MicroDollars(1_000_000), 3_600.0),
    34,
)


def test_help_tells_exactly_the_commands_that_are_understood() -> None:
    told = {type(steer) for usage, _ in COMMANDS for steer in parse_commands(f"/rmo {usage}")}
    for usage, what in COMMANDS:
        example = usage.replace("STEP", "3").replace("AMOUNT", "5")
        (steer,) = parse_commands(f"/rmo {example}")
        assert not isinstance(steer, Misunderstood), usage
        assert f"| `/rmo {usage}` | {what} |" in comments.help_text()
        told.add(type(steer))
    assert told == set(get_args(Steer))


@pytest.mark.parametrize("steer", STEERS)
@pytest.mark.parametrize("result", RESULTS)
def test_every_answer_is_short_and_commands_nobody(steer: Steer, result: CommandResult) -> None:
    said = comments.command_answer(steer, "ada", result, finished(), ESTIMATE)
    assert said.endswith("\n")
    assert parse_commands(said) == ()
    assert "@" not in said
    if isinstance(result, NotPermitted):
        assert "ada has none" in said
        assert "**Next step:** ask one of them." in said


def test_what_was_granted_says_who_asked_and_what_follows() -> None:
    said = [comments.command_answer(steer, "a@b", Granted(), finished()) for steer in STEERS]
    assert said[2:6] == snapshot(
        [
            "The plan is approved by a@\u200bb, and is being carried out. `/rmo stop` ends it.\n",
            "Stopping, as a@\u200bb asked; what was pushed stays on its branch. `/rmo retry` begins anew.\n",
            "Beginning a new run, as a@\u200bb asked. It has a status comment of its own.\n",
            "Going back to step 3, as a@\u200bb asked: one more commit, which the checks judge. "
            "`/rmo rollback STEP` leads to a later step again.\n",
        ]
    )
    assert "All of it: [status](../issues/12#issuecomment-5)." in said[6]
    assert said[8] == "The run may cost up to 7.50 US dollars in all, as a@\u200bb asked.\n"
    assert said[9].startswith("> \u200b/rmo stp\n\nI did not do this: there is no such command.")


def test_a_status_without_a_comment_points_to_the_issue() -> None:
    said = comments.command_answer(ShowStatus(), "ada", Granted(), fresh())
    assert "[status](../issues/12)." in said


@pytest.mark.parametrize(
    ("steer", "step"),
    [(Retry(), "`/rmo stop`; then ask again"), (Rollback(9), "check `fractal-rmo`"), (Approve(), "`/rmo status`")],
)
def test_what_was_refused_says_why_and_what_to_do(steer: Steer, step: str) -> None:
    said = comments.command_answer(steer, "", Refused("it is too @late"), finished())
    assert said.startswith("I did not do what somebody asked for: it is too @\u200blate.")
    assert step in said


def test_where_nothing_runs_the_label_is_named() -> None:
    assert "put the label `rmo` on the issue" in comments.command_answer(StopRun(), "ada", NoRun())
    assert "| `/rmo stop` |" in comments.command_answer(Help(), "ada", NoRun())


def test_thumbs_are_enough_for_what_the_status_comment_shows() -> None:
    enough = {type(steer) for steer in STEERS if comments.is_said_by_reaction(steer)}
    assert enough == {Approve, StopRun, Retry, Rollback, ChangeBudget}


def test_markers_are_told_apart() -> None:
    assert comments.answer_marker(CommentId(7)) == "<!-- rmo:answer 7 -->"
    logins = ["a-b", "ab", "a--b", "x[bot]", "x -->"]
    markers = {comments.refusal_marker(login) for login in logins}
    assert len(markers) == len(logins)
    assert all(marker.count("--") == 2 for marker in markers)


def test_the_plan_with_its_estimate() -> None:
    run = replace(planned(), phase=Approving(), finished_items=(done(PIN),))
    mend = replace(MEND, postconditions=("1 + 1 is 2",))
    run = replace(run, plan=Plan("a plan", (PIN, mend)))
    said, _, step = comments.plan_text(run, ESTIMATE).rpartition("**Next step:** ")
    assert step.startswith("comment `/rmo approve` to have it carried out, or `/rmo stop`.")
    assert said == snapshot(
        """\
### The plan

a plan

- [x] **Pin it** (`tests/test_a.py`)
- [ ] **Mend it**
  - 1 + 1 is 2

**Estimate:** about 0.42 US dollars (0.10 to 1.00) and 10 minutes (2 to 60), as 34 earlier items tell.

"""
    )


def test_a_plan_at_work_and_one_that_is_over() -> None:
    working = replace(planned(), phase=Working(MEND, 1))
    assert "it is being carried out" in comments.plan_text(working)
    assert "Approved by ada." in comments.plan_text(replace(working, approved_by="ada"))
    assert "`/rmo retry` begins a new one" in comments.plan_text(finished())
    assert "It has no items." in comments.plan_text(replace(finished(), plan=Plan("p", ())))


def test_without_a_plan_it_is_said_where_the_run_stands() -> None:
    assert comments.plan_text(fresh()) == (
        "There is no plan yet.\n\nSetting up the repository and running its own tests before anything is changed.\n"
    )


def test_an_estimate_needs_history() -> None:
    assert comments.estimate_words(NoHistory(2, 5)) == "no history yet: 2 of the 5 earlier items that it needs"


def test_what_failed_is_explained() -> None:
    assert comments.explain_text(finished()) == snapshot(
        """\
#### Where it stands

All checks passed: test.

**Next step:** Please review the pull request.

#### What failed

| Step | Try | Action | What failed | Where |
|---:|---:|---|---|---|
| 2 | 1 | fix_defect | pytest AssertionError in CI: assert 1 == 2 | a.py, line 3 |

#### What was done about it

- try the other branch
- Mend it: 2 tries
"""
    )


def test_an_explanation_of_much() -> None:
    bare = replace(failure("y", test="t.py::a|b"), source="sandbox", rule="", message="@x")
    nowhere = replace(failure("z"), line=None)
    many = tuple(RecordedFailure(2, "fix_defect", 1, each) for each in [nowhere] * 17 + [bare, nowhere])
    run = replace(finished(), failures=many, stopped_before_push=2, plan_digests=("a", "b"), flaky=("t::moody",))
    said = comments.explain_text(run)
    assert "4 earlier one(s) are not shown." in said
    assert "| pytest before the push: @\u200bx | t.py::a&#124;b |" in said
    assert "| a.py |" in said
    assert "- 2 try or tries were stopped before the push.\n- 1 plan(s) were given up for another one." in said
    assert "`t::moody` is flaky" in said


def test_nothing_to_explain() -> None:
    said = comments.explain_text(fresh())
    assert "#### What failed\n\nNothing so far." in said
    assert "What was done" not in said


def test_a_reviewer_is_told_what_was_done() -> None:
    run = reviewed()
    assert comments.review_reply(run, REMARK) == (
        f"<!-- rmo:reply 71 -->\nDone in {'10'.rjust(40, '0')}: renamed @\u200bit\n"
    )
    assert comments.is_done(run, REMARK.id)


def test_a_reviewer_is_told_what_was_left() -> None:
    left = replace(reviewed(), finished_items=(done(ADDRESS, code=None, summary="it is right"),))
    said = comments.review_reply(left, REMARK)
    assert "I left it as it is: it is right\n\n**Next step:** if it should change all the same" in said
    assert not comments.is_done(left, REMARK.id)


@pytest.mark.parametrize(
    ("phase", "why"),
    [(Stopping("stuck", "it is @hard"), "the run ended before it: it is @\u200bhard"), (Working(MEND, 1), "taken out")],
)
def test_a_reviewer_is_told_what_was_not_done(phase: Stopping | Working, why: str) -> None:
    run: Run = replace(reviewed(), phase=phase)
    said = comments.review_reply(run, replace(GENERAL, author=""))
    assert "To what somebody said of the change as a whole:\n\nI did not do this: " in said
    assert why in said
    assert not comments.is_done(run, GENERAL.id)
