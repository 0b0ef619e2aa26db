"""What people made of pull requests: the label of each task, what counts of them, and what follows for an item."""

import math
import re
from dataclasses import replace
from datetime import timedelta
from itertools import product

import numpy as np
import pytest

from bot.model.pattern import Table
from bot.model.protocol import ItemState
from bot.model.rollout import Arm, Decision, ItemEvent, ItemStanding
from bot.rollout.decision import decide
from bot.rollout.fate import SEEN, Fate, LateRecord, fate_of
from bot.rollout.late import Late, LateCounts, LateTask, heeded, late_found, late_of
from bot.rollout.stretches import Stretch, stretches
from bot.statistics.odds_ratio import pooled
from tests.bench.late import HELD_BACK, LATE, PLANTED, STREAMS, harmless, helpful, verdicts
from tests.bench.rollout import allowed
from tests.bench.trials import CANARY
from tests.unit.rollout.streams import START, blocks

DAY = timedelta(days=1)
HELD = 30 * DAY
FATES: dict[str, Fate] = {
    **{"a": "accepted", "x": "rejected", "n": "nothing", "o": "open", "l": "lost", "s": "set_aside"},
    **{"-": "accepted", "r": "open", "e": "open"},
}


def tasks(treated: str, control: str, times: int = 1, start: int = 0, stratum: str = "r") -> list[LateTask]:
    """Equal blocks, the treated tasks first. `r`: still at work. `e`: at its end it was clear that it doesn't apply."""
    arms: tuple[tuple[Arm, str], ...] = (("treated", treated), ("control", control))
    told: list[tuple[Arm, str]] = [(arm, letter) for arm, letters in arms for letter in letters] * times
    return [
        LateTask(stratum, start + place, arm, letter not in "-e", letter != "r", FATES[letter])
        for place, (arm, letter) in enumerate(told)
    ]


def label(record: LateRecord, days: float) -> Fate:
    return fate_of(record, START, late=30 * DAY, held=HELD, now=START + days * DAY)


MERGED, CLOSED = LateRecord(merged_at=START + 10 * DAY), LateRecord(closed_at=START + 10 * DAY)


@pytest.mark.parametrize(
    ("record", "days", "expected"),
    [
        (LateRecord(), 60.9, "open"),
        (LateRecord(), 61, "lost"),
        (LateRecord(without=True), 1, "nothing"),
        (MERGED, 40.9, "open"),
        (MERGED, 41, "accepted"),
        (replace(MERGED, reverted=True), 20, "rejected"),
        (replace(MERGED, superseded=True), 41, "accepted"),
        (CLOSED, 11, "rejected"),
        (replace(CLOSED, superseded=True), 11, "set_aside"),
        (replace(CLOSED, cancelled=True), 11, "set_aside"),
        (replace(MERGED, cancelled=True), 41, "set_aside"),
        (LateRecord(merged_at=START + 31 * DAY), 90, "lost"),
        (LateRecord(closed_at=START + 31 * DAY), 90, "lost"),
    ],
)
def test_each_end_has_its_label(record: LateRecord, days: float, expected: Fate) -> None:
    assert label(record, days) == expected


@pytest.mark.parametrize("at", [0.5, 10, 29.9, 30, 30.1, 50])
def test_a_label_that_is_known_never_changes(at: float) -> None:
    """Whatever happens in time, seen within a day: looked at every half day, as the records come in."""
    moment = START + at * DAY
    for reverted, merged in product((False, True), (False, True)):
        seen: list[Fate] = []
        for half in range(200):
            now = START + half * DAY / 2
            known = moment + SEEN / 2 <= now
            record = LateRecord(
                merged_at=moment if merged and known else None,
                closed_at=moment if not merged and known else None,
                reverted=merged and reverted and now >= moment + HELD + SEEN / 2,
            )
            seen.append(fate_of(record, START, late=30 * DAY, held=HELD, now=now))
        final = [each for each in seen if each != "open"]
        assert len(set(final)) == 1
        assert seen == ["open"] * (len(seen) - len(final)) + final
        assert at <= 30 or final[0] == "lost"


FILE = ItemStanding("i", "staged", START, "", pinned=False, banned=False)


def event(day: int, kind: str, state: ItemState) -> ItemEvent:
    return ItemEvent("i", START + day * DAY, state, kind, "rmo", "", "", {})  # pyright: ignore[reportArgumentType]


