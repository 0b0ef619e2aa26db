"""What journal entries prove: whole runs, told outcome by outcome, read as tasks, tries and failures."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.failures.evidence import evidence_of, exception_of, kept_failure, level_of
from bot.failures.vocabulary import Vocabulary, context_of
from bot.loop import apply
from bot.model.action import ActionNode
from bot.model.check import Failed, Passed, Unverified
from bot.model.evidence import Evidence, JudgedTry
from bot.model.failure import Category, Failure, Source
from bot.model.ids import ActionId, Fingerprint, ItemKey
from bot.model.outcome import EnvironmentPrepared, Outcome, StepFailed, ToolsUsed
from bot.model.reply import Done, Malformed, ToolsCalled
from bot.model.run import BaseChecks, Budget, Run
from bot.model.step import PrepareEnvironment, Step, UseTools
from bot.model.validation import NotReproduced, Unproven
from tests.unit.loop.story import REQUEST, START, Story, failure, item


def node(name: str, parent: str | None) -> ActionNode:
    known = ActionId(parent) if parent else None
    return ActionNode(ActionId(name), known, "coding", "code", name, name, (), (), (), (), (), (), plannable=True)


NODES = {
    each.id: each
    for each in (
        node("fix_defect", "change_code"),
        node("change_code", "produce_change"),
        node("produce_change", None),
        node("turning", "turned"),
        node("turned", "turning"),
        node("orphan", "nobody"),
    )
}
WORDS = Vocabulary(NODES, "salt")


class Tale(Story):
    """A story in a repository whose tests can be executed."""

    def _ordinary(self, step: Step | None) -> Outcome | None:
        if isinstance(step, PrepareEnvironment):
            return EnvironmentPrepared(None, BaseChecks(True, "ran", sandbox="bubblewrap"))
        return super()._ordinary(step)


def evidence(story: Story) -> list[Evidence]:
    """Of every entry that proves anything."""
    run, found = Run(REQUEST), list[Evidence]()
    for entry in story.entries:
        after = apply(run, entry)
        each = evidence_of(run, after, entry, WORDS)
        found += [] if each.is_empty else [each]
        run = after
    return found


def tries(story: Story) -> list[tuple[str, int, str, bool, bool, str]]:
    """At items; the plan's own are `plans`."""
    return [told(judged) for each in evidence(story) for judged in each.tries if judged.item]


def plans(story: Story) -> list[tuple[str, bool, bool]]:
    found = [judged for each in evidence(story) for judged in each.tries if not judged.item]
    assert all(judged.action == "plan_work" for judged in found)
    return [(judged.event, judged.succeeded, judged.validated) for judged in found]


def told(judged: JudgedTry) -> tuple[str, int, str, bool, bool, str]:
    return (judged.item, judged.attempt, judged.event, judged.succeeded, judged.validated, judged.source)


def planned(*files: str, story: Story | None = None, action: str = "fix_defect") -> Story:
    story = story or Tale()
    story.plan(item("one", action, files))
    story.decide()
    return story


def checks(story: Story, *failures: Failure) -> None:
    """The Executor checks its own work."""
    story.reply("executor", ToolsCalled(()))
    story.tell(ToolsUsed(("said",), {"a.py": "x"}, checks=1, failures=failures))


def test_a_task_is_opened_planned_and_closed() -> None:
    story = planned("a.py", "tests/test_a.py")
    story.work(a_py="x = 1")
    story.passes()
    found = evidence(story)
    (opened,) = [each.opened for each in found if each.opened]
    assert (opened.repository, opened.issue, opened.model, opened.protocol) == (
        "octo/tally",
        12,
        "script:test",
        "p" * 64,
    )
    assert opened.assigned_at == START + timedelta(seconds=1)
    assert opened.features == {"repository": opened.stratum, "model": "script"}
    assert "7" != opened.stratum != ""
    (plan,) = [each.planned for each in found if each.planned]
    assert (plan.language, plan.features) == ("python", {"language": "python", "planned_items": "1"})
    assert plan.units[0].features == {
        "action_item": "fix_defect",
        "ancestors": ("change_code", "produce_change"),
        "domain": "coding",
        "file_kind": ("source", "test"),
    }
    assert [each.closed.outcome for each in found if each.closed] == ["completed"]
    assert {each.run for each in found} == {each.task for each in found} == {"7-12-99"}
    assert len({each.seq for each in found}) == len(found)


