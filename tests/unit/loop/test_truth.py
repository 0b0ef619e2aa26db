"""Red before green, levels before the push, and tampering, as the loop sees them."""

from dataclasses import replace

from bot.loop.demands import changes_code, green_means, is_reproduction, wanted_proof
from bot.loop.validating import REPRODUCTION_TRIES
from bot.model.action import ActionNode
from bot.model.check import Failed, Passed, Unverified
from bot.model.failure import Failure
from bot.model.ids import ActionId
from bot.model.outcome import ChecksJudged, ChecksRunAgain, ItemValidated
from bot.model.phase import Ended, Judging, Working
from bot.model.run import status_of
from bot.model.step import AskModel, ProveChange, ValidateItem
from bot.model.validation import (
    BehaviourKept,
    LevelResult,
    NotReproduced,
    RedBeforeGreen,
    Reproduced,
    TamperFinding,
    Unproven,
)
from tests.unit.loop.story import PROOF, Story, failure, item
from tests.unit.loop.test_stories import ended, planned

BENT = TamperFinding("test-skipped", "tests/test_a.py", 3, "a new skip")


def bent(fingerprint: str = "t1") -> Failure:
    return replace(failure(fingerprint), category="tampering", tool="tampering", rule="test-skipped")


def shown(*tests: str) -> Story:
    """A run whose first item has shown the issue by a test, and whose second mends it."""
    story = Story()
    story.plan(item("show it", "reproduce_issue"), item("mend it"))
    story.decide()
    story.change(test_py="1")
    story.validate(reproduction=Reproduced(tests or ("test.py::test_a",)))
    return story


def test_a_test_that_is_red_on_the_base_is_kept_and_its_file_frozen() -> None:
    story = shown("test.py::test_a")
    assert story.run.reproduction == ("test.py::test_a",)
    assert story.run.reproduction_paths == {"test.py"}
    assert isinstance(story.run.phase, Working)
    assert story.run.phase.item.title == "mend it"


def test_a_test_that_passes_on_the_base_is_written_again_and_then_taken_at_its_word() -> None:
    story = Story()
    story.plan(item("show it", "reproduce_issue"), item("mend it"))
    story.decide()
    for number in range(REPRODUCTION_TRIES):
        assert story.run.code_head is None
        story.change(test_py=str(number))
        assert story.step() == ValidateItem()
        story.validate(failure("passes"), reproduction=NotReproduced(("test.py::test_a",)))
    assert ended(story) == "not_reproduced"
    assert status_of(story.run) == "succeeded"
    assert story.run.pull_request is None
    assert [recorded.attempt for recorded in story.run.failures] == [1, 2]


def test_what_a_plan_adds_and_finds_there_is_already_done() -> None:
    story = Story()
    story.plan(item("show it", "reproduce_issue"))
    story.decide()
    for number in range(REPRODUCTION_TRIES):
        story.change(test_py=str(number))
        story.tell(ItemValidated((), (), (), NotReproduced(("t::a",)), "already_done"))
        story.settle()
    assert ended(story) == "already_done"


def test_green_checks_are_presented_once_they_are_proven() -> None:
    story = shown()
    story.work(a_py="1")
    story.judge(Passed(("test",)))
    assert story.run.code_head is not None
    assert story.step() == ProveChange(story.run.code_head)
    story.prove(PROOF)
    assert ended(story) == "completed"
    assert story.run.verdict == Passed(("test",), PROOF)
    assert story.run.pull_request is not None
    assert not story.run.pull_request.draft


def test_green_without_a_proof_stays_a_draft() -> None:
    story = planned("fix it")
    story.work(a_py="1")
    story.judge(Passed(("test",)))
    story.prove(Unproven("no test fails on the base commit"))
    assert ended(story) == "unverified"
    assert isinstance(story.run.verdict, Unverified)
    assert "nothing shows that the issue is solved" in story.run.verdict.reason
    assert story.run.pull_request is not None
    assert story.run.pull_request.draft


def test_where_no_proof_is_asked_for_green_is_enough() -> None:
    story = planned("fix it")
    story.work(a_py="1")
    story.judge(Passed(("test",)))
    story.prove(None)
    assert ended(story) == "completed"
    assert story.run.verdict == Passed(("test",), None)


def test_tampering_that_green_checks_hide_is_a_failure_that_the_processor_hears_of() -> None:
    story = planned("fix it")
    story.work(a_py="1")
    story.judge(Passed(("test",)))
    story.prove(Unproven("bent"), bent(), tampering=(BENT,))
    assert story.step() == AskModel("processor", 1)
    assert story.run.tampering == (BENT,)
    assert story.run.current_failures == (bent(),)
    story.decide(retry="1")
    story.work(a_py="2")
    story.judge(Passed(("test",)))
    story.prove(Unproven("bent"), bent(), tampering=())
    assert story.step() == AskModel("thinker", 1)


