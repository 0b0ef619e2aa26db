"""Decision trees suggest hypotheses; what they suggest goes through the same screen as everything that is counted.

A tree looks for the one split that helps most and then for the next one within, so it comes to contexts in another
order than the counts do. Only literals that hold are read off its paths: that something is not the case is no context.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.tree import DecisionTreeClassifier  # pyright: ignore[reportMissingTypeStubs] -- has none

from bot.mining.vocabulary import Vocabulary
from bot.model.pattern import ContextLiteral, Hypothesis, Signature, Unit

DEPTH = 3
MOST_UNITS = 50_000
"""The latest ones are enough for a suggestion."""


def suggest(units: Sequence[Unit], *, signatures: int = 20, least: int = 3) -> tuple[Hypothesis, ...]:
    """Contexts in which a tree finds one of the commonest `signatures` more often than it is found altogether.

    Units are counted as they are, not by task: the screen counts tasks. A leaf has at least `least` units.
    """
    latest = sorted(units, key=lambda unit: (unit.position, unit.item))[-MOST_UNITS:]
    vocabulary = Vocabulary()
    numbers = [sorted(vocabulary.numbers(unit.context)) for unit in latest]
    literals = list(vocabulary.literals)
    matrix = csr_matrix(
        (
            np.ones(sum(map(len, numbers)), np.float32),
            [number - 1 for row in numbers for number in row],
            [0, *accumulate(map(len, numbers))],
        ),
        shape=(len(latest), len(literals)),
    )
    found: dict[Hypothesis, None] = {}
    for signature in _commonest(latest, signatures, least):
        has_it = np.array([signature in unit.signatures for unit in latest])
        for context in _paths(matrix, has_it, literals, least):
            found[Hypothesis("rule", context, signature)] = None
    return tuple(found)


def _commonest(units: Sequence[Unit], most: int, least: int) -> list[Signature]:
    """Those that some units have and some have not."""
    having: dict[Signature, int] = {}
    for unit in units:
        for signature in unit.signatures:
            having[signature] = having.get(signature, 0) + 1
    common = [signature for signature, count in having.items() if least <= count < len(units)]
    return sorted(common, key=lambda signature: (-having[signature], signature))[:most]


def _paths(
    matrix: csr_matrix, has_it: NDArray[np.bool_], literals: Sequence[ContextLiteral], least: int
) -> list[tuple[ContextLiteral, ...]]:
    """Contexts of the tree's nodes whose rate is above that of the root; every prefix of a path is one too."""
    classifier = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=least, random_state=0)
    tree = cast(Any, classifier.fit(matrix, has_it)).tree_  # pyright: ignore[reportUnknownMemberType] -- no stubs
    rates: NDArray[np.float64] = tree.value[:, 0, 1] / tree.value[:, 0].sum(axis=1)
    left, right, feature = (
        cast("list[int]", each.tolist()) for each in (tree.children_left, tree.children_right, tree.feature)
    )
    contexts: list[tuple[ContextLiteral, ...]] = []
    open_: list[tuple[int, frozenset[ContextLiteral]]] = [(0, frozenset())]
    while open_:
        node, holding = open_.pop()
        features = {literal.feature for literal in holding}
        if holding and rates[node] > rates[0] and len(features) == len(holding):
            contexts.append(tuple(sorted(holding)))
        if left[node] != right[node]:
            open_ += [(left[node], holding), (right[node], holding | {literals[feature[node]]})]
    return contexts