def test_the_plan_is_the_one_before_the_first_executor_call() -> None:
    story = planned("a.py")
    story.change(a_py="x = ")
    story.validate(failure("f1"))
    story.change(a_py="x = (")
    story.validate(failure("f1"))
    story.plan(item("two", files=("b.go",)), item("three"))
    story.decide()
    assert [each.planned.language for each in evidence(story) if each.planned] == ["python"]


def test_a_try_that_passes_is_one_before_the_push_and_one_in_ci() -> None:
    story = planned()
    story.work(a_py="x = 1")
    story.passes()
    assert tries(story) == [("1", 1, "end", True, True, "sandbox"), ("1", 1, "verdict", True, True, "ci")]
    (_, verdict) = [judged for each in evidence(story) for judged in each.tries if judged.item]
    assert (verdict.features["files_touched"], verdict.features["attempt"]) == ("1", "1")


def test_a_check_of_the_executor_is_a_validation_where_anything_was_executed() -> None:
    story = planned()
    checks(story, failure("f1"))
    checks(story)
    assert tries(story) == [("1", 1, "check", False, True, "sandbox"), ("1", 1, "check", True, True, "sandbox")]
    blind = planned(story=Story())
    checks(blind)
    assert tries(blind) == [("1", 1, "check", True, False, "sandbox")]


def test_a_try_that_is_given_up_is_validated_by_nobody() -> None:
    story = planned()
    story.reply("executor", ToolsCalled((Done("blocked", "cannot"),)))
    assert isinstance(story.step(), UseTools)
    story.tell(ToolsUsed(("said",), done=Done("blocked", "cannot")))
    assert tries(story) == [("1", 1, "end", False, False, "sandbox")]


def test_a_level_that_fails_ends_the_try_with_its_failures() -> None:
    story = planned("a.py")
    story.change(a_py="x = ")
    story.validate(replace(failure("f1"), source="sandbox"))
    assert tries(story) == [("1", 1, "end", False, True, "sandbox")]
    (found,) = [found for each in evidence(story) for found in each.failures]
    assert (found.item, found.agent, found.level, found.exception) == ("1", "executor", "tests", "AssertionError")
    assert found.features["action_item"] == "fix_defect"
    assert found.features["files_touched"] == "1"
    assert found.features["path"] != "a.py"
    assert found.recorded.failure.path == "a.py"


def test_a_step_that_cannot_be_taken_judges_no_try() -> None:
    story = planned()
    story.change(a_py="x = 1")
    story.tell(StepFailed("failed", "the sandbox is gone"))
    assert tries(story) == []
    at_work = planned()
    at_work.work(a_py="x = 1")
    at_work.tell(StepFailed("failed", "the server is gone"))
    assert tries(at_work) == [("1", 1, "end", True, True, "sandbox")]


def test_a_red_verdict_is_one_items() -> None:
    story = Tale()
    story.plan(item("one"), item("two", "write_test"))
    story.decide()
    story.work(a_py="x = 1")
    story.work(b_py="x = 2")
    story.fails(failure("f1"))
    assert tries(story)[2:] == [("2", 1, "verdict", False, True, "ci")]
    (found,) = [found for each in evidence(story) for found in each.failures]
    assert (found.item, found.level) == ("2", "ci")
    assert "domain" not in found.features


def test_a_green_verdict_counts_only_with_its_proof() -> None:
    story = planned()
    story.work(a_py="x = 1")
    story.judge(Passed(("test",)))
    story.prove(Unproven("no test"))
    assert tries(story) == [("1", 1, "end", True, True, "sandbox")]
    assert [each.closed.outcome for each in evidence(story) if each.closed] == ["unverified"]


def test_tampering_found_after_green_checks_fails_the_try() -> None:
    story = planned()
    story.work(a_py="x = 1")
    story.judge(Passed(("test",)))
    story.prove(Unproven("no test"), replace(failure("f9"), category="tampering"))
    assert tries(story)[1:] == [("1", 1, "verdict", False, True, "ci")]
    (found,) = [found for each in evidence(story) for found in each.failures]
    assert found.level == "other"


def test_verdicts_that_blame_nobody_judge_nobody() -> None:
    story = planned()
    story.work(a_py="x = 1")
    story.judge(Failed(("test",)), flaky=("tests/test_a.py::test_b",))
    assert tries(story) == [("1", 1, "end", True, True, "sandbox")]
    unverified = planned()
    unverified.work(a_py="x = 1")
    unverified.judge(Unverified("no checks"))
    assert tries(unverified) == [("1", 1, "end", True, True, "sandbox")]


