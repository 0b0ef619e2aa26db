import pytest

from duration import parse, render


@pytest.mark.parametrize(("text", "seconds"), [("45s", 45), ("2m", 120), ("1h30m", 5400), ("1h1m1s", 3661)])
def test_parse_and_render_are_inverse(text: str, seconds: int) -> None:
    assert parse(text) == seconds
    assert render(seconds) == text


def test_nothing_is_zero_seconds() -> None:
    assert render(0) == "0s"
