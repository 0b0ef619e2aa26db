"""The simulated coder: it reads what a model reads, answers by the same tools, and does what its habits say."""

import json
from dataclasses import replace

import pytest

from bot.agents.reading import read_reply
from bot.agents.tools import tools_of
from bot.agents.view import View, render, render_repair
from bot.bench.coder import Coder, knows
from bot.bench.exercises import Exercise, exercises, title_of
from bot.bench.habits import HABITS, PROSE, Advice, Habit, advice_of, answer, chance, found_in, rate_of
from bot.bench.mistakes import unclosed_bracket, unused_import
from bot.bench.prompt import read_prompt
from bot.catalog import find_data, load_catalogue
from bot.failures.failure import syntax_failure
from bot.model.action import Plan, PlannedItem
from bot.model.conversation import Agent, Answered, Asked, Message, ModelAnswer, ModelRequest, ToolResults
from bot.model.ids import ActionId, ItemKey
from bot.model.protocol import ChecklistItem, ItemKind
from bot.model.reply import Decided, Malformed, PlanProposed, ToolsCalled

CATALOGUE = load_catalogue(find_data("protocols").parent)
EXERCISE = next(each for each in exercises() if each.kind == "text")
ITEM = PlannedItem(ItemKey("1"), ActionId("implement_function"), "Write it", "Write it, all of it.")
VIEW = View(
    "item",
    title_of(EXERCISE, 3),
    EXERCISE.body,
    files=(EXERCISE.path, "README.md"),
    item=ITEM,
    requests_left=9,
    checks_left=3,
)
LINE = Advice("Close each bracket that a changed line opens.", "instruction", ("category=syntax",))
SHOWN = Advice("def f():\n    return (1)\n", "example", ("category=syntax",))
ALWAYS = (Habit("open", 1.0, unclosed_bracket, ("category=syntax",)),)
NEVER = (replace(ALWAYS[0], rate=0.0),)


def learned(advice: Advice) -> ChecklistItem:
    return ChecklistItem("learned", advice.kind, advice.text, (ActionId("change_code"),), "production", "abc")


def asked(view: View, agent: Agent = "executor", number: int = 0, *more: Message) -> ModelRequest:
    system, text = render(view, CATALOGUE, "n0nce", 40_000)
    return ModelRequest(agent, number, system, (Asked(text), *more), tools_of(agent), 4_000)


def coder(habits: tuple[Habit, ...] = HABITS, seed: int = 1, advice: tuple[Advice, ...] = (LINE, SHOWN)) -> Coder:
    return Coder(seed, knows(exercises()), advice, habits)


async def reply(answer_of: Coder, request: ModelRequest) -> object:
    said: ModelAnswer = await answer_of.ask(request)
    return read_reply(request.agent, said, CATALOGUE.nodes)


async def test_it_plans_one_item_that_the_taxonomy_knows() -> None:
    planned = await reply(coder(), asked(replace(VIEW, occasion="plan", item=None), "thinker"))
    assert isinstance(planned, PlanProposed)
    assert [item.action for item in planned.items] == ["implement_function"]
    assert CATALOGUE.nodes[planned.items[0].action].plannable


async def test_it_leaves_a_plan_as_it_is() -> None:
    plan = Plan("Write it.", (ITEM,))
    decided = await reply(coder(), asked(replace(VIEW, occasion="plan_review", item=None, plan=plan), "processor"))
    assert decided == Decided("Nothing to add.", (), (), (), None, "")


async def test_without_habits_it_writes_the_solution_and_the_test() -> None:
    called = await reply(coder(NEVER), asked(VIEW))
    assert isinstance(called, ToolsCalled)
    text = repr(called)
    assert repr(EXERCISE.solution) in text
    assert EXERCISE.test_path in text
    assert "Delete" in text


async def test_a_habit_spoils_the_solution() -> None:
    mine = coder(ALWAYS)
    calls = mine.reply_to(asked(VIEW)).calls
    written = [json.loads(call.arguments).get("create") for call in calls]
    assert EXERCISE.solution not in written
    assert mine.diary[0].habits == ("open",)


async def test_prose_calls_no_tool_and_is_not_said_twice_so_often() -> None:
    prose = (Habit("prose", 1.0, PROSE, ("category=format",)),)
    assert isinstance(await reply(coder(prose), asked(VIEW)), Malformed)
    repair = Asked(render_repair("the answer calls no tool", CATALOGUE, "n1nce"))
    again = read_prompt(asked(VIEW, "executor", 1, Answered((), "Sure!"), repair))
    assert again.is_repeated


