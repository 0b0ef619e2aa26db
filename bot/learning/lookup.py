"""Finding counts by what they are counts of: contexts by their literals, failures by context and signature."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.model.counts import Counts
from bot.model.pattern import NODE, Hypothesis

Integers = NDArray[np.int64]

NOWHERE = -1
_BITS = 21
"""Of a literal's number within a context's."""


class Lookup:
    """Answers with rows of `counts`, or `NOWHERE`; in many at once, as the screen asks them."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self._contexts = _Sorted(_packed(counts.contexts))
        self._failures = _Sorted(counts.context * (len(counts.signatures) + 1) + counts.signature)
        self._literals = {literal: number for number, literal in enumerate(counts.literals, 1)}
        self._signatures = {signature: place for place, signature in enumerate(counts.signatures)}
        self.is_node = np.array([False, *(literal.feature == NODE for literal in counts.literals)])

    def contexts(self, literals: Integers) -> Integers:
        """Rows of contexts, each given by three literal numbers in any order."""
        return self._contexts.rows(_packed(np.sort(literals, axis=1)))

    def failures(self, contexts: Integers, signatures: Integers) -> Integers:
        """Rows of failure counts; `NOWHERE` as well where the context is."""
        rows = self._failures.rows(contexts * (len(self.counts.signatures) + 1) + signatures)
        return np.where(contexts == NOWHERE, NOWHERE, rows)

    def failure_of(self, hypothesis: Hypothesis) -> int:
        """The row of a hypothesis's failure count."""
        numbers = [self._literals.get(literal, NOWHERE) for literal in hypothesis.context]
        signature = self._signatures.get(hypothesis.signature, NOWHERE)
        if NOWHERE in numbers or signature == NOWHERE or len(numbers) > 3:
            return NOWHERE
        return self.failure([*numbers, *[0] * (3 - len(numbers))], signature)

    def failure(self, literals: Sequence[int], signature: int) -> int:
        """The row of one failure count, its context given by three literal numbers in any order."""
        context = self.contexts(np.array([literals], np.int64))
        return int(self.failures(context, np.array([signature], np.int64))[0])

    def narrower_node(self, one: int, other: int) -> int:
        """Of two node literals the one that is the other or below it; 0 where neither is below the other."""
        for low, high in ((one, other), (other, one)):
            node = low
            while node:
                if node == high:
                    return low
                node = int(self.counts.parents[node])
        return 0


class _Sorted:
    """Places of keys, all of them different."""

    def __init__(self, keys: Integers) -> None:
        self._order = np.argsort(keys)
        self._keys = keys[self._order]

    def rows(self, keys: Integers) -> Integers:
        if not len(self._keys):
            return np.full(len(keys), NOWHERE)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[places] == keys, self._order[places], NOWHERE)


def _packed(literals: Integers) -> Integers:
    return (literals[:, 0] << 2 * _BITS) | (literals[:, 1] << _BITS) | literals[:, 2]
