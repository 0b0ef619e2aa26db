"""Numbers for literals and signatures, and the column that each literal is counted in.

Every literal has one column for good: a feature has one, a hierarchy one for each depth, so that a node and what is
broader than it are counted side by side and no context holds two of them. A unit that has two values in one column (a
file kind with two members; a node that was first seen at another depth) is taken as several places, one for each: a
context has at most one literal of a feature, so it holds for the unit if and only if it holds for one of the places.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from bot.mining.once import Place
from bot.model.evidence import Features, FeatureValue
from bot.model.pattern import NODE, ContextLiteral, Signature

ANCESTORS = "ancestors"
"""The feature that tells the broader nodes, nearest first; it has no literals of its own."""


@dataclass(frozen=True, slots=True)
class Column:
    feature: str
    depth: int
    """Of the nodes that it holds, from 0 at the root; 0 for a feature without hierarchy."""


@dataclass(frozen=True, slots=True)
class Coded:
    """Where a literal is counted."""

    number: int
    """From 1, over all columns."""
    column: int
    code: int
    """From 1, within its column."""


@dataclass(slots=True)
class Vocabulary:
    """Grows by what it meets; numbers that were given never change."""

    columns: list[Column] = field(default_factory=list[Column])
    sizes: list[int] = field(default_factory=list[int])
    """Codes given in each column."""
    literals: dict[ContextLiteral, Coded] = field(default_factory=dict[ContextLiteral, Coded])
    parents: list[int] = field(default_factory=list[int])
    """By literal number less 1: the literal of the next broader node, 0 for none."""
    signatures: dict[Signature, int] = field(default_factory=dict[Signature, int])
    """Numbers from 1."""

    def places(self, context: Features) -> list[dict[int, int]]:
        """Column -> code, once for each way to choose one of the values where a column has several."""
        choices: dict[int, set[int]] = defaultdict(set)
        for coded in self._coded(context):
            choices[coded.column].add(coded.code)
        columns = sorted(choices)
        return [
            dict(zip(columns, codes, strict=True)) for codes in product(*(sorted(choices[each]) for each in columns))
        ]

    def numbers(self, context: Features) -> set[int]:
        """Of all literals that hold."""
        return {coded.number for coded in self._coded(context)}

    def padded(self, place: dict[int, int]) -> Place:
        """A code for every column that there is by now."""
        return tuple(place.get(column, 0) for column in range(len(self.columns)))

    def signature(self, signature: Signature) -> int:
        return self.signatures.setdefault(signature, len(self.signatures) + 1)

    def restore(self, literal: ContextLiteral, depth: int, coded: Coded, parent: int) -> None:
        """A literal as it was numbered before, in the order of numbers."""
        column = Column(literal.feature, depth)
        if column not in self.columns:
            self.columns.append(column)
            self.sizes.append(0)
        self.sizes[coded.column] = coded.code
        self.literals[literal] = coded
        self.parents.append(parent)

    def _coded(self, context: Features) -> Iterator[Coded]:
        for feature, value in context.items():
            if feature not in (NODE, ANCESTORS):
                for member in _members(value):
                    yield self._literal(ContextLiteral(feature, member), 0, 0)
        parent = 0
        chain = (*_members(context.get(NODE, ())), *_members(context.get(ANCESTORS, ())))
        for depth, node in enumerate(reversed(chain)):
            coded = self._literal(ContextLiteral(NODE, node), depth, parent)
            parent = coded.number
            yield coded

    def _literal(self, literal: ContextLiteral, depth: int, parent: int) -> Coded:
        known = self.literals.get(literal)
        if known is not None:
            return known
        column = Column(literal.feature, depth)
        if column not in self.columns:
            self.columns.append(column)
            self.sizes.append(0)
        place = self.columns.index(column)
        self.sizes[place] += 1
        coded = self.literals[literal] = Coded(len(self.literals) + 1, place, self.sizes[place])
        self.parents.append(parent)
        return coded


def _members(value: FeatureValue) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