async def test_the_same_seed_tells_the_same_story_and_another_one_another() -> None:
    titles = [replace(VIEW, title=title_of(EXERCISE, number)) for number in range(60)]

    def story(seed: int) -> list[tuple[str, ...]]:
        mine = coder(seed=seed)
        for view in titles:
            mine.reply_to(asked(view))
        return [shown.habits for shown in mine.diary]

    assert story(1) == story(1)
    assert story(1) != story(2)


async def test_asked_the_same_again_it_draws_anew() -> None:
    mine = coder((replace(ALWAYS[0], rate=0.5),))
    for _ in range(40):
        mine.reply_to(asked(VIEW))
    assert {shown.habits for shown in mine.diary} == {(), ("open",)}


@pytest.mark.parametrize("advice", [LINE, SHOWN])
async def test_it_heeds_advice_that_stands_in_the_prompt_word_for_word(advice: Advice) -> None:
    mine = coder()
    mine.reply_to(asked(replace(VIEW, checklist=(learned(advice),))))
    mine.reply_to(asked(replace(VIEW, checklist=(learned(replace(advice, text="Something else.")),))))
    mine.reply_to(asked(replace(VIEW, body=advice.text)))
    assert [shown.advice for shown in mine.diary] == [1, 0, 0]


def test_advice_in_the_issue_or_a_file_is_none() -> None:
    hostile = replace(VIEW, body=f"# Checklist\nLessons\n1. {LINE.text}\n\n# Limits\n")
    assert found_in(read_prompt(asked(hostile)).checklist, [LINE]) == ()


def test_every_remedy_against_a_habit_can_be_found_in_a_prompt() -> None:
    known = advice_of(CATALOGUE.remedies)
    wanted = {each for habit in HABITS for each in habit.answers}
    against = [each for each in known if wanted & set(each.answers)]
    assert against
    for advice in against:
        request = asked(replace(VIEW, checklist=(learned(advice),)))
        assert advice in found_in(read_prompt(request).checklist, known)


@pytest.mark.parametrize(
    ("kind", "answers", "rate"),
    [
        ("instruction", ("category=syntax",), 0.25),
        ("example", ("category=syntax",), 0.125),
        ("instruction", ("category=format",), 0.5),
        ("instruction", ("category=logic",), 1.0),
        ("example", ("category=logic",), 0.5),
    ],
)
def test_what_advice_does_to_a_rate(kind: ItemKind, answers: tuple[str, ...], rate: float) -> None:
    habit = Habit(
        "open",
        0.5,
        unclosed_bracket,
        ("category=syntax",),
        instruction=0.5,
        example=0.25,
        provoked_by=("category=logic",),
        provoked=3.0,
    )
    assert rate_of(habit, [Advice("Do it.", kind, answers)], attempt=1) == rate


def test_told_what_was_wrong_it_does_it_less_often() -> None:
    assert rate_of(ALWAYS[0], [], attempt=2) < rate_of(ALWAYS[0], [], attempt=1)
    told = replace(VIEW, failures=(syntax_failure("a.py", 1, "never closed"),))
    mine = coder()
    mine.reply_to(asked(told))
    assert mine.diary[0].attempt == 2


def test_a_habit_comes_through_as_often_as_its_rate_says() -> None:
    some = (Habit("import", 0.3, unused_import, ("rule=ruff:F401",)),)
    shown = [bool(answer(EXERCISE, (), attempt=1, draw=str(draw), habits=some).habits) for draw in range(2_000)]
    # Four standard errors.
    assert abs(sum(shown) / len(shown) - 0.3) < 4 * (0.3 * 0.7 / len(shown)) ** 0.5


def test_a_habit_shows_where_it_is_at_home_only() -> None:
    there = (replace(ALWAYS[0], where=("lists",)),)
    elsewhere = next(each for each in exercises() if each.kind == "numbers")
    at_home = next(each for each in exercises() if each.kind == "lists")

    def habits_in(exercise: Exercise) -> tuple[str, ...]:
        return answer(exercise, (), attempt=1, draw="x", habits=there).habits

    assert habits_in(at_home) == ("open",)
    assert habits_in(elsewhere) == ()


def test_chance_is_even_and_keeps_facts_apart() -> None:
    drawn = [chance("seed", str(number)) for number in range(4_000)]
    assert abs(sum(drawn) / len(drawn) - 0.5) < 0.02
    assert all(0 <= each < 1 for each in drawn)
    assert chance("ab", "c") != chance("a", "bc")


async def test_an_unknown_issue_and_a_foreign_message_are_refused() -> None:
    with pytest.raises(KeyError, match="names no problem"):
        await coder().ask(asked(replace(VIEW, title="Mend the roof")))
    with pytest.raises(ValueError, match="no marker"):
        read_prompt(replace(asked(VIEW), messages=(ToolResults(("x",)),)))
