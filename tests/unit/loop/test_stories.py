"""Whole runs, told outcome by outcome through the pure loop."""

from datetime import timedelta

import pytest

from bot.loop import fold
from bot.model.check import Cancelled, Failed, Pending, TimedOut, Unverified
from bot.model.conversation import ToolCall
from bot.model.ids import ItemKey, MicroDollars
from bot.model.outcome import ChecksJudged, EnvironmentBroken, StepFailed, ToolsUsed
from bot.model.phase import Ended, Judging, Reviewing, Working
from bot.model.reply import AddedPostcondition, Decided, Done, Malformed, Read, ToolsCalled
from bot.model.run import Budget, status_of
from bot.model.step import AskModel, AwaitChecks, Stop, UseTools
from bot.model.wish import Wish
from tests.unit.loop.story import Story, failure, item


def ended(story: Story) -> str:
    assert isinstance(story.run.phase, Ended), story.run.phase
    return story.run.phase.reason


def planned(*titles: str, **options: object) -> Story:
    story = Story(**options)  # pyright: ignore[reportArgumentType] - budget and analysers
    story.plan(*(item(title) for title in titles))
    story.decide()
    return story


def test_green_at_the_second_try_is_completed() -> None:
    story = planned("fix it")
    story.work(a_py="wrong")
    story.fails(failure("f1", test="t::a"))
    story.decide(retry="1")
    assert isinstance(story.run.phase, Working)
    assert story.run.phase.attempt == 2
    assert story.run.current_failures == (failure("f1", test="t::a"),)
    story.work(a_py="right")
    story.passes()
    assert ended(story) == "completed"
    assert status_of(story.run) == "succeeded"
    assert [step.agent for step in story.run.steps] == [
        *("thinker", "processor", "executor", "ci", "processor", "executor", "ci"),
    ]
    assert [recorded.failure.fingerprint for recorded in story.run.failures] == ["f1"]
    assert story.run.pull_request is not None
    assert not story.run.pull_request.draft


def test_a_run_is_the_fold_of_its_journal() -> None:
    story = planned("fix it")
    story.work(a_py="right")
    story.passes()
    assert fold(story.run.request, story.entries) == story.run


def test_the_same_failure_twice_makes_the_thinker_plan_again() -> None:
    story = planned("fix it")
    story.work(a_py="1")
    story.fails(failure("same"))
    story.decide(retry="1")
    story.work(a_py="2")
    story.fails(failure("same"))
    assert story.step() == AskModel("thinker", 1)
    story.plan(item("another way"))
    story.decide()
    assert isinstance(story.run.phase, Working)
    assert story.run.phase.item.key == "2"
    story.work(a_py="3")
    story.passes()
    assert ended(story) == "completed"


def test_the_same_plan_again_is_handed_to_a_human() -> None:
    story = planned("fix it")
    story.work(a_py="1")
    story.fails(failure("same"))
    story.decide(retry="1")
    story.work(a_py="2")
    story.fails(failure("same"))
    story.plan(item("fix it"))
    assert ended(story) == "stuck"


def test_the_same_tree_twice_makes_the_thinker_plan_again() -> None:
    story = planned("fix it")
    story.work(a_py="1")
    story.fails(failure("x"))
    story.decide(retry="1")
    story.work(a_py="2")
    story.fails(failure("y"))
    story.decide(retry="1")
    story.work(a_py="1")
    assert story.step() == AskModel("thinker", 1)


def test_three_tries_at_an_item_are_enough() -> None:
    story = planned("fix it")
    for number in range(3):
        story.work(a_py=str(number))
        story.fails(failure(f"f{number}"))
        story.decide(retry="1")
    assert ended(story) == "budget_attempts"


def test_broken_syntax_is_another_try_and_never_a_commit() -> None:
    story = planned("fix it")
    story.change(a_py="def (")
    story.validate(failure("syntax"))
    assert story.run.code_head is None
    assert isinstance(story.run.phase, Working)
    assert story.run.phase.attempt == 2
    assert story.run.phase.overlay == {}
    assert story.run.failures[0].action_item == "fix_defect"


def test_an_answer_that_cannot_be_read_is_asked_for_again_twice() -> None:
    story = Story()
    for _ in range(3):
        story.reply("thinker", Malformed("no JSON"))
    story.settle()
    assert ended(story) == "needs_human"
    assert story.run.spent.requests == 3
    assert [recorded.action_item for recorded in story.run.failures] == ["plan"]


def test_a_processor_that_cannot_be_read_needs_a_human() -> None:
    story = Story()
    story.plan(item("x"))
    for _ in range(3):
        story.reply("processor", Malformed("no JSON"))
    story.settle()
    assert ended(story) == "needs_human"
    assert [recorded.action_item for recorded in story.run.failures] == ["review_plan"]


