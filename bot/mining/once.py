"""Each task counts once, though its units may be in a context several times over: inclusion and exclusion, exactly.

The tasks that have a unit in a context X are wanted. Two units u and v of one task are both in X if and only if their
meet is: the row that has what they agree on, and nothing where they differ. So the task is counted by the rows u and v
with weight 1 and their meet with weight -1, whatever X is; more units likewise, and equal rows are added up. Plain sums
over such weighted rows are then exact numbers of distinct tasks, for every context at once and in any engine that can
GROUP BY. Nearly all tasks are one row; the others take a few, as units of a task differ in few columns.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Place = tuple[int, ...]
"""A code for each column; 0 is none."""

EVERY = 0
"""In an effect: the task itself, whatever its signatures."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a row adds its weight to."""

    inside: frozenset[int]
    """`EVERY`, and signatures that are found in a unit inside the context."""
    anywhere: frozenset[int]
    """`EVERY`, and signatures that are found in any unit of a task inside the context."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A unit in numbers: several places where a feature has several values, as literals of one feature never meet."""

    places: tuple[Place, ...]
    signatures: frozenset[int]


Weights = dict[tuple[Place, Effect], int]


def weighted(units: Sequence[Seen]) -> Weights:
    """Rows that count the one task whose units these are (at least one)."""
    everything = frozenset[int]().union(*(unit.signatures for unit in units))
    places = frozenset(place for unit in units for place in unit.places)
    if len(places) == 1:
        effect = Effect(everything | {EVERY}, everything | {EVERY})
        return {(place, effect): 1 for place in places}
    whole = _meets(places)
    found = _by_places(units)
    partial = {where: _meets(where) for where in found if where != places}
    weights: Weights = defaultdict(int)
    for place in whole.keys() | {place for meets in partial.values() for place in meets}:
        weight = whole.get(place, 0)
        alike = [where for where in found if where == places or partial[where].get(place, 0) == weight]
        inside = frozenset[int]({EVERY}).union(*(found[where] for where in alike))
        weights[place, Effect(inside, everything | {EVERY})] += weight
        for where in found.keys() - alike:
            weights[place, Effect(found[where], frozenset())] += partial[where].get(place, 0)
    return {row: weight for row, weight in weights.items() if weight}


def difference(after: Mapping[tuple[Place, Effect], int], before: Mapping[tuple[Place, Effect], int]) -> Weights:
    """Rows that turn the counts of one task as it was into those of the task as it is."""
    rows = {row: after.get(row, 0) - before.get(row, 0) for row in after.keys() | before.keys()}
    return {row: weight for row, weight in rows.items() if weight}


def _by_places(units: Iterable[Seen]) -> dict[frozenset[Place], frozenset[int]]:
    """Signatures by all the places where they were found, so that those that come together are worked out once."""
    where: dict[int, set[Place]] = defaultdict(set)
    for unit in units:
        for signature in unit.signatures:
            where[signature].update(unit.places)
    grouped: dict[frozenset[Place], set[int]] = defaultdict(set)
    for signature, places in where.items():
        grouped[frozenset(places)].add(signature)
    return {places: frozenset(signatures) for places, signatures in grouped.items()}


def _meets(places: Iterable[Place]) -> dict[Place, int]:
    """Weights by which any of `places` is inside a context, once."""
    weights: dict[Place, int] = {}
    for place in sorted(places):
        added: dict[Place, int] = defaultdict(int, {place: 1})
        for other, weight in weights.items():
            added[tuple(one if one == two else 0 for one, two in zip(place, other, strict=True))] -= weight
        for row, weight in added.items():
            weights[row] = weights.get(row, 0) + weight
        weights = {row: weight for row, weight in weights.items() if weight}
    return weights
