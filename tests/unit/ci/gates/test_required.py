"""A public function that changes is mentioned by some test."""

import pytest

from bot.ci.gates import untested

BASE = {
    "shop/cart.py": 'def total(prices):\n    """The sum."""\n    return sum(prices)\n\n\ndef old(x):\n    return x\n',
    "tests/test_cart.py": "from shop.cart import total\n",
}


def names(head: dict[str, str], *paths: str) -> list[str]:
    return [each.message.split("'")[1] for each in untested(paths or tuple(head), head, BASE)]


def test_new_and_altered_functions_need_a_mention() -> None:
    text = """
from typing import overload
import abc

def total(prices):
    return sum(prices) + 0

def old(x):
    '''Reworded.'''
    return x

def fresh(x):
    return x

def _private():
    return 1

@overload
def twice(x: int) -> int: ...

class Cart:
    def add(self, x):
        return x
    @abc.abstractmethod
    def left(self): ...
    def _inner(self):
        return 1

class _Hidden:
    def seen(self):
        return 1
"""
    head = {**BASE, "shop/cart.py": text}

    (fresh, add) = untested(["shop/cart.py"], head, BASE)

    assert fresh.message == "no test mentions 'fresh': add one that calls it"
    assert (add.message, add.line, add.rule, add.tool) == (
        "no test mentions 'Cart.add': add one that calls it",
        22,
        "changed_function",
        "check",
    )


@pytest.mark.parametrize(
    ("test", "missing"),
    [
        ("import shop.fresh\n", []),
        ("x.fresh()\n", []),
        ("fresh()\n", []),
        ("mock.patch('shop.cart.fresh')\n", []),
        ("# fresh\n", ["fresh"]),
        ("def fresh(:\n", ["fresh"]),
        ("x = 1\n", ["fresh"]),
    ],
)
def test_a_mention_is_code_or_a_spelled_name(test: str, missing: list[str]) -> None:
    head = {**BASE, "shop/new.py": "def fresh():\n    return 1\n", "tests/test_new.py": test}
    assert names(head) == missing


def test_moving_and_deleting_ask_for_nothing() -> None:
    moved = {"shop/other.py": BASE["shop/cart.py"], "tests/test_cart.py": BASE["tests/test_cart.py"]}
    assert names(moved, "shop/cart.py", "shop/other.py") == []
    assert names({**BASE, "shop/bad.py": "def x(:\n", "notes.md": "def x"}) == []