def test_unreadable_work_is_a_failure_of_its_own() -> None:
    story = planned("fix it")
    for _ in range(3):
        story.reply("executor", Malformed("no JSON"))
    story.settle()
    assert isinstance(story.run.phase, Working)
    assert story.run.phase.attempt == 2
    assert story.run.phase.dialogue.messages == ()
    assert [recorded.failure.fingerprint for recorded in story.run.failures] == ["no JSON"]


def test_money_is_reserved_before_it_is_spent() -> None:
    story = planned("fix it", budget=Budget(cost=MicroDollars(100)))
    story.reply("executor", ToolsCalled((Read("a.py", 1, None),)), cost=101)
    story.tell(ToolsUsed(("text",)))
    story.settle()
    assert ended(story) == "budget_money"


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (Budget(tokens=8_200), "budget_tokens"),
        (Budget(requests=1), "budget_requests"),
        (Budget(steps=0), "budget_steps"),
        (Budget(wall=timedelta(seconds=2)), "budget_time"),
    ],
)
def test_tokens_requests_steps_and_time_have_their_ends(budget: Budget, reason: str) -> None:
    story = Story(budget)
    story.settle()
    if story.step() is not None:
        story.plan(item("x"))
    assert ended(story) == reason


def test_a_wish_to_cancel_is_obeyed_within_one_step() -> None:
    story = planned("fix it")
    story.wishes = (Wish("cancel", "the label was removed"),)
    assert story.step() == Stop("cancelled", "the label was removed")
    story.settle()
    assert status_of(story.run) == "cancelled"


def test_questions_stop_the_run_before_any_code() -> None:
    story = Story()
    story.plan(item("x"), questions=("Which unit?",))
    assert ended(story) == "needs_answer"
    story = planned("x")
    assert isinstance(story.run.phase, Working)
    story = Story()
    story.plan(item("x"))
    story.decide(question="Which unit?")
    assert ended(story) == "needs_answer"


def test_nothing_to_do_everywhere_is_no_change() -> None:
    story = planned("look")
    story.reply("executor", ToolsCalled((Done("nothing_to_do", "it is right"),)))
    story.tell(ToolsUsed(("ok",), done=Done("nothing_to_do", "it is right")))
    story.settle()
    assert ended(story) == "no_change"
    assert story.run.pull_request is None


def test_a_refused_edit_explains_why_nothing_changed() -> None:
    story = planned("escape")
    story.reply("executor", ToolsCalled((Done("summary", "done"),)))
    story.tell(ToolsUsed(("refused",), refusals=("'../x' leaves the tree",), done=Done("summary", "done")))
    story.settle()
    assert isinstance(story.run.phase, Ended)
    assert "'../x' leaves the tree" in story.run.phase.detail


def test_blocked_makes_the_thinker_plan_again() -> None:
    story = planned("fix it")
    story.reply("executor", ToolsCalled((Done("blocked", "no such file"),)))
    story.tell(ToolsUsed(("ok",), done=Done("blocked", "no such file")))
    story.settle()
    assert story.step() == AskModel("thinker", 1)


def test_an_item_ends_when_its_requests_are_used() -> None:
    story = planned("fix it", budget=Budget(item_requests=2))
    for _ in range(2):
        story.reply("executor", ToolsCalled((Read("a.py", 1, None),)))
        assert story.step() == UseTools((Read("a.py", 1, None),))
        story.tell(ToolsUsed(("text",)))
    story.settle()
    assert isinstance(story.run.phase, Working)
    assert story.run.phase.attempt == 2


def test_failures_of_the_base_branch_are_not_blamed_on_the_run() -> None:
    story = planned("fix it")
    story.work(a_py="1")
    story.judge(Failed(("test",)), pre_existing=("t::old",))
    assert ended(story) == "unverified"
    assert story.run.failures == ()
    story = planned("fix it")
    story.work(a_py="1")
    story.judge(Failed(("test",)), flaky=("t::moody",))
    assert ended(story) == "unverified"


def test_verdicts_that_decide_nothing_end_the_run_with_their_own_reason() -> None:
    for verdict, reason in (
        (TimedOut(("test",)), "checks_timed_out"),
        (Cancelled(("test",)), "checks_cancelled"),
        (Unverified("no check ever started"), "unverified"),
    ):
        story = planned("fix it")
        story.work(a_py="1")
        story.judge(verdict)
        assert ended(story) == reason
        assert story.run.pull_request is not None
        assert story.run.pull_request.draft


def test_checks_that_skip_drafts_are_waited_for_again_once_it_is_ready() -> None:
    story = planned("fix it")
    story.work(a_py="1")
    assert isinstance(story.run.phase, Judging)
    story.settle()
    story.tell(ChecksJudged(Unverified("all skipped"), (), (), skipped_as_draft=True))
    story.settle()
    assert isinstance(story.step(), AwaitChecks)
    assert story.run.pull_request is not None
    assert not story.run.pull_request.draft
    story.passes()
    assert ended(story) == "completed"


