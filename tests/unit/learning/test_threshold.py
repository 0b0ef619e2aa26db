"""What a proposal needs, alone and together with others of its block."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.learning.evidence import advance, crossed
from bot.learning.threshold import threshold, together
from bot.model.pattern import EvidencePoint, Registration
from tests.unit.learning.tasks import NOW, context, registered

RULE = registered(context(language="a"))


def point(e_value: float, proposals: int = 0, rule: Registration = RULE) -> EvidencePoint:
    return replace(advance(rule, None, 0, [], at=NOW, proposals=proposals), e_value=e_value)


def test_it_falls_with_every_proposal_and_rises_for_one_that_is_tried_again() -> None:
    assert threshold(RULE, 0) == pytest.approx(200)
    assert threshold(RULE, 1) == pytest.approx(100)
    assert threshold(replace(RULE, factor=2.0), 0) == pytest.approx(400)
    assert threshold(replace(RULE, budget=200), 4) == pytest.approx(400)


def test_patterns_that_cross_together_count_for_each_other() -> None:
    judged = together([(RULE, point(each)) for each in (101, 250, 99, 100)])
    # three of them reach 200 / 3, and so do all four reach 200 / 4
    assert [each.threshold for each in judged] == pytest.approx([50] * 4)
    assert [each.proposals for each in judged] == [3] * 4
    judged = together([(RULE, point(each, proposals=1)) for each in (51, 70, 20)])
    assert [crossed(each) for each in judged] == [False, False, False]
    judged = together([(RULE, point(each, proposals=1)) for each in (67, 70, 20)])
    assert [crossed(each) for each in judged] == [True, True, False]


def test_one_that_reaches_nothing_keeps_its_own_threshold() -> None:
    judged = together([(RULE, point(each)) for each in (120, 110, 3)])
    assert [crossed(each) for each in judged] == [True, True, False]
    assert [each.threshold for each in judged] == pytest.approx([100, 100, 200])


def test_another_quarters_patterns_do_not_help() -> None:
    other = replace(RULE, quarter="2027-Q1")
    judged = together([(RULE, point(120)), (other, point(120, rule=other))])
    assert not any(crossed(each) for each in judged)


def test_of_no_pattern_there_is_nothing_to_say() -> None:
    assert together([]) == ()


e_values = st.lists(st.floats(0.0, 500.0), max_size=12)


@given(e_values, st.integers(0, 5), st.lists(st.sampled_from([1.0, 2.0]), min_size=12, max_size=12))
def test_no_more_is_promised_than_is_kept(values: list[float], before: int, factors: list[float]) -> None:
    """Whoever crosses does so at a threshold for at most as many proposals as there are then: e-LOND's only demand."""
    rules = [replace(RULE, factor=factor) for factor, _ in zip(factors, values, strict=False)]
    judged = together([(rule, point(value, before, rule)) for rule, value in zip(rules, values, strict=True)])
    crossing = [(rule, each) for rule, each in zip(rules, judged, strict=True) if crossed(each)]
    for rule, each in crossing:
        assert each.e_value >= threshold(rule, before + len(crossing) - 1)
        assert each.proposals + 1 <= before + len(crossing)
    alone = [value >= threshold(rule, before) for rule, value in zip(rules, values, strict=True)]
    assert all(crossed(each) for each, could in zip(judged, alone, strict=True) if could)