def test_tampering_never_reaches_the_branch() -> None:
    story = planned("fix it")
    story.change(a_py="1")
    story.validate(bent(), tampering=(BENT,))
    assert story.run.code_head is None
    assert story.run.stopped_before_push == 1
    assert story.run.steps[-1].subject == "Fail try 1 at fix it"


def test_each_level_that_stops_a_try_saves_a_round_trip() -> None:
    story = planned("fix it")
    story.change(a_py="1")
    story.validate(failure("red"))
    story.work(a_py="2")
    story.passes()
    assert ended(story) == "completed"
    assert story.run.stopped_before_push == 1
    assert story.run.levels == (LevelResult(1, "syntax", "passed", 0.1, "1 file"),)


def test_flaky_tests_are_nobodys_fault() -> None:
    story = planned("fix it")
    story.work(a_py="1")
    story.judge(Failed(("test",)), pre_existing=("t::old",), flaky=("t::moody",))
    assert ended(story) == "unverified"
    assert isinstance(story.run.phase, Ended)
    assert "t::old" in story.run.phase.detail
    assert "t::moody" in story.run.phase.detail
    assert story.run.failures == ()
    assert story.run.flaky == ("t::moody",)


def test_reports_that_could_not_be_read_are_remembered() -> None:
    story = planned("fix it")
    story.work(a_py="1")
    story.settle()
    story.tell(ChecksJudged(Failed(("test",)), (), (failure("x"),), unread=("junit.xml: too large",)))
    assert story.run.unread == ("junit.xml: too large",)


def node(name: str, parent: str | None, *validators: str) -> ActionNode:
    return ActionNode(
        *(ActionId(name), ActionId(parent) if parent else None, "coding", "implementation", name, ""),
        *((), (), (), (), validators, (), True),
    )


NODES = {
    each.id: each
    for each in (
        node("perform_task", None),
        node("reproduce_problem", "perform_task"),
        node("reproduce_issue", "reproduce_problem", "red_on_base"),
        node("fix_defect", "perform_task", "pytest"),
        node("fix_crash", "fix_defect"),
        node("refactor_code", "perform_task", "behaviour_kept"),
        node("rename_symbol", "refactor_code"),
        node("document_code", "perform_task", "code_unchanged"),
    )
}


def actions(*names: str) -> list[ActionId]:
    return [ActionId(name) for name in names]


def test_what_shows_the_issue_is_known_by_its_place_in_the_taxonomy() -> None:
    assert is_reproduction(NODES, ActionId("reproduce_issue"))
    assert not is_reproduction(NODES, ActionId("fix_crash"))
    assert not is_reproduction(NODES, ActionId("unknown"))


def test_the_proof_that_is_wanted_follows_from_what_was_done() -> None:
    assert wanted_proof(NODES, actions("document_code")) == "code_unchanged"
    assert wanted_proof(NODES, actions("document_code", "rename_symbol")) == "behaviour_kept"
    assert wanted_proof(NODES, actions("document_code", "fix_crash")) == "red_before_green"
    assert wanted_proof(NODES, actions("unknown")) == "red_before_green"
    assert wanted_proof(NODES, []) == "red_before_green"


def test_documentation_changes_no_code() -> None:
    assert not changes_code(NODES, ActionId("document_code"))
    assert changes_code(NODES, ActionId("rename_symbol"))


def test_what_a_green_reproduction_means_depends_on_the_plan() -> None:
    assert green_means(NODES, actions("reproduce_issue", "fix_crash")) == "not_reproduced"
    assert green_means(NODES, actions("reproduce_issue", "refactor_code")) == "already_done"


def test_a_proof_is_worth_what_it_says() -> None:
    story = planned("tidy up")
    story.work(a_py="1")
    story.judge(Passed(("test",)))
    story.prove(BehaviourKept(12))
    assert isinstance(story.run.verdict, Passed)
    assert story.run.verdict.proof == BehaviourKept(12)
    assert not isinstance(story.run.proof, RedBeforeGreen)


def test_tests_that_run_once_more_are_waited_for_on_the_same_commit() -> None:
    story = planned("fix it")
    story.work(a_py="1")
    assert isinstance(story.run.phase, Judging)
    head = story.run.phase.head
    story.settle()
    story.tell(ChecksRunAgain(("t::moody",)))
    story.settle()
    assert isinstance(story.run.phase, Judging)
    assert (story.run.phase.head, story.run.phase.failed_before) == (head, ("t::moody",))
    story.judge(Passed(("test",)), flaky=("t::moody",))
    story.prove(PROOF)
    assert ended(story) == "completed"
    assert story.run.flaky == ("t::moody",)