def test_a_broken_set_up_ends_before_money_is_spent() -> None:
    story = Story()
    story.tell(story._ordinary(story.step()))  # pyright: ignore[reportPrivateUsage, reportArgumentType] - freeze only
    story.tell(story._ordinary(story.step()))  # pyright: ignore[reportPrivateUsage, reportArgumentType] - status only
    story.tell(EnvironmentBroken("uv pip install -r requirements.txt", "error: no such package\n"))
    story.settle()
    assert ended(story) == "setup_failed"
    assert story.run.spent.requests == 0


def test_a_step_that_cannot_succeed_ends_the_run() -> None:
    story = planned("fix it")
    story.tell(StepFailed("branch_moved", "somebody pushed"))
    story.settle()
    assert ended(story) == "branch_moved"


def test_the_rule_blames_the_file_that_fails() -> None:
    story = Story()
    story.plan(item("one"), item("two"))
    story.decide()
    story.work(a_py="1")
    story.work(b_py="1")
    story.fails(failure("f", path="a.py"))
    assert isinstance(story.run.phase, Reviewing)
    story.decide()
    assert isinstance(story.run.phase, Working)
    assert story.run.phase.item.title == "one"


def test_the_processor_orders_and_drops() -> None:
    story = Story()
    story.plan(item("one"), item("two"), item("three"))
    story.decide(drop=("1", "3"))
    assert isinstance(story.run.phase, Working)
    assert story.run.phase.item.title == "two"
    assert story.run.pending_items == ()


def test_a_swarm_is_asked_one_by_one_and_merged_by_rule() -> None:
    story = Story(analysers=2)
    story.plan(item("fix", files=("a.py",)))
    assert story.step() == AskModel("thinker", 1)
    story.plan(item("fix as well", files=("a.py",)), item("pin", "reproduce_issue", ("t.py",)))
    assert story.run.plan is not None
    assert [(each.key, each.action) for each in story.run.plan.items] == [("1", "reproduce_issue"), ("2", "fix_defect")]


def test_calls_of_an_unreadable_answer_are_never_carried_out() -> None:
    story = planned("fix it")
    story.reply("executor", Malformed("unknown tool"))
    assert isinstance(story.run.phase, Working)
    assert story.run.phase.dialogue.calls == ()
    assert ToolCall("shell", "{}") not in story.run.phase.dialogue.calls


def test_the_processor_adds_postconditions_and_changes_the_order() -> None:
    story = Story()
    story.plan(item("one"), item("two"))
    added = (AddedPostcondition(ItemKey("1"), "it is fast"), AddedPostcondition(ItemKey("9"), "nobody's"))
    story.reply("processor", Decided("n", (ItemKey("2"), ItemKey("2"), ItemKey("7")), (), added, None, ""))
    story.settle()
    assert isinstance(story.run.phase, Working)
    assert story.run.phase.item.title == "two"
    assert [(each.title, each.postconditions) for each in story.run.pending_items] == [("one", ("it is fast",))]


def test_a_plan_without_items_changes_nothing() -> None:
    story = Story()
    story.plan()
    assert ended(story) == "no_change"


def test_plans_are_given_up_after_as_many_as_tries() -> None:
    story = Story(Budget(attempts=2))
    for number in range(3):
        story.plan(item(f"idea {number}"))
        if story.step() is None:
            break
        story.decide()
        story.reply("executor", ToolsCalled((Done("blocked", "no"),)))
        story.tell(ToolsUsed(("ok",), done=Done("blocked", "no")))
        story.settle()
    assert ended(story) == "stuck"
    assert len(story.run.plan_digests) == 3


def test_the_same_broken_syntax_twice_makes_the_thinker_plan_again() -> None:
    story = planned("fix it")
    for _ in range(2):
        story.change(a_py="def (")
        story.validate(failure("syntax"))
    assert story.step() == AskModel("thinker", 1)


def test_nothing_to_do_after_a_failure_is_the_same_tree_again() -> None:
    story = planned("fix it")
    story.work(a_py="1")
    story.fails(failure("x"))
    story.decide(retry="1")
    story.reply("executor", ToolsCalled((Done("nothing_to_do", "it is right"),)))
    story.tell(ToolsUsed(("ok",), done=Done("nothing_to_do", "it is right")))
    story.settle()
    assert story.step() == AskModel("thinker", 1)


def test_an_entry_out_of_order_is_refused() -> None:
    story = planned("fix it")
    with pytest.raises(ValueError, match="cannot follow"):
        fold(story.run.request, story.entries[1:])


def test_a_pending_verdict_is_never_recorded() -> None:
    story = planned("fix it")
    story.work(a_py="1")
    with pytest.raises(ValueError, match="pending"):
        story.judge(Pending(("test",)))


def test_a_run_that_has_ended_has_no_next_step() -> None:
    story = planned("fix it")
    story.work(a_py="1")
    story.passes()
    assert story.step() is None