def test_a_promotion_and_the_end_of_its_time_lose_nothing() -> None:
    assert stretches(FILE, ()) == (Stretch("staged", START, None),)
    found = stretches(FILE, [event(9, "promote", "production"), event(99, "expire", "staged")])
    assert [(each.state, each.since, each.until) for each in found] == [
        ("staged", START, START + 9 * DAY),
        ("production", START + 9 * DAY, START + 99 * DAY),
        ("staged", START + 99 * DAY, None),
    ]
    # What changes nothing begins nothing
    pinned = replace(event(20, "override", "production"), detail="pin")
    assert stretches(FILE, [event(9, "promote", "production"), pinned])[1] == Stretch(
        "production", START + 9 * DAY, None
    )


def test_whatever_else_happens_begins_anew() -> None:
    promoted = event(9, "promote", "production")
    assert stretches(FILE, [promoted, event(20, "roll_back", "staged")]) == (Stretch("staged", START + 20 * DAY, None),)
    assert stretches(FILE, [promoted, event(20, "file", "retired")]) == ()
    by_replays = stretches(replace(FILE, state="testing"), [promoted])
    assert by_replays == (Stretch("production", START + 9 * DAY, None),)


def test_what_is_known_is_counted_by_arm() -> None:
    found = late_of([(4, [*tasks("ax", "an"), *tasks("lo", "s-", start=4)])], LATE)
    assert found.treated == LateCounts(accepted=1, rejected=1, open=1, uncounted=1)
    assert found.control == LateCounts(accepted=1, rejected=0, open=0, uncounted=2)
    assert (found.blocks, found.threshold, found.harmful) == (1, 50.0, False)
    assert re.fullmatch(
        r"accepted 1 of 2 against 1 of 1 \(odds ratio 0\.00, 0\.00 to [0-9.]+\), 1 not known yet, "
        r"e-value of harm 1\.25 of 50",
        found.said,
    )


def test_without_tasks_there_is_nothing_to_say() -> None:
    found = late_of([], CANARY)
    assert (found.odds, found.e_harm, found.harmful, found.blocks) == (None, 1.0, False, 0)
    assert found.said == "accepted 0 of 0 against 0 of 0, 0 not known yet, shown only"
    assert "e_late_harm_threshold" not in found.numbers
    assert all(math.isfinite(number) for number in found.numbers.values())


def test_the_interval_is_over_the_strata() -> None:
    told = [*tasks("ax", "aa", 5), *tasks("xx", "xa", 5, stratum="other")]
    assert late_of([(4, told)], LATE).odds == pooled(
        [_table([each for each in told if each.stratum == stratum]) for stratum in ("r", "other")]
    )


def _table(told: list[LateTask]) -> Table:
    inside = [task.fate == "accepted" for task in told if task.arm == "treated"]
    outside = [task.fate == "accepted" for task in told if task.arm == "control"]
    return Table(len(inside), len(outside), sum(inside), sum(outside))


def test_harm_is_found_at_the_first_block_that_shows_it_and_stays() -> None:
    bad = tasks("xx", "aa", 40)
    whole, early = late_of([(4, bad)], LATE), late_of([(4, bad[: 4 * 6])], LATE)
    assert whole.harmful
    assert early.harmful
    assert (whole.blocks, whole.e_harm) == (early.blocks, early.e_harm)
    assert whole.e_harm >= 50 > late_of([(4, bad[: 4 * (whole.blocks - 1)])], LATE).e_harm
    assert not late_of([(4, bad)], CANARY).harmful, "without a share it decides nothing"
    assert late_of([(4, [*bad, *tasks("aa", "xx", 99, start=160)])], LATE).harmful


def test_no_block_counts_before_those_that_were_filled_earlier() -> None:
    bad = tasks("xx", "aa", 40, start=4)
    assert late_of([(4, [*tasks("xx", "ao"), *bad])], LATE).blocks == 0
    assert late_of([(4, [*tasks("xx", "ar"), *bad])], LATE).blocks == 0
    assert late_of([(4, [*tasks("xx", "ae"), *bad])], LATE).harmful, "what the item is not about keeps nobody waiting"
    waiting = late_of([(4, tasks("xx", "ao")), (10, tasks("x" * 9, "a", 40, start=10))], LATE)
    assert (waiting.blocks, waiting.harmful) == (0, False)
    both = late_of([(4, tasks("xx", "aa", 2)), (10, tasks("x" * 9, "a", 40, start=10))], LATE)
    assert both.harmful
    assert both.blocks > 2