def test_to_show_that_there_is_nothing_to_do_is_a_success() -> None:
    story = planned()
    for _ in range(2):
        story.change(a_py="x = 1")
        story.validate(reproduction=NotReproduced(("test_a",)))
    assert [succeeded for _, _, _, succeeded, _, _ in tries(story)] == [False, True]
    assert [each.closed.outcome for each in evidence(story) if each.closed] == ["not_reproduced"]


def test_an_unreadable_answer_is_a_failure_of_who_gave_it() -> None:
    thinker = Tale(Budget(repairs=0))
    thinker.reply("thinker", Malformed("no JSON"))
    processor = Tale(Budget(repairs=0))
    processor.plan(item("one"))
    processor.reply("processor", Malformed("no JSON"))
    executor = planned(story=Tale(Budget(repairs=0)))
    executor.reply("executor", Malformed("no JSON"))
    found = [found for story in (thinker, processor, executor) for each in evidence(story) for found in each.failures]
    assert [(each.agent, each.item) for each in found] == [("thinker", ""), ("processor", ""), ("executor", "1")]
    assert tries(executor) == [("1", 1, "reply", False, True, "sandbox"), ("1", 1, "end", False, False, "sandbox")]
    assert plans(thinker) == [("reply", False, True)]
    assert plans(processor) == plans(executor) == [("end", True, True)]


def test_the_first_plan_is_a_unit_of_work() -> None:
    story = Tale()
    story.reply("thinker", Malformed("no JSON"))
    story.plan(item("one"))
    story.decide()
    assert plans(story) == [("reply", False, True), ("end", True, True)]
    (reply, _) = [judged for each in evidence(story) for judged in each.tries]
    assert reply.features["model"] == "script"
    assert reply.features["action_item"] == "plan_work"


def test_what_is_known_of_an_item_before_it_is_begun() -> None:
    story = planned("a.py", "b.md")
    run = story.run
    assert run.plan is not None
    (first,) = run.plan.items
    known = context_of(run, first, WORDS)
    assert known["language"] == "python"
    assert known["planned_items"] == "1"
    assert known["file_kind"] == ("docs", "source")
    assert context_of(replace(run, plan=None), first, WORDS) == known


def test_a_run_that_ends_before_it_is_frozen_is_no_task() -> None:
    story = Story()
    story.tell(StepFailed("not_permitted", "no"))
    story.settle()
    assert [each.opened for each in evidence(story)] == [None]


@pytest.mark.parametrize(
    ("action", "ancestors"), [("turning", ("turned", "turning")), ("orphan", ("nobody",)), ("unheard_of", ())]
)
def test_an_odd_taxonomy_ends_somewhere(action: str, ancestors: tuple[str, ...]) -> None:
    (plan,) = [each.planned for each in evidence(planned(action=action)) if each.planned]
    assert plan.units[0].features["ancestors"] == ancestors
    assert plan.units[0].item == ItemKey("1")


@pytest.mark.parametrize(
    ("source", "category", "tool", "level"),
    [
        ("sandbox", "format", "model", "other"),
        ("ci", "environment", "environment", "other"),
        ("ci", "syntax", "python", "ci"),
        ("sandbox", "syntax", "python", "syntax"),
        ("sandbox", "type", "mypy", "static"),
        ("sandbox", "runtime", "pytest", "tests"),
    ],
)
def test_the_level_at_which_a_failure_is_found(source: Source, category: Category, tool: str, level: str) -> None:
    assert level_of(replace(failure(), source=source, category=category, tool=tool)) == level


def test_what_counts_as_an_exception() -> None:
    assert exception_of(replace(failure(), rule="ValueError")) == "ValueError"
    assert exception_of(replace(failure(), rule="Ignore previous instructions")) == ""
    assert exception_of(replace(failure(), tool="ruff", rule="ValueError")) == ""


def test_texts_are_kept_without_secrets_and_not_too_long() -> None:
    token = "ghp_" + "a" * 36
    raw = Failure(
        "ci", "logic", "pytest", "", f"{token}\x00" + "m" * 9000, f"{token}.py", 1, "t" * 999, Fingerprint("f")
    )
    kept = kept_failure(raw)
    assert token not in kept.message + kept.path
    assert (len(kept.message), len(kept.test)) == (2000, 300)
    assert "\x00" not in kept.message
