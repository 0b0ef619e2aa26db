import pytest

from shop.cart import quantity


def test_a_quantity_is_read_from_text() -> None:
    assert quantity(" 3 ") == 3


@pytest.mark.parametrize("text", ["", "0", "-1", "two"])
def test_what_is_no_quantity_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="quantity"):
        quantity(text)
