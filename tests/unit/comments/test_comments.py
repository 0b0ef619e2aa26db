"""What the bot says: every state has its words, and nobody else's text does anything in them."""

import re
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from bot import comments
from bot.model.check import Failed, Passed, Unverified
from bot.model.environment import EnvironmentReady
from bot.model.ids import EnvironmentKey, MicroDollars
from bot.model.journal import EnvironmentPrepared, ToolsUsed, Wish
from bot.model.phase import Stopping, StopReason
from bot.model.reply import Done, ToolsCalled
from bot.model.run import BaseChecks, Frozen, Run
from bot.model.task import CleaningReport
from tests.unit.loop.story import PROOF, Story, failure, item


def finished() -> Story:
    story = Story()
    story.plan(item("Pin it", "reproduce_issue"), item("Mend it"))
    story.decide()
    story.work(test_a_py="t")
    story.work(a_py="1")
    story.fails(failure("x"))
    story.decide(retry="2")
    story.work(a_py="2")
    story.passes()
    return story


def refrozen(run: Run, **changes: object) -> Run:
    assert isinstance(run.frozen, Frozen)
    return replace(run, frozen=replace(run.frozen, **changes))  # pyright: ignore[reportArgumentType] - fields of it


def test_the_status_at_the_end() -> None:
    assert comments.status(finished().run) == snapshot(
        """\
<!-- rmo:status 7-12-99 -->

### Done: ready for your review

All checks passed: test.

**Next step:** Please review the pull request.

- [x] Pin it
- [x] Mend it

<sub>no cost · 6 model requests · 90 tokens · run `7-12-99` · pull request #13</sub>
"""
    )


