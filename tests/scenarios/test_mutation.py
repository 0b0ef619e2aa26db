"""The mutation operators: one mistake at a time, always the same ones, and each of the kinds that is promised."""

import ast
import difflib

import pytest

from tests.scenarios.mutation import OPERATORS, mutants

SOURCE = """\
def clamp(value, low, high):
    if value < low:
        return low
    width = high - low
    return high if value > high else value + width * 0
"""


@pytest.mark.parametrize("operator", [each.__name__ for each in OPERATORS])
def test_each_operator_finds_its_places(operator: str) -> None:
    expected = {
        "swap_comparison": {"    if value <= low:", "    return high if value >= high else value + width * 0"},
        "shift_constant": {"    return high if value > high else value + width * 1"},
        "negate_condition": {
            "    if not value < low:",
            "    return high if not value > high else value + width * 0",
        },
        "drop_return": {"        low", "    high if value > high else value + width * 0"},
        "swap_arithmetic": {
            "    width = high + low",
            "    return high if value > high else value - width * 0",
            "    return high if value > high else value + width // 0",
        },
    }
    changed = {_only_change(each.text) for each in mutants(SOURCE, 1) if each.operator == operator}
    assert changed == expected[operator]


def test_the_seed_decides_the_order_and_nothing_else() -> None:
    first, again, other = mutants(SOURCE, 1), mutants(SOURCE, 1), mutants(SOURCE, 2)
    assert first == again
    assert first != other
    assert sorted(each.text for each in first) == sorted(each.text for each in other)


def _only_change(mutant: str) -> str:
    lines = difflib.ndiff(ast.unparse(ast.parse(SOURCE)).splitlines(), mutant.splitlines())
    (added,) = [line[2:] for line in lines if line.startswith("+ ")]
    return added
