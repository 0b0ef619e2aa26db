"""What follows from a live trial, told as stories, and the laws that every decision keeps."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from bot.model.pattern import Table
from bot.model.rollout import Decision, TrialTask
from bot.rollout.course import Rule, course, first, rules
from bot.rollout.decision import decide, watch
from bot.rollout.trial import closed_blocks, tables
from bot.statistics.conditional import log_e
from bot.statistics.mixture import mean_exp
from tests.bench.trials import CANARY, simulated
from tests.unit.rollout.streams import START, blocks

SOON = START + timedelta(days=1)
LATE = START + CANARY.expires


def decided(*tasks: TrialTask, now: object = SOON, factor: float = 1.0) -> Decision:
    assert now in (SOON, LATE)
    return decide(tasks, CANARY, since=START, now=SOON if now is SOON else LATE, factor=factor)


def test_what_makes_tasks_fail_is_taken_back_at_once() -> None:
    found = decided(*blocks("ff", "ss", 50))
    assert found.kind == "roll_back"
    assert found.statistics.blocks == 3
    assert found.reason == (
        "it does harm: e-value of harm 17.1 of 10; success 0 of 6 against 6 of 6, e-value 0.223 of 20"
    )


def test_what_makes_tasks_succeed_is_promoted() -> None:
    found = decided(*blocks("ss", "ff", 50))
    assert (found.kind, found.route, found.statistics.blocks) == ("promote", "success", 5)
    products = [5 * log_e(Table(2, 2, 2, 0), odds) for odds in CANARY.odds]
    assert found.statistics.values["e_success"] == pytest.approx(mean_exp(products))
    assert found.statistics.values["e_success_threshold"] == 20


def test_what_makes_its_failure_rarer_and_success_no_worse_is_promoted_too() -> None:
    found = decided(*blocks("sf", "Sf", 600))
    assert (found.kind, found.route) == ("promote", "target")
    values = found.statistics.values
    assert values["e_target"] >= 20
    assert values["e_not_inferior"] >= 20 > values["e_success"]
    assert values["target_odds_ratio"] == 0
    assert values["odds_low"] < values["odds_ratio"] == 1 < values["odds_high"]


def test_a_rarer_failure_alone_is_not_enough() -> None:
    assert decided(*blocks("ss", "SS", 20)).kind == "hold"


def test_what_does_nothing_is_pruned() -> None:
    tasks = [
        task
        for turn in range(200)
        for task in (*blocks("sf", "sf", 1, "a", 4 * turn), *blocks("st", "st", 1, "b", 4 * turn))
    ]
    found = decided(*tasks)
    assert found.kind == "prune"
    assert found.reason.startswith(
        "it does too little: e-value of too little 504 of 20, of its failure 20.3 of 20; success"
    )
    # Without any targeted failure success alone tells
    assert decided(*blocks("sf", "sf", 400)).kind == "prune"


def test_a_failure_that_may_yet_be_rarer_keeps_it() -> None:
    rare = blocks("st", "sf")
    assert decided(*rare, *blocks("sf", "sf", 300, start=4)).kind == "hold"


def test_what_has_shown_nothing_at_the_horizon_is_pruned() -> None:
    found = decided(*blocks("ss", "ss", 1000))
    assert found.kind == "prune"
    assert found.statistics.blocks == CANARY.horizon // 4
    assert found.reason.startswith("3000 tasks of at most 3000 have shown nothing: success 1500 of 1500 against")


def test_no_horizon_ends_what_has_made_its_failure_rarer() -> None:
    found = decided(*blocks("ss", "SS", 1000))
    assert (found.kind, found.statistics.blocks, found.more_tasks) == ("hold", 1000, None)


def test_before_anything_is_known_it_is_held() -> None:
    found = decided()
    assert (found.kind, found.more_tasks, found.statistics.blocks) == ("hold", None, 0)
    assert found.reason.startswith("not known yet how many more tasks it takes: success 0 of 0 against 0 of 0")
    assert decided(*blocks("sf", "sf", 3)).more_tasks is None


def test_when_its_time_is_over_it_is_tried_again_unless_that_would_lose_evidence() -> None:
    nothing, leaning = blocks("ff", "sf"), blocks("ss", "sf", 3)
    assert decided(*nothing).kind == "hold"
    assert decided(*nothing, now=LATE).kind == "expire"
    assert decided(now=LATE).kind == "expire"
    assert decided(*leaning, now=LATE).kind == "hold"


def test_what_was_dropped_before_has_to_show_more() -> None:
    tasks = blocks("ss", "ff", 5)
    assert decided(*tasks).kind == "promote"
    again = decided(*tasks, factor=2)
    assert (again.kind, again.statistics.values["e_success_threshold"]) == ("hold", 40)


@pytest.mark.parametrize(("under", "within"), [(0.95, (50, 300)), (0.45, (20, 300)), (0.7, (200, 3000))])
def test_how_many_more_tasks_are_needed_is_told(under: float, within: tuple[int, int]) -> None:
    found = [decided(*simulated(seed, 160, 0.7, under)) for seed in range(20)]
    told = [each.more_tasks for each in found if each.kind == "hold" and each.more_tasks is not None]
    assert all(f"about {each.more_tasks} more tasks" in each.reason for each in found if each.more_tasks)
    assert not told or within[0] * 0.02 <= float(np.median(told)) <= within[1]


@pytest.mark.parametrize("seed", range(6))
def test_a_decision_once_made_stays(seed: int) -> None:
    """With a look after every block: it is held until the first other decision, which no later task changes."""
    rate = (0.45, 0.7, 0.95)[seed % 3]
    tasks = simulated(seed, 400, 0.7, rate)
    looks = [decided(*tasks[:end]) for end in range(0, len(tasks) + 1, 20)]
    kinds = [look.kind for look in looks]
    assert kinds[0] == "hold"
    made = next((place for place, kind in enumerate(kinds) if kind != "hold"), len(kinds))
    assert len({(look.kind, look.statistics.blocks) for look in looks[made:]}) <= 1


@pytest.mark.parametrize("seed", range(4))
def test_the_simulated_rules_are_those_that_decide(seed: int) -> None:
    """A stream judged among others by its tables ends as it does when its tasks are judged alone."""
    kinds = {Rule.HARM: "roll_back", Rule.SUCCESS: "promote", Rule.TARGET: "promote", Rule.NONE: "hold"}
    streams = [simulated(8 * seed + number, 800, 0.7, (0.5, 0.7, 0.85, 0.7)[number % 4]) for number in range(8)]
    closed = [closed_blocks(tasks, CANARY.block) for tasks in streams]
    success, target = (np.stack([tables(each, outcome) for each in closed]) for outcome in ("success", "target"))
    found, places = first(rules(course(success, target, CANARY), CANARY))
    for tasks, rule, place in zip(streams, found.tolist(), places.tolist(), strict=True):
        decision = decided(*tasks)
        assert decision.kind == kinds.get(Rule(rule), "prune")
        assert decision.statistics.blocks == (place + 1 if rule else 200)


def promoted(harm: int, well: int = 0) -> tuple[TrialTask, ...]:
    """Blocks of ten: such in which who goes without the item fares worse, then such in which better."""
    return (*blocks("s" * 6 + "fff", "f", well), *blocks("f" * 9, "s", harm, start=10 * well))


def test_a_promoted_item_that_begins_to_harm_raises_an_alarm() -> None:
    found = watch(promoted(40, well=30), CANARY, since=START, now=SOON)
    assert found.kind == "roll_back"
    assert 30 < found.statistics.blocks < 70
    assert found.statistics.values["detector"] >= found.statistics.values["detector_threshold"] == 1000
    assert "a pull request takes it back, and a fresh canary begins" in found.reason


def test_a_promoted_item_is_left_alone_until_its_time_is_over() -> None:
    for tasks in (promoted(0, well=20), ()):
        assert watch(tasks, CANARY, since=START, now=SOON).kind == "hold"
        assert watch(tasks, CANARY, since=START, now=LATE).kind == "expire"


def test_an_alarm_goes_before_the_end_of_its_time() -> None:
    assert watch(promoted(40), replace(CANARY, alarm=100), since=START, now=LATE).kind == "roll_back"
