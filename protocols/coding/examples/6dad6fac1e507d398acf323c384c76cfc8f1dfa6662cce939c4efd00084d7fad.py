import pytest

from shop.cart import total


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        pytest.param([], 0, id="empty"),
        pytest.param([250], 250, id="one"),
        pytest.param([100, 200], 300, id="several"),
    ],
)
def test_total_is_the_sum_of_the_prices(prices: list[int], expected: int) -> None:
    assert total(prices) == expected


def test_total_leaves_the_prices_unchanged() -> None:
    prices = [100, 200]
    total(prices)
    assert prices == [100, 200]


def test_total_refuses_a_negative_price() -> None:
    with pytest.raises(ValueError, match="-1"):
        total([-1])