def test_harder_work_that_is_turned_down_more_often_is_no_harm_while_more_is_accepted() -> None:
    # With the item two tasks come to a pull request and one is accepted, without it the one is
    more = tasks("aaax", "aann", 200)
    assert not late_of([(8, more)], LATE).harmful
    as_much = tasks("aaxx", "aann", 200)
    assert late_of([(8, as_much)], LATE).harmful


def test_the_simulated_rule_is_the_one_that_decides() -> None:
    chance = np.random.default_rng(3)
    for _ in range(10):
        letters = ["".join(chance.choice(list("axns"), 2, p=[0.4, 0.4, 0.1, 0.1])) for _ in range(60)]
        told = [each for n in range(30) for each in tasks(letters[2 * n], letters[2 * n + 1], start=4 * n)]
        judged, ended = (
            np.array([_row(told[4 * n : 4 * n + 4], counted) for n in range(30)]) for counted in ("ax", "axn")
        )
        over = late_found(judged, ended, replace(LATE, roll_back=0.4))
        found = late_of([(4, told)], replace(LATE, roll_back=0.4))
        assert found.harmful == bool(over.any())
        assert found.blocks == (int(over.argmax()) + 1 if over.any() else 30)


def _row(told: list[LateTask], counted: str) -> list[int]:
    fates = {FATES[letter] for letter in counted}
    arms = [[task for task in told if task.arm == arm and task.fate in fates] for arm in ("treated", "control")]
    return [*(len(arm) for arm in arms), *(sum(task.fate == "accepted" for task in arm) for arm in arms)]


BAD, GOOD = late_of([(4, tasks("xx", "aa", 40))], LATE), late_of([(4, tasks("aa", "xx", 40))], LATE)


def heed(late: Late, told: str = "ss", control: str = "ff", state: ItemState = "staged") -> Decision:
    made = decide(blocks(told, control, 50), LATE, since=START, now=START)
    return heeded(made, late, state)


def test_what_people_turn_down_goes_back_whatever_ci_says_and_nothing_else_follows_from_them() -> None:
    found = heed(BAD)
    assert found.kind == "roll_back"
    assert found.reason == f"people accept less of its work: {BAD.said}"
    assert "accepted 0 of 80 against 80 of 80" in found.reason
    assert (found.statistics.values["late_decided"], found.route) == (1.0, "")
    assert found.statistics.values["e_success"] >= 20, "CI's numbers stand beside it"
    assert heed(BAD, state="production").reason.endswith(": a pull request takes it back, and a fresh canary begins")
    assert heed(GOOD).kind == "promote"
    assert heed(GOOD, "sf", "sf").kind == "hold", "people's word promotes nothing"
    harm = heed(BAD, "ff", "ss")
    assert (harm.kind, harm.reason.startswith("it does harm")) == ("roll_back", True)
    assert "late_decided" not in harm.statistics.values
    assert harm.statistics.values["late_treated_rejected"] == 80


def test_both_tests_together_keep_to_the_error_that_is_allowed() -> None:
    assert 1 / LATE.harm + 1 / LATE.late_harm == pytest.approx(1 / LATE.roll_back)
    assert (CANARY.harm, CANARY.late_harm) == (CANARY.roll_back, math.inf)
    assert heed(GOOD, "ff", "ss").statistics.values["e_harm_threshold"] == 12.5


FEW = STREAMS // 8


@pytest.mark.parametrize("world", harmless(12))
def test_a_harmless_item_is_seldom_rolled_back_by_either_test(world: str) -> None:
    people, policy = harmless(800)[world]
    found = verdicts(people, 800, FEW, policy, seed=4)
    assert found.either <= allowed(0.10, FEW)
    assert float(found.by_people.mean()) <= allowed(0.02, FEW)
    assert policy in (LATE, HELD_BACK)


def test_harm_that_only_people_see_is_found() -> None:
    found = verdicts(PLANTED[1][1], 600, FEW, seed=5)
    assert float(found.by_people.mean()) >= 0.97
    assert float(np.median(found.tasks)) <= 160
    assert float(found.by_ci.mean()) <= allowed(0.10, FEW)


def test_an_item_that_gets_harder_work_done_is_kept() -> None:
    found = verdicts(helpful(0.3), 800, FEW, seed=6)
    assert float(found.unguarded.mean()) >= 0.3
    assert float(found.by_people.mean()) <= 0.1
