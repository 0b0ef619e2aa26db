"""Which candidates are registered, how many, and what a registration fixes."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.learning.registering import days_left, places, quarter_of, rates, register
from bot.model.pattern import Candidate, Hypothesis, PatternId, Registration, Signature, Table
from tests.unit.learning.tasks import F821, NOW, PROPOSE, candidate, context

LAST_DAY = datetime(2026, 12, 31, 23, tzinfo=UTC)
OTHER = Signature("rule", "ruff:E711")


def taken(
    *candidates: Candidate,
    known: Collection[PatternId] = (),
    in_quarter: int = 0,
    next_position: int = 0,
    factors: Mapping[PatternId, float] | None = None,
    watched: Collection[Hypothesis] = (),
) -> tuple[Registration, ...]:
    return register(
        candidates,
        known=known,
        in_quarter=in_quarter,
        today=0,
        next_position=next_position,
        now=LAST_DAY,
        policy=PROPOSE,
        factors=factors,
        watched=watched,
    )


@pytest.mark.parametrize(
    ("moment", "quarter", "left"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-Q1", 90),
        (datetime(2026, 3, 31, 23, 59, tzinfo=UTC), "2026-Q1", 1),
        (datetime(2026, 4, 1, tzinfo=UTC), "2026-Q2", 91),
        (NOW, "2026-Q4", 40),
        (LAST_DAY, "2026-Q4", 1),
        (datetime(2027, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))), "2026-Q4", 1),
    ],
)
def test_a_quarter_is_one_of_universal_time(moment: datetime, quarter: str, left: int) -> None:
    assert quarter_of(moment) == quarter
    assert days_left(moment) == left


@pytest.mark.parametrize(
    ("in_quarter", "today", "now", "budget", "expected"),
    [
        (0, 0, LAST_DAY, 200, 5),
        (0, 0, NOW, 200, 5),
        (0, 0, NOW, 100, 2),
        (1, 1, NOW, 100, 1),
        (2, 2, NOW, 100, 0),
        (0, 0, NOW, 20, 1),
        (1, 1, NOW, 20, 0),
        (19, 0, NOW, 20, 1),
        (20, 0, NOW, 20, 0),
        (23, 0, NOW, 20, 0),
        (17, 0, LAST_DAY, 20, 3),
    ],
)
def test_the_budget_is_spread_over_the_quarter(
    in_quarter: int, today: int, now: datetime, budget: int, expected: int
) -> None:
    policy = replace(PROPOSE, registrations_a_quarter=budget)
    assert places(in_quarter=in_quarter, today=today, now=now, policy=policy) == expected


def test_the_best_are_registered_with_everything_that_their_judgement_hangs_on() -> None:
    candidates = [candidate(context(language=str(number)), Signature("rule", str(number))) for number in range(7)]
    found = taken(*candidates, next_position=9)
    assert [each.hypothesis for each in found] == [each.hypothesis for each in candidates[:5]]
    assert found[0] == Registration(
        hypothesis=candidates[0].hypothesis,
        support=candidates[0].support,
        origin="mined",
        registered_at=LAST_DAY,
        quarter="2026-Q4",
        budget=20,
        alpha=0.10,
        factor=1.0,
        grid=PROPOSE.odds,
        base_rate=0.0,
        block=4,
        first_position=12,
        strata=("repository", "model"),
    )


def test_evidence_begins_with_a_block() -> None:
    first = candidate(context(language="a"))
    assert [taken(first, next_position=place)[0].first_position for place in (0, 1, 4, 5, 8)] == [0, 4, 4, 8, 8]


def test_a_context_that_fixes_a_feature_is_not_compared_within_it() -> None:
    here = candidate(context(repository="r", language="a"))
    both = candidate(context(repository="r", model="m"), OTHER)
    assert [each.strata for each in taken(here, both)] == [("model",), ()]


def test_a_frequency_bets_on_rates() -> None:
    (found,) = taken(candidate(context(action_item="fix_crash"), kind="frequency"))
    assert found.grid == pytest.approx((0.1, 0.15, 0.25, 0.4))
    assert (found.base_rate, found.strata) == (0.05, ())


def test_no_rate_is_bet_on_that_is_near_certainty() -> None:
    assert rates(replace(PROPOSE, base_rate=0.2)) == pytest.approx((0.4, 0.6, 0.8))
    assert all(0.9 < rate < 1 for rate in rates(replace(PROPOSE, base_rate=0.9)))


def test_nothing_is_registered_twice_but_what_may_be_tried_again() -> None:
    again = candidate(context(language="a"))
    name = again.hypothesis.id
    assert taken(again, known={name}) == ()
    assert [each.factor for each in taken(again, known={name}, factors={name: 2.0})] == [2.0]


@pytest.mark.parametrize(
    ("table", "registered"),
    [(Table(2, 98, 2, 0), True), (Table(1, 98, 1, 1), False), (Table(0, 98, 0, 5), False), (Table(9, 0, 5, 0), False)],
)
def test_a_rule_that_cannot_be_significant_is_never_registered(table: Table, registered: bool) -> None:
    assert bool(taken(candidate(context(language="a"), table=table))) is registered


def test_a_frequency_that_cannot_be_significant_is_never_registered() -> None:
    once = candidate(context(language="a"), kind="frequency", table=Table(1, 0, 1, 0))
    twice = candidate(context(language="a"), kind="frequency", table=Table(2, 0, 2, 0))
    assert taken(once) == ()
    assert len(taken(twice)) == 1


def test_a_persons_suggestion_needs_no_counts() -> None:
    nothing = candidate(context(language="a"), table=Table(0, 0, 0, 0))
    assert taken(nothing) == ()
    assert len(taken(replace(nothing, origin="person"))) == len(taken(replace(nothing, origin="transfer"))) == 1


def test_the_same_tasks_under_another_name_are_registered_once() -> None:
    first = candidate(context(language="a"), F821)
    broader = candidate(context(language="a"), Signature("category", "static"))
    assert [each.hypothesis for each in taken(first, broader)] == [first.hypothesis]
    elsewhere = candidate(context(language="b"), F821)
    assert len(taken(first, elsewhere)) == 2


def test_another_failure_comes_before_a_second_hypothesis_about_the_same() -> None:
    first, second = candidate(context(language="a")), candidate(context(language="b"), table=Table(20, 80, 9, 5))
    other = candidate(context(language="c"), OTHER)
    assert [each.hypothesis for each in taken(first, second, other)] == [
        each.hypothesis for each in (first, other, second)
    ]
    order = taken(second, other, watched=[first.hypothesis])
    assert [each.hypothesis.signature for each in order] == [OTHER, F821]


def with_p(p_value: float, place: int) -> Candidate:
    made = candidate(context(language=str(place)), Signature("rule", str(place)))
    return replace(made, support=replace(made.support, p_value=p_value))


def test_what_may_be_chance_waits_only_where_places_are_scarce() -> None:
    """Of ten candidates, one in ten is to be chance: the first three do, by rank times a tenth of a hundredth."""
    p_values = (1e-4, 1e-6, 3e-4, *(0.001 * place for place in range(2, 9)))
    candidates = [with_p(p_value, place) for place, p_value in enumerate(p_values)]
    plenty, scarce = taken(*candidates, in_quarter=10), taken(*candidates, in_quarter=11)
    assert len(plenty) == 5
    assert [each.support.p_value for each in scarce] == [1e-4, 1e-6, 3e-4]


def test_a_persons_suggestion_is_not_doubted() -> None:
    candidates = [with_p(0.009, place) for place in range(10)]
    asked = replace(candidates[9], origin="person")
    assert [each.origin for each in taken(*candidates[:9], asked, in_quarter=18)] == ["person"]
