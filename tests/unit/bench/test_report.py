"""The report's arithmetic: rates, changes, targets, answers; and what of it is called simulated."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from scipy.stats import binomtest

from bot.bench.course import course
from bot.bench.exercises import exercises
from bot.bench.intervals import Bootstrap, wilson
from bot.bench.measure import Measured, Phase
from bot.bench.plot import draw
from bot.bench.questions import as_json, questions
from bot.bench.report import (
    Facts,
    FoundPattern,
    TriedItem,
    all_errors,
    curve,
    form_errors,
    means,
)
from bot.bench.statement import statement
from bot.bench.table import tables
from bot.model.errors import NeedsHuman

PATTERN = FoundPattern("0123456789ab", "frequency", "anywhere -> syntax", True, 300.0, 200.0, 40)
ITEM = TriedItem("learned-1", "example", PATTERN.id, "production", 90, ("promote: its failure is rarer",))


def task(number: int, phase: Phase, *found: str, baseline: bool = False, cost: int = 1_000) -> Measured:
    return Measured(
        number=number,
        problem=f"HumanEval/{number % 20}",
        phase=phase,
        is_baseline=baseline,
        learned=0,
        first_attempt=frozenset(found),
        attempts=2 if found else 1,
        completed=True,
        outcome="completed",
        cost=cost,
        tokens=500,
        seconds=3.0,
    )


def facts(before: int, after: int, baseline: int = 0, kind: str = "syntax") -> Facts:
    """So many of 40, 40 and 20 tasks whose first attempt had a failure."""
    tasks = [task(number, "before", *([kind] if number < before else [])) for number in range(40)]
    tasks += [task(40 + number, "after", *([kind] if number < after else [])) for number in range(40)]
    tasks += [task(80 + number, "after", *([kind] if number < baseline else []), baseline=True) for number in range(20)]
    return Facts(
        model="simulated:coder",
        seed=0,
        tasks=tasks,
        registered=[*[PATTERN] * 5, replace(PATTERN, crossed=False)],
        items=[ITEM],
        merged=1,
        refused_changes=[],
        token_budget=1_500,
        wall_seconds=100.0,
        replay_pairs=30,
        promotions=[(60, ITEM.id)],
        simulated=["the coder"],
        real=["the tests"],
    )


@pytest.mark.parametrize(("found", "of"), [(0, 10), (3, 10), (10, 10), (70, 200)])
def test_a_rate_has_wilson_s_interval(found: int, of: int) -> None:
    mine, theirs = wilson(found, of), binomtest(found, of).proportion_ci(method="wilson")
    assert mine is not None
    assert (mine.low, mine.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_nothing_looked_at_is_no_rate() -> None:
    assert wilson(0, 0) is None


def test_the_bootstrap_covers_a_known_mean_and_repeats_itself() -> None:
    values = [random.Random(number).random() for number in range(60)]

    def mean(drawn: Sequence[float]) -> float:
        return sum(drawn) / len(drawn)

    found = Bootstrap(values, 1).interval(mean)
    assert found is not None
    assert found.low < mean(values) < found.high
    assert found == Bootstrap(values, 1).interval(mean)
    # Of a mean of uniform numbers the interval is about 4 standard errors wide.
    assert found.high - found.low == pytest.approx(4 * (1 / 12 / 60) ** 0.5, rel=0.25)


def test_a_change_is_relative_and_its_baseline_is_of_the_same_time() -> None:
    found = form_errors(facts(before=20, after=5, baseline=10))
    assert found.before is not None
    assert found.after is not None
    assert found.change is not None
    assert found.against_baseline is not None
    assert (found.before.estimate, found.after.estimate) == (0.5, 0.125)
    assert found.change.estimate == -0.75
    assert found.against_baseline.estimate == -0.75
    assert found.answer == "go"


@pytest.mark.parametrize(
    ("before", "after", "answer"), [(20, 5, "go"), (20, 12, "no-go"), (20, 30, "no-go"), (2, 1, "no-go")]
)
def test_a_target_is_met_by_the_estimate_with_an_interval_below_no_change(before: int, after: int, answer: str) -> None:
    assert form_errors(facts(before, after)).answer == answer


def test_other_errors_are_none_of_form() -> None:
    logic = facts(before=20, after=5, kind="logic")
    assert form_errors(logic).answer == "not enough data"
    assert all_errors(logic).answer == "go"


def test_without_tasks_nothing_is_claimed() -> None:
    empty = replace(facts(1, 1), tasks=[], registered=[], items=[])
    assert [each.answer for each in questions(empty)] == ["no-go", "not enough data", "not enough data", "go"]
    assert means(empty, "before") is None
    assert curve(empty, lambda task: task.has_error, 10) == ()


def test_the_four_questions() -> None:
    good = facts(before=20, after=5)
    assert [each.answer for each in questions(good)] == ["go"] * 4


@pytest.mark.parametrize(
    ("change", "question"),
    [
        ({"registered": [PATTERN] * 4}, 0),
        ({"items": [replace(ITEM, story=())]}, 3),
        ({"items": [replace(ITEM, tokens=2_000)]}, 3),
        ({"refused_changes": ["the repository is empty"]}, 3),
    ],
)
def test_each_of_them_can_be_answered_by_no(change: dict[str, object], question: int) -> None:
    found = questions(replace(facts(before=20, after=5), **change))  # pyright: ignore[reportArgumentType] - fields by name
    assert [each.answer for each in found].index("no-go") == question


def test_what_costs_more_for_a_completed_task_is_not_manageable() -> None:
    good = facts(before=20, after=5)
    dear = [replace(each, cost=1_200) if each.phase == "after" else each for each in good.tasks]
    assert questions(replace(good, tasks=dear))[2].answer == "no-go"
    undone = [replace(each, completed=False) if each.phase == "after" else each for each in good.tasks]
    assert questions(replace(good, tasks=undone))[2].answer == "not enough data"


def test_the_curve_is_made_of_whole_windows_without_the_baseline() -> None:
    points = curve(facts(before=20, after=5, baseline=20), lambda task: task.has_error, 20)
    assert [(last, point.estimate) for last, point in points] == [(19, 1.0), (39, 0.0), (59, 0.25), (79, 0.0)]


def test_the_curve_is_drawn(tmp_path: Path) -> None:
    draw(facts(before=20, after=5, baseline=10), tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_the_report_is_json_and_holds_every_task() -> None:
    found = json.loads(json.dumps(as_json(facts(before=20, after=5, baseline=10))))
    assert len(found["tasks"]) == 100
    assert found["metrics"][0]["change"]["estimate"] == -0.75
    assert found["phases"]["learning"] is None
    assert found["simulated"] == ["the coder"]


def test_the_tables_say_what_is_simulated() -> None:
    written = StringIO()
    Console(file=written, width=200).print(tables(facts(before=20, after=5, baseline=10)))
    said = written.getvalue()
    for part in ("Simulated: the coder", "Real: the tests", "-75%", "Did learning help?", PATTERN.text, ITEM.id):
        assert part in said


def test_the_statement_follows_the_model_and_ci() -> None:
    scripted, real = statement("simulated:coder", True, act=False), statement("anthropic:x", False, act=True)
    assert "the coder" in scripted.simulated[0]
    assert any("CI's runner" in each for each in scripted.simulated)
    assert "anthropic:x" in real.real[0]
    assert not any("the coder" in each or "CI's runner" in each for each in real.simulated)


def test_the_course_ends_with_the_problems_that_it_began_with() -> None:
    known = exercises()
    planned = course(known, 320, seed=1)
    assert planned.after == planned.before
    assert len(planned.before) + len(planned.learning) + len(planned.after) == 320
    assert len(set(planned.before)) == len(planned.before)
    assert [each for day in planned.days("learning") for each in day] == list(planned.learning)
    assert course(known, 320, seed=2).before != planned.before
    with pytest.raises(NeedsHuman, match="too few"):
        course(known, 3, seed=1)
