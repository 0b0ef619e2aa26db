"""How evidence grows from block to block, and what leaves it alone."""

import math
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.learning.evidence import advance, crossed
from bot.model.pattern import EvidencePoint, Registration, Table, Unit
from bot.statistics.conditional import log_e
from bot.statistics.frequency import log_bet
from tests.unit.learning.tasks import NOW, context, registered, unit

BLOCK = 4
Fate = tuple[bool, bool]
"""Whether a task is in the context, and whether it failed."""
fates = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=BLOCK, max_size=BLOCK)


def tasks(block: int, block_of: list[Fate]) -> list[Unit]:
    return [
        unit(block * BLOCK + place, failed=failed, language="a" if inside else "b")
        for place, (inside, failed) in enumerate(block_of)
    ]


def evidence(registration: Registration, blocks: list[list[Fate]]) -> EvidencePoint:
    point: EvidencePoint | None = None
    for block, block_of in enumerate(blocks):
        point = advance(registration, point, block, tasks(block, block_of), at=NOW, proposals=0)
    assert point is not None
    return point


RULE = registered(context(language="a"), strata=())
FREQUENT = registered(context(language="a"), kind="frequency")


def test_each_block_multiplies_what_is_bet() -> None:
    first, second = (
        [(True, True), (True, False), (False, False), (False, False)],
        [(True, True)] * 2 + [(False, False)] * 2,
    )
    point = evidence(RULE, [first, second])
    expected = [log_e(Table(2, 2, 1, 0), odds) + log_e(Table(2, 2, 2, 0), odds) for odds in RULE.grid]
    assert point.log_e == pytest.approx(expected)
    assert point.e_value == pytest.approx(sum(map(math.exp, expected)) / len(expected))
    assert (point.block, point.at, point.pattern, point.proposals) == (1, NOW, RULE.id, 0)
    assert [each.table for each in point.tables] == [Table(2, 2, 2, 0)]


def test_a_frequency_is_judged_by_the_tasks_in_its_context_alone() -> None:
    point = evidence(FREQUENT, [[(True, True), (True, False), (False, True), (False, True)]])
    assert point.log_e == pytest.approx([log_bet(2, 1, rate, 0.05) for rate in FREQUENT.grid])


def test_tasks_of_other_blocks_are_left_out() -> None:
    block_of = [(True, True), (True, False), (False, False), (False, False)]
    strangers = tasks(1, [(True, True)] * BLOCK)
    point = advance(RULE, None, 0, [*tasks(0, block_of), *strangers], at=NOW, proposals=0)
    assert point == evidence(RULE, [block_of])


def test_a_block_out_of_turn_is_refused() -> None:
    with pytest.raises(ValueError, match="judge block 0 first"):
        advance(RULE, None, 1, [], at=NOW, proposals=0)
    point = advance(RULE, None, 0, [], at=NOW, proposals=0)
    for block in (0, 2):
        with pytest.raises(ValueError, match="judge block 1 first"):
            advance(RULE, point, block, [], at=NOW, proposals=0)


def test_a_later_registration_begins_at_its_own_block() -> None:
    later = replace(RULE, first_position=8)
    assert advance(later, None, 2, [], at=NOW, proposals=0).block == 2


def test_issues_that_counted_in_an_earlier_block_are_no_new_witnesses() -> None:
    again = [unit(4, failed=True, cluster="issue", language="a"), unit(5, language="b")]
    before = advance(RULE, None, 0, [], at=NOW, proposals=0)
    assert advance(RULE, before, 1, again, at=NOW, proposals=0, counted={"issue"}).e_value == 1.0
    assert advance(RULE, before, 1, again, at=NOW, proposals=0).e_value > 1.0


def test_it_crosses_at_the_threshold_and_not_below() -> None:
    point = advance(RULE, None, 0, [], at=NOW, proposals=3)
    assert point.threshold == pytest.approx(20 / (0.10 * 4))
    assert not crossed(point)
    assert crossed(replace(point, e_value=point.threshold))


@given(st.lists(fates, min_size=1, max_size=6), st.randoms())
def test_the_order_of_blocks_does_not_matter(blocks: list[list[Fate]], chance: Random) -> None:
    shuffled = chance.sample(blocks, len(blocks))
    assert evidence(RULE, shuffled).log_e == pytest.approx(evidence(RULE, blocks).log_e)
    assert evidence(FREQUENT, shuffled).log_e == pytest.approx(evidence(FREQUENT, blocks).log_e)


@given(st.lists(fates, min_size=1, max_size=6))
def test_swapping_the_context_with_its_outside_inverts_the_bets(blocks: list[list[Fate]]) -> None:
    inverse = replace(RULE, grid=tuple(1 / odds for odds in RULE.grid))
    swapped = [[(not inside, failed) for inside, failed in block_of] for block_of in blocks]
    assert evidence(inverse, swapped).log_e == pytest.approx(evidence(RULE, blocks).log_e)


@given(st.lists(st.sampled_from(((True, True), (True, False))), min_size=BLOCK, max_size=BLOCK))
def test_without_anything_outside_a_rule_learns_nothing(block_of: list[Fate]) -> None:
    assert evidence(RULE, [block_of]).e_value == 1.0
    outside = [(not inside, failed) for inside, failed in block_of]
    assert evidence(RULE, [outside]).e_value == 1.0
    assert evidence(FREQUENT, [outside]).e_value == 1.0


@given(fates, fates)
def test_strata_add_up_as_blocks_do(one: list[Fate], other: list[Fate]) -> None:
    """Two repositories in one block say what they would say in blocks of their own."""
    split = replace(registered(context(language="a"), strata=("repository",)), block=2 * BLOCK)
    units = [replace(each, context={**each.context, "repository": "x"}) for each in tasks(0, one)]
    units += [replace(each, context={**each.context, "repository": "y"}) for each in tasks(1, other)]
    point = advance(split, None, 0, units, at=NOW, proposals=0)
    assert point.log_e == pytest.approx(evidence(RULE, [one, other]).log_e)
