"""What people make of a run, told outcome by outcome: approval, going back, budgets, reviews, a base that moves."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.loop.apply import apply
from bot.loop.steering import MOST_BASE_MERGES, is_over_for_good, obeyed, refusal, review_answered
from bot.model.check import Failed
from bot.model.ids import CommentId, CommitSha, ItemKey, TreeSha
from bot.model.journal import Entry
from bot.model.outcome import (
    BaseMerged,
    EnvironmentPrepared,
    ItemValidated,
    Obeyed,
    ReviewAnswered,
    StepFailed,
    Stopped,
    ToolsUsed,
)
from bot.model.phase import (
    Answering,
    Approving,
    Consulting,
    Ended,
    GoingBack,
    Judging,
    Planning,
    Preparing,
    Recording,
    Reviewing,
    Updating,
    Working,
)
from bot.model.reply import Decided, Read, ToolsCalled
from bot.model.repository import BaseCommit
from bot.model.run import BaseChecks, Run
from bot.model.steering import Place, ReviewRemark
from bot.model.step import AnswerReview, AskModel, AwaitChecks, CommitStep, MergeBase, Obey, PrepareEnvironment, Stop
from bot.model.validation import Reproduced
from bot.model.wish import Wish
from tests.unit.loop.story import REQUEST, START, Story, failure, item, sha
from tests.unit.loop.test_stories import ended, planned

APPROVE = Wish("approve", "ada approves", key="1", by="ada")
REVIEW = Wish("review", "ada asks for a change", key="r1", by="ada")
CHECKS = Wish("checks", "test turned red", key="h1")
BASE = Wish("base", "`main` has moved on", key="h2")
READS = ToolsCalled((Read("a.py", 1, None),))
REMARK = ReviewRemark(CommentId(70), "thread", "ada", "Name it better.", Place("a.py", 3, "@@ a"))


def back_to(step: int) -> Wish:
    return Wish("rollback", f"ada wants step {step}", key=str(step), value=step, by="ada")


def budget(amount: int) -> Wish:
    return Wish("budget", "ada sets it", key=str(amount), value=amount, by="ada")


def done(**options: object) -> Story:
    """A run that has ended with a pull request that is ready."""
    story = planned("fix it", **options)
    story.work(a_py="right")
    story.passes()
    assert ended(story) == "completed"
    return story


def waiting() -> Story:
    story = Story()
    story.frozen = replace(story.frozen, config=replace(story.frozen.config, plan_approval=True))
    story.plan(item("fix it"))
    story.decide()
    return story


def wish(story: Story, *wishes: Wish) -> None:
    story.wishes = (*story.wishes, *wishes)
    story.settle()


def test_a_plan_waits_for_its_approval_and_costs_nothing_meanwhile() -> None:
    story = waiting()
    assert story.run.phase == Approving()
    assert story.step() is None
    story.now += story.frozen.budget.wall * 2
    assert story.step() is None
    story.wishes = (APPROVE,)
    assert story.step() == Obey(APPROVE)
    story.settle()
    assert isinstance(story.run.phase, Working)
    assert story.run.approved_by == "ada"
    story.work(a_py="1")
    story.fails(failure("f"))
    story.decide(retry="1")
    assert isinstance(story.run.phase, Working), "what was approved is approved"


def test_a_plan_that_waits_can_be_given_up() -> None:
    story = waiting()
    wish(story, Wish("cancel", "ada asked for it"))
    assert ended(story) == "cancelled"


def test_a_plan_that_follows_a_failed_one_needs_no_second_approval() -> None:
    story = waiting()
    wish(story, APPROVE)
    for _ in range(2):
        story.change(a_py="def (")
        story.validate(failure("syntax"))
    story.plan(item("another way"))
    story.decide()
    assert isinstance(story.run.phase, Working)


def test_what_ends_a_run_comes_before_what_changes_it() -> None:
    story = waiting()
    story.wishes = (APPROVE, budget(1), Wish("edited", "the text was edited"))
    assert story.step() == Stop("edited", "the text was edited")


def test_a_run_goes_back_in_the_middle_of_an_item() -> None:
    story = Story()
    story.base = {"a.py": "old", "c.py": "kept"}
    story.plan(item("one"), item("two"), item("three"))
    story.decide()
    story.work(a_py="1")
    there = len(story.run.steps)
    story.work(a_py="2", b_py="new", c_py=None)
    then = story.run.codes[there]
    story.wishes = (back_to(there),)
    assert story.step() == Obey(back_to(there))
    story.settle()
    assert story.tree(story.run.code) == story.tree(then) == {"a.py": "1", "c.py": "kept"}
    assert story.run.steps[-1].action_item == "roll_back"
    assert story.run.pending_items == ()
    assert story.run.code_head is not None
    assert story.step() == AwaitChecks(story.run.code_head), "the checks judge what it leaves"
    story.passes()
    assert ended(story) == "completed"


def test_the_tree_of_a_step_that_is_there_already_is_judged_again() -> None:
    story = done()
    last = max(story.run.codes)
    steps = len(story.run.steps)
    wish(story, back_to(last))
    assert isinstance(story.run.phase, Judging)
    assert len(story.run.steps) == steps
    assert story.run.revisits == 1


def test_a_run_that_somebody_stopped_can_go_back_and_nothing_else() -> None:
    story = planned("one", "two")
    story.work(a_py="1")
    there = len(story.run.steps)
    story.work(a_py="2")
    wish(story, Wish("cancel", "ada asked for it"))
    for other in (REVIEW, CHECKS, BASE):
        assert "ended for good" in refusal(story.run, other)
    wish(story, back_to(there))
    assert story.run.code == {"a.py": "1"}
    assert isinstance(story.run.phase, Judging)


def test_what_cannot_be_gone_back_to_is_said() -> None:
    story = planned("fix it")
    assert refusal(story.run, back_to(1)) == "no code was pushed yet"
    story.work(a_py="1")
    assert refusal(story.run, back_to(1)) == "", "the base commit's own tree is that of the first step"
    assert refusal(story.run, back_to(99)) == "there is no step 99 to go back to"
    assert refusal(story.run, back_to(0)) == "there is no step 0 to go back to"


def test_a_refused_wish_is_told_and_the_run_goes_on_where_it_was() -> None:
    story = planned("fix it")
    before = story.run.phase
    wish(story, back_to(1))
    assert story.run.phase == before
    assert story.run.refused_wishes == ("no code was pushed yet",)


def test_a_wish_that_an_ended_run_refuses_leaves_it_ended_as_it_was() -> None:
    story = done()
    end = story.run.phase
    assert isinstance(end, Ended)
    wish(story, APPROVE)
    assert story.run.refused_wishes == ("there is no plan that waits for approval",)
    assert isinstance(story.run.phase, Ended)
    assert (story.run.phase.reason, story.run.phase.detail) == (end.reason, end.detail)
    assert isinstance(story.entries[-1].outcome, Stopped), "the newest entry is what tells that a run has ended"


@pytest.mark.parametrize("kind", [REVIEW, CHECKS, BASE, back_to(3)])
def test_what_takes_a_run_up_again_needs_a_pull_request(kind: Wish) -> None:
    story = Story()
    story.plan()
    assert ended(story) == "no_change"
    assert refusal(story.run, kind) in ("the run has no pull request", "no code was pushed yet")


def test_a_run_can_be_taken_up_only_so_often() -> None:
    story = done()
    for number in range(story.frozen.config.revisits):
        assert refusal(story.run, CHECKS) == ""
        wish(story, replace(CHECKS, key=str(number)))
        story.passes()
    assert "taken up again 5 times" in refusal(story.run, CHECKS)
    wish(story, replace(CHECKS, key="once more"))
    assert ended(story) == "completed"
    assert story.run.revisits == 5


@pytest.mark.parametrize("reason", ["edited", "branch_moved", "not_permitted", "repository_moved"])
def test_some_ends_are_for_good(reason: str) -> None:
    story = planned("fix it", "and more")
    story.work(a_py="1")
    story.tell(StepFailed(reason, "so it is"))  # pyright: ignore[reportArgumentType] - one of the reasons
    story.settle()
    assert isinstance(story.run.phase, Ended)
    assert is_over_for_good(story.run.phase, back_to(3))
    assert refusal(story.run, back_to(3)) == "the run has ended for good: so it is"


def test_taken_up_again_has_fresh_budgets() -> None:
    story = done()
    spent = story.run.spent
    wish(story, CHECKS)
    assert isinstance(story.run.phase, Judging)
    assert (story.run.spent_before.cost, story.run.spent_before.requests) == (spent.cost, spent.requests)
    assert story.run.worked < timedelta(seconds=5)
    story.fails(failure("late"))
    assert isinstance(story.run.phase, Reviewing)


def test_a_budget_that_a_person_has_set_holds_for_all_of_the_run() -> None:
    story = planned("fix it", "and more")
    story.reply("executor", READS, cost=300)
    story.tell(ToolsUsed(("text",)))
    wish(story, budget(299))
    assert ended(story) == "budget_money"
    wish(story, budget(1_000))
    assert ended(story) == "budget_money", "it is for what takes it up again"
    assert story.run.extra_cost == 1_000 - story.frozen.budget.cost
    usual = story.frozen.budget.cost
    assert obeyed(story.run, Obeyed(budget(usual)), START).extra_cost == -1, "it is a ceiling, too"


def test_a_higher_budget_lets_a_run_go_on() -> None:
    story = planned("fix it")
    story.reply("executor", READS, cost=story.frozen.budget.cost - 10)
    story.tell(ToolsUsed(("text",)))
    wish(story, budget(story.frozen.budget.cost * 2))
    story.reply("executor", READS, cost=story.frozen.budget.cost)
    assert isinstance(story.run.phase, Working)


def test_the_fresh_budget_of_a_revisit_is_not_fresh_where_a_person_has_set_one() -> None:
    for set_to, asks in ((None, True), (150, False), (100 + 5_000_000, True)):
        story = planned("fix it")
        story.reply("executor", READS, cost=149)
        story.tell(ToolsUsed(("text",)))
        story.work(a_py="right")
        story.passes()
        if set_to is not None:
            wish(story, budget(set_to))
        wish(story, CHECKS)
        story.fails(failure("late"))
        story.reply("processor", Decided("again", (), (), (), None, ""), cost=10)
        story.settle()
        assert isinstance(story.step(), AskModel) == asks


def test_a_budget_needs_a_run_that_has_begun() -> None:
    assert refusal(Run(REQUEST), budget(1)) == "the run has not begun yet"


def test_a_wish_to_end_is_no_wish_to_obey() -> None:
    with pytest.raises(ValueError, match="no wish to obey"):
        obeyed(Run(REQUEST), Obeyed(Wish("cancel", "enough")), START)


def test_remarks_become_items_and_are_answered_as_they_are_done() -> None:
    story = done()
    whole = ReviewRemark(CommentId(71), "review", "bob", "Too long.", Place())
    at_file = replace(REMARK, id=CommentId(72), place=Place("b.py"))
    story.remarks = (REMARK, whole, at_file)
    wish(story, REVIEW)
    assert isinstance(story.run.phase, Working)
    first, *others = [story.run.phase.item, *story.run.pending_items]
    assert first.expected_files == ("a.py",)
    assert "a.py:3" in first.instructions
    assert "@@ a" in first.instructions
    assert ["the change as a whole" in each.title or "b.py" in each.title for each in others] == [True, True]
    assert others[0].expected_files == ()
    story.work(a_py="better")
    assert story.run.answered == {70}
    story.work(a_py="shorter")
    story.work(b_py="b")
    assert story.run.answered == {70, 71, 72}
    story.passes()
    assert ended(story) == "completed"


def test_a_remark_that_was_not_done_is_answered_at_the_end() -> None:
    story = done()
    story.remarks = (REMARK,)
    wish(story, REVIEW)
    story.tell(StepFailed("failed", "something broke"))
    assert story.step() == AnswerReview(REMARK.id)
    story.settle()
    assert ended(story) == "failed"
    assert story.run.answered == {REMARK.id}


def test_nobody_is_answered_after_an_end_of_few_words() -> None:
    story = done()
    story.remarks = (REMARK,)
    wish(story, REVIEW)
    wish(story, Wish("cancel", "ada asked for it"))
    assert ended(story) == "cancelled"
    assert story.run.answered == frozenset()


def test_a_review_without_news_leaves_the_run_as_it_had_ended() -> None:
    story = done()
    story.remarks = (REMARK,)
    wish(story, REVIEW)
    story.work(a_py="better")
    story.passes()
    before = story.run.revisits
    wish(story, replace(REVIEW, key="r2"))
    assert ended(story) == "completed"
    assert story.run.revisits == before


def test_who_asks_for_it_may_have_the_test_changed_that_shows_the_issue() -> None:
    story = Story()
    story.plan(item("show it", "reproduce_issue"), item("mend it"))
    story.decide()
    story.change(test_py="1")
    story.validate(reproduction=Reproduced(("test.py::test_a",)))
    story.work(a_py="right")
    story.passes()
    assert story.run.reproduction_paths == {"test.py"}
    story.remarks = (replace(REMARK, place=Place("test.py", 1)),)
    wish(story, REVIEW)
    assert story.run.reproduction_paths == frozenset()


def test_an_answer_that_comes_late_changes_nothing_else() -> None:
    story = planned("fix it")
    after = review_answered(story.run, ReviewAnswered(CommentId(9)), story.now)
    assert (after.phase, after.answered) == (story.run.phase, {9})
    head = CommitSha(sha(5))
    answering = replace(story.run, phase=Answering(CommentId(9), Judging(head, START)))
    assert review_answered(answering, ReviewAnswered(CommentId(9)), story.now).phase == Judging(head, START)


def test_an_answer_leads_back_to_where_the_run_was_going() -> None:
    story = done()
    story.remarks = (REMARK,)
    wish(story, REVIEW)
    story.change(a_py="better")
    phase = story.run.phase
    story.validate()
    assert story.run.answered == {REMARK.id}
    assert phase != story.run.phase
    assert isinstance(story.run.phase, Judging)


NEW_BASE = BaseCommit("main", CommitSha(sha(900)))


def moved(story: Story, **code: str | None) -> None:
    merged = BaseMerged(NEW_BASE, CommitSha(sha(901)), TreeSha(sha(902)), {"a.py": "both", **code})
    story.tell(merged)


def test_a_base_that_moved_is_brought_in_and_judged_again() -> None:
    story = planned("fix it")
    story.work(a_py="right")
    before = len(story.run.steps)
    story.turn_green()
    assert story.step() == MergeBase()
    moved(story)
    assert isinstance(story.run.phase, Recording)
    story.tell_ordinary(PrepareEnvironment)
    assert story.run.frozen is not None
    assert story.run.frozen.base == NEW_BASE
    story.settle()
    assert isinstance(story.run.phase, Judging)
    assert story.run.phase.head == sha(901)
    assert refusal(story.run, back_to(before)) == (
        f"the base branch was brought in after step {before}, and going back would undo its commits"
    )
    assert refusal(story.run, back_to(len(story.run.steps))) == ""
    story.passes()
    assert ended(story) == "completed"


def test_a_base_is_brought_in_only_so_often() -> None:
    story = planned("fix it")
    story.work(a_py="right")
    for number in range(MOST_BASE_MERGES):
        story.turn_green()
        assert story.step() == MergeBase(), number
        moved(story, b_py=str(number))
        story.settle()
    story.passes()
    assert ended(story) == "completed"


def test_a_conflict_is_told_and_settled_by_nobody() -> None:
    story = planned("fix it")
    story.work(a_py="right")
    story.turn_green()
    story.tell(BaseMerged(NEW_BASE, conflicts=("a.py",)))
    story.settle()
    assert ended(story) == "conflict"
    assert story.run.pull_request is not None
    assert story.run.pull_request.draft


def test_an_ended_run_looks_at_its_base_and_judges_what_it_has() -> None:
    story = done()
    wish(story, BASE)
    assert isinstance(story.run.phase, Judging)
    story = done()
    story.wishes = (BASE,)
    story.tell_ordinary(MergeBase)
    assert story.run.phase == Updating()
    moved(story)
    story.settle()
    assert isinstance(story.run.phase, Judging)


def test_a_run_that_reads_reviews_is_told_of_nothing_else() -> None:
    story = done()
    story.wishes = (REVIEW, back_to(3))
    story.tell(Obeyed(REVIEW))
    assert story.run.phase == Consulting()
    assert story.step() != Obey(back_to(3))


def test_a_wish_to_go_back_waits_for_a_commit_under_way() -> None:
    story = planned("one", "two")
    story.work(a_py="1")
    there = len(story.run.steps)
    story.change(a_py="2")
    story.tell(ItemValidated(()))
    story.wishes = (back_to(there),)
    assert isinstance(story.step(), CommitStep)
    story.settle()
    assert story.run.code == {"a.py": "1"}


def test_a_second_environment_leads_to_the_phase_that_waited_for_it() -> None:
    story = planned("fix it")
    ready = EnvironmentPrepared(None, BaseChecks(False, "no sandbox"))
    entry = Entry(story.run.last_seq + 1, PrepareEnvironment(), ready, story.now, story.now, 0.0)
    went = apply(replace(story.run, phase=Preparing(Planning(problem="p"))), entry)
    assert went.phase == Planning(problem="p")
    assert apply(replace(story.run, phase=GoingBack(1)), entry).phase == Planning()


def test_an_item_nobody_asked_for_answers_nobody() -> None:
    story = done()
    story.remarks = (REMARK,)
    wish(story, REVIEW)
    story.work(a_py="better")
    story.fails(failure("f", path="a.py"))
    story.decide(retry=ItemKey("2"))
    story.work(a_py="best")
    assert story.run.answered == {REMARK.id}, "once is enough"
    story.judge(Failed(("test",)), failure("g"))
    assert isinstance(story.run.phase, Reviewing)