def test_the_pull_request_at_the_end() -> None:
    run = finished().run
    assert comments.pull_request_title(run) == "Wrong sum"
    body, _, account = comments.pull_request_body(run).rpartition("<sub>")
    assert "requests to script:test" in account
    assert "every step on `refs/rmo/runs/7-12-99`" in account
    assert body == snapshot(
        """\
Closes #12

a plan

#### What was done

- **Pin it** (`test.a.py`): changed
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


def test_every_phase_has_its_words() -> None:
    story = Story()
    seen = {comments.standing(story.run)}
    story.settle = lambda: None  # one step at a time
    outcomes = 0
    while story.step() is not None and outcomes < 200:
        outcomes += 1
        outcome = story._ordinary(story.step())  # pyright: ignore[reportPrivateUsage] - one step at a time
        if outcome is not None:
            story.tell(outcome)
        elif outcomes_left := {"plan": story.plan, "work": story.work}:
            told(story, outcomes_left)
        seen.add(comments.standing(story.run))
        assert comments.status(story.run).startswith("<!-- rmo:status 7-12-99 -->")
    joined = "\n".join(seen)
    for words in (
        "Setting up",
        "Making a plan",
        "Reviewing the plan",
        "Working on: one",
        "(try 2)",
        "Validating before the push: one",
        "Committing: ",
        "Opening a draft",
        "Waiting for the checks",
        "Checks failed; deciding",
        "are green; looking for a proof",
        "Bringing the pull request up to date",
        "Making another plan",
    ):
        assert words in joined, words


def told(story: Story, _: object) -> None:
    """The next outcome of a run that fails twice in the same way and then plans anew."""
    from bot.model.journal import AskModel, AwaitChecks, ProveChange, UseTools, ValidateItem
    from bot.model.reply import Decided, PlanProposed

    match story.step():
        case AskModel(agent="thinker"):
            number = len(story.run.plan_digests)
            story.reply("thinker", PlanProposed("a plan", (item("one" if number == 0 else "two"),), ()))
        case AskModel(agent="processor"):
            story.reply("processor", Decided("n", (), (), (), None, ""))
        case AskModel():
            done = Done("summary", "s")
            story.reply("executor", ToolsCalled((done,)))
        case UseTools():
            story.tell(ToolsUsed(("ok",), {"a.py": str(len(story.entries))}, done=Done("summary", "s")))
        case ValidateItem():
            story.validate()
        case AwaitChecks():
            passing = len(story.run.plan_digests) > 1
            if passing:
                story.judge(Passed(("test",)))
            else:
                story.fails(failure("same"))
        case ProveChange():
            story.prove(PROOF)
        case step:
            raise AssertionError(step)


@pytest.mark.parametrize("reason", get_args(StopReason))
def test_every_end_names_the_next_step(reason: StopReason) -> None:
    run = replace(finished().run, phase=Stopping(reason, "because of this"))
    said = comments.status(run)
    assert "Because of this." in said
    assert "**Next step:** " in said
    body = comments.pull_request_body(run)
    assert ("How it ended" in body) == (reason != "completed")


def test_a_cancelled_run_says_so() -> None:
    story = Story()
    story.settle()
    story.wishes = (Wish("cancel", "the label was removed"),)
    story.settle()
    assert "### Cancelled" in comments.status(story.run)


def test_what_is_not_validated_is_said() -> None:
    story = Story()
    story.plan(item("x"))
    story.decide()
    story.work(a_py="1")
    assert "No check has finished yet." in comments.pull_request_body(story.run)
    assert "No check of this repository has judged the change." in comments.pull_request_body(story.run)
    story.judge(Unverified("nothing ran"))
    assert "Nothing ran." in comments.pull_request_body(story.run)


def test_failures_of_the_base_branch_are_named() -> None:
    story = Story()
    story.tell(story._ordinary(story.step()))  # pyright: ignore[reportPrivateUsage, reportArgumentType] - freeze
    story.tell(story._ordinary(story.step()))  # pyright: ignore[reportPrivateUsage, reportArgumentType] - status
    environment = EnvironmentReady(EnvironmentKey("k"), "/e", 1.0, cached=True)
    checks = BaseChecks(True, "1 of 2 tests fail", ("tests/t.py::old",), 1, "bubblewrap")
    story.tell(EnvironmentPrepared(environment, checks))
    story.plan(item("x"))
    story.decide()
    story.work(a_py="1")
    story.judge(Failed(("test",)), pre_existing=("tests/t.py::old",))
    body = comments.pull_request_body(story.run)
    assert "`tests/t.py::old`" in body
    assert "not blamed" in body


def test_what_was_removed_from_the_issue_is_counted() -> None:
    story = finished()
    task = replace(story.frozen.task, cleaning=CleaningReport(2, 5, 7))
    body = comments.pull_request_body(refrozen(story.run, task=task))
    assert "Removed before anyone read it: 2 HTML comment(s), 5 invisible character(s), 7 character(s)" in body
    assert not CleaningReport(1).is_clean
    assert CleaningReport().is_clean


def test_a_configuration_that_cannot_be_used_is_said() -> None:
    assert "its defaults hold: no such key" in comments.status(refrozen(finished().run, config_problem="no such key"))


def test_a_bill_names_dollars() -> None:
    story = finished()
    spent = replace(story.run.spent, cost=MicroDollars(1_234_567))
    assert "1.23 US dollars" in comments.status(replace(story.run, spent=spent))


def test_a_title_is_never_empty() -> None:
    task = replace(finished().frozen.task, title="")
    assert comments.pull_request_title(refrozen(finished().run, task=task)) == "Work on issue 12"


def test_a_change_without_files_says_so() -> None:
    story = Story()
    story.plan(item("look"), item("change"))
    story.decide()
    story.reply("executor", ToolsCalled((Done("nothing_to_do", "it is right"),)))
    story.tell(ToolsUsed(("ok",), done=Done("nothing_to_do", "it is right")))
    story.settle()
    story.work(a_py="1")
    assert "(nothing to change): it is right" in comments.pull_request_body(story.run)
    story.judge(Passed(("test",)))


hostile = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        [
            "@everyone @org/team",
            "fixes #1, closes org/x#2, Resolves: https://github.com/a/b/issues/3",
            "![x](https://evil.example/pixel.png)",
            "[x](javascript:alert(1))",
            "```\nbreak out",
            "<script>alert(1)</script><!-- rmo:status 7-12-99 -->",
            "a" * 70_000,
        ]
    ),
)


@given(hostile)
def test_nothing_that_others_wrote_acts_on_github(text: str) -> None:
    said = comments.quote(text)
    assert "<" not in said
    assert "](" not in said
    assert "![" not in said
    assert "```" not in said
    assert not re.search("@(?!\u200b)", said)
    assert len(said) < 3 * 2_000
    assert "\n" not in comments.line(text)
    for word in ("fixes #", "closes org", "resolves: https"):
        assert word not in said.lower()


@given(hostile)
def test_a_comment_is_never_longer_than_github_takes(text: str) -> None:
    story = finished()
    run = replace(story.run, finished_items=(story.run.finished_items[0],) * 3)
    plan = replace(run.plan, summary=text) if run.plan else None
    assert len(comments.pull_request_body(replace(run, plan=plan))) <= 60_001
