"""Estimates: quantiles of what such items have taken before, and nothing where little is known."""

from hypothesis import given
from hypothesis import strategies as st

from bot.intake.estimate import LEAST_HISTORY, estimate
from bot.model.action import PlannedItem
from bot.model.estimate import Effort, Estimated, NoHistory, PastItem
from bot.model.ids import ActionId, ItemKey, MicroDollars


def item(action: str = "fix_defect") -> PlannedItem:
    return PlannedItem(ItemKey("1"), ActionId(action), "t", "i")


def past(*costs: int, action: str = "fix_defect") -> list[PastItem]:
    return [PastItem(ActionId(action), MicroDollars(cost), cost / 100) for cost in costs]


pasts = st.lists(
    st.builds(
        PastItem,
        st.sampled_from([ActionId("a"), ActionId("b")]),
        st.integers(0, 10**9).map(MicroDollars),
        st.floats(0, 10**6, allow_nan=False),
    ),
    min_size=LEAST_HISTORY,
    max_size=30,
)
plans = st.lists(st.sampled_from(["a", "b", "c"]).map(item), max_size=8)


def test_with_little_history_nothing_is_said() -> None:
    assert estimate([item()], past(1, 2, 3, 4)) == NoHistory(4, LEAST_HISTORY)
    assert isinstance(estimate([item()], past(1, 2, 3, 4, 5)), Estimated)


def test_quantiles_lie_between_the_nearest_values() -> None:
    told = estimate([item()], past(500, 100, 300, 200, 400))
    assert told == Estimated(
        Effort(MicroDollars(140), 1.4), Effort(MicroDollars(300), 3.0), Effort(MicroDollars(460), 4.6), 5
    )


def test_an_action_with_history_of_its_own_is_told_from_that() -> None:
    history = past(10, 10, 10, 10, 10) + past(90, 90, 90, 90, 90, action="refactor")
    one, both = estimate([item("refactor")], history), estimate([item("refactor"), item()], history)
    assert isinstance(one, Estimated)
    assert isinstance(both, Estimated)
    assert (one.likely.cost, both.likely.cost, both.based_on) == (90, 100, 10)


def test_a_new_action_is_told_from_everything() -> None:
    told = estimate([item("port")], past(10, 10, 10) + past(30, 30, action="refactor"))
    assert isinstance(told, Estimated)
    assert told.likely.cost == 10


def test_a_plan_without_items_takes_nothing() -> None:
    told = estimate([], past(1, 2, 3, 4, 5))
    assert isinstance(told, Estimated)
    assert told.high == Effort(MicroDollars(0), 0.0)


@given(plans, pasts)
def test_low_likely_and_high_are_in_order(plan: list[PlannedItem], history: list[PastItem]) -> None:
    told = estimate(plan, history)
    assert isinstance(told, Estimated)
    assert told.low.cost <= told.likely.cost <= told.high.cost
    assert told.low.seconds <= told.likely.seconds * (1 + 1e-9)
    assert told.likely.seconds <= told.high.seconds * (1 + 1e-9)
    assert told.high.cost <= len(plan) * max(each.cost for each in history)


@given(plans, plans, pasts)
def test_more_items_never_take_less(some: list[PlannedItem], more: list[PlannedItem], history: list[PastItem]) -> None:
    few, many = estimate(some, history), estimate(some + more, history)
    assert isinstance(few, Estimated)
    assert isinstance(many, Estimated)
    assert few.low.cost <= many.low.cost
    assert few.high.cost <= many.high.cost
