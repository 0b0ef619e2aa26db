"""The replay gate: what is refused, what goes on to live tasks, and what comes into force by replays alone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.model.evidence import TaskId
from bot.model.rollout import Decision, ReplayPair
from bot.rollout.gate import GateRule
from bot.rollout.replay import decide_replays, is_spent
from tests.bench.trials import REPLAY, Replays, gate_ends, pair_signs

AT = datetime(2026, 1, 1, tzinfo=UTC)


def pair(control: str, treated: str, cost: int = 0) -> ReplayPair:
    """`s`, `f`, `t` (failed by the targeted failure) or `S` (succeeded in spite of it) for each arm."""
    return ReplayPair(TaskId("t"), AT, treated in "sS", control in "sS", treated in "tS", control in "tS", cost)


def decided(*turns: tuple[str, str, int], approved: bool = False) -> Decision:
    pairs = [pair(control, treated) for control, treated, times in turns for _ in range(times)]
    return decide_replays(pairs, REPLAY, approved=approved)


def test_what_loses_more_tasks_than_it_wins_is_refused() -> None:
    found = decided(("s", "f", 30))
    assert (found.kind, found.statistics.treated.tasks) == ("refuse", 6)
    assert found.reason.startswith("it does harm: e-value 15.3 of 10; its failure 0 against 0, success 0 against 6")


def test_what_makes_its_own_failure_commoner_is_refused() -> None:
    found = decided(("s", "S", 30))
    assert found.kind == "refuse"
    assert found.reason.startswith("its failure is commoner")


def test_what_makes_its_failure_rarer_goes_on_to_live_tasks() -> None:
    found = decided(("S", "s", 30))
    assert (found.kind, found.statistics.values["e_target_threshold"]) == ("stage", 20)
    assert decided(("f", "s", 30)).kind == "stage"


def test_where_it_was_approved_it_is_promoted_once_success_is_no_worse() -> None:
    held = decided(("S", "s", 10), approved=True)
    assert (held.kind, held.more_tasks) == ("hold", 25)
    found = decided(("S", "s", 100), approved=True)
    assert (found.kind, found.route, found.statistics.blocks) == ("promote", "replay", 35)
    assert "that success is at most 15% rarer" in found.reason


def test_what_changes_little_in_its_failure_is_refused() -> None:
    found = decided(*[("S", "s", 1), ("s", "S", 1)] * 60)
    assert found.kind == "refuse"
    assert found.reason.startswith("it does too little against its failure")


def test_what_is_undecided_when_the_pairs_are_spent_goes_on_unless_it_leans_towards_harm() -> None:
    unknown = decided(("s", "s", 240))
    assert unknown.kind == "stage"
    assert unknown.reason.startswith("240 pairs are spent, and live tasks have to tell")
    leaning = decided(("s", "s", 237), ("s", "f", 3))
    assert leaning.kind == "refuse"
    assert "leans towards harm" in leaning.reason
    assert decided(("s", "s", 240), approved=True).kind == "stage"


def test_money_that_nobody_approved_is_not_spent() -> None:
    pairs = [pair("s", "s", cost=500_000)] * 4
    assert is_spent(pairs, REPLAY, approved=False)
    assert not is_spent(pairs, REPLAY, approved=True)
    assert decide_replays(pairs, REPLAY, approved=False).kind == "stage"
    assert decide_replays(pairs[:3], REPLAY, approved=False).kind == "hold"


def test_before_the_first_pair_all_of_them_are_to_be_done() -> None:
    found = decided()
    assert (found.kind, found.more_tasks) == ("hold", REPLAY.pairs)
    assert found.reason.startswith("about 240 more pairs")


@pytest.mark.parametrize("approved", [True, False])
def test_the_simulated_gate_is_the_one_that_decides(approved: bool) -> None:
    kinds = {
        **{GateRule.HARM: "refuse", GateRule.WORSE: "refuse", GateRule.FUTILE: "refuse"},
        **{GateRule.PROMOTE: "promote", GateRule.STAGE: "stage"},
    }
    world = Replays((0.6, 0.6), (0.3, 0.15))
    policy = replace(REPLAY, pairs=120)
    rules, places = gate_ends(world, 12, policy, approved=approved)
    success, target = pair_signs(world, 12, policy.pairs, 0)
    letters = {(0, 0): ("s", "s"), (0, 1): ("S", "s"), (0, -1): ("s", "S"), (1, 0): ("f", "s"), (-1, 0): ("s", "f")}
    letters |= {(1, 1): ("t", "s"), (1, -1): ("f", "S"), (-1, 1): ("S", "f"), (-1, -1): ("s", "t")}
    for number in range(12):
        signs = zip(success[number].tolist(), target[number].tolist(), strict=True)
        found = decide_replays([pair(*letters[each]) for each in signs], policy, approved=approved)
        rule = GateRule(int(rules[number]))
        assert found.kind in ({"stage", "refuse"} if rule is GateRule.NONE else {kinds[rule]})
        assert found.statistics.blocks == places[number]
