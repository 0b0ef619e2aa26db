"""Who is told an item: balanced in every block, the same whenever it is asked, and not to be foreseen."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from bot.rollout.assignment import HOLDBACK_BLOCK, arm_at, treated_in

NAMES = st.text(max_size=12)


@given(NAMES, NAMES, st.integers(0, 10_000), st.sampled_from([(0.5, 4), (0.2, 5), (0.9, 10), (0.95, 20), (0.34, 3)]))
def test_every_block_is_balanced(item: str, stratum: str, number: int, plan: tuple[float, int]) -> None:
    share, size = plan
    drawn = [arm_at(item, stratum, number * size + slot, share=share, block=size, salt="s") for slot in range(size)]
    assert drawn.count("treated") == treated_in(share, size) == round(share * size)


@given(NAMES, NAMES, st.integers(0, 10_000))
def test_asked_again_the_answer_is_the_same(item: str, stratum: str, position: int) -> None:
    first = arm_at(item, stratum, position, share=0.5, block=4, salt="s")
    assert all(arm_at(item, stratum, position, share=0.5, block=4, salt="s") == first for _ in range(2))


def _arms(item: str, stratum: str = "repository", salt: str = "salt", blocks: int = 600) -> list[str]:
    return [arm_at(item, stratum, position, share=0.5, block=4, salt=salt) for position in range(4 * blocks)]


def test_all_orders_of_a_block_are_equally_likely() -> None:
    drawn = _arms("item")
    orders = Counter(tuple(drawn[start : start + 4]) for start in range(0, len(drawn), 4))
    assert len(orders) == 6
    assert float(chisquare(list(orders.values())).pvalue) > 0.01


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_arms("item"), _arms("other item")),
        (_arms("item"), _arms("item", "other repository")),
        (_arms("item"), _arms("item", salt="other salt")),
        (_arms("ab", "c"), _arms("a", "bc")),
    ],
    ids=["items", "strata", "salts", "names that run together"],
)
def test_what_one_trial_draws_tells_nothing_of_another(one: list[str], other: list[str]) -> None:
    # Within a block both have two of each arm, so that any two slots agree with probability 1/2 over blocks
    firsts = Counter(zip(one[::4], other[::4], strict=True))
    assert len(firsts) == 4
    assert float(chisquare(list(firsts.values())).pvalue) > 0.01


@pytest.mark.parametrize(("share", "block"), [(0.1, 4), (0.0, 4), (1.0, 4), (0.5, 1)])
def test_an_empty_arm_is_refused(share: float, block: int) -> None:
    with pytest.raises(ValueError, match="larger block"):
        arm_at("item", "stratum", 0, share=share, block=block, salt="s")


def test_of_a_promoted_items_block_one_task_goes_without_it() -> None:
    assert treated_in(0.9, HOLDBACK_BLOCK) == HOLDBACK_BLOCK - 1
