"""Sums of groups do not depend on how they are made: by position, or by sorting where positions are too many."""

from itertools import product

import numpy as np

from bot.mining.design import Block
from bot.mining.once import Effect
from bot.mining.rollup import roll_up, spread


def test_sorted_and_dense_sums_agree() -> None:
    everything = Effect(frozenset({0, 1}), frozenset({0, 1}))
    effects = spread([everything, Effect(frozenset({0}), frozenset({0, 1})), Effect(frozenset({2}), frozenset())])
    subsets = tuple(subset for subset in ((), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)))
    block = Block((0, 1, 2), subsets)
    groups = [(e, a, b, c) for e, a, b, c in product(range(3), range(4), range(3), range(5)) if (e + a + b + c) % 3]
    weights = np.array([place % 5 - 1 for place in range(len(groups))], np.float64)
    answers: list[list[list[tuple[int, ...]]]] = []
    for radices in ((4, 3, 5), (400, 300, 500)):
        keys = np.array([((e * radices[0] + a) * radices[1] + b) * radices[2] + c for e, a, b, c in groups], np.int64)
        found = roll_up(keys, weights, block, radices, effects)
        answers.append(
            [
                sorted(
                    zip(
                        *(column.tolist() for column in (*sums.codes, sums.signature, sums.inside, sums.anywhere)),
                        strict=True,
                    )
                )
                for sums in found
            ]
        )
    assert answers[0] == answers[1]
    total = sum(weight for (e, *_), weight in zip(groups, weights.tolist(), strict=True) if e < 2)
    assert answers[0][0][0] == (0, total, total)
