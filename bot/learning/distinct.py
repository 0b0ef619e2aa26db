"""One registration for one thing: of hypotheses that the same failures speak for, the one that will be judged soonest.

Every failure has a signature at several levels, and a context that holds for much the same tasks as another finds the
same failures. Each registration raises nobody else's threshold, but there are few of them in a quarter.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.learning.lookup import NOWHERE, Lookup
from bot.model.pattern import PatternKind, Signature

NEARLY = 0.9
"""Of the tasks with the failure, this share in common makes two of them the same."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A hypothesis as numbers of the counts."""

    kind: PatternKind
    failure: int
    """Its row."""
    growth: float


def by_level(lookup: Lookup, ranked: Sequence[Ranked], answered: Collection[Signature]) -> list[Ranked]:
    """Without those whose context has nearly the same tasks at another level of signature.

    The narrowest level says most about what to do, so it stays; but one that a remedy answers goes before one that none
    does.
    """
    counts = lookup.counts
    places: dict[tuple[PatternKind, int, int], Ranked] = {
        (each.kind, int(counts.context[each.failure]), int(counts.signature[each.failure])): each for each in ranked
    }
    dropped: set[Ranked] = set()
    for (kind, context, signature), each in places.items():
        for broader in counts.broader[signature]:
            other = places.get((kind, context, broader))
            if other is not None and _tasks(lookup, each) >= NEARLY * _tasks(lookup, other):
                only_broader = (
                    counts.signatures[broader] in answered and counts.signatures[signature] not in answered
                )  # fmt: skip
                dropped.add(each if only_broader else other)
    return [each for each in ranked if each not in dropped]


def by_tasks(lookup: Lookup, ranked: Iterable[Ranked], known: Iterable[Ranked], most: int) -> list[Ranked]:
    """The `most` first that are not nearly the same as one before them, or as one that is `known`."""
    taken = list(known)
    chosen: list[Ranked] = []
    for each in ranked:
        if len(chosen) == most:
            break
        same = [other for other in taken if _nearly_the_same(lookup, each, other)]
        if all(_is(lookup, each, other) for other in same):
            taken.append(each)
            chosen.append(each)
    return chosen


def _is(lookup: Lookup, one: Ranked, other: Ranked) -> bool:
    return one.kind == other.kind and one.failure == other.failure


def _nearly_the_same(lookup: Lookup, one: Ranked, other: Ranked) -> bool:
    counts = lookup.counts
    signatures = int(counts.signature[one.failure]), int(counts.signature[other.failure])
    if signatures[0] in counts.broader[signatures[1]]:
        narrower = signatures[1]
    elif signatures[0] == signatures[1] or signatures[1] in counts.broader[signatures[0]]:
        narrower = signatures[0]
    else:
        return False
    contexts = int(counts.context[one.failure]), int(counts.context[other.failure])
    literals = _both(lookup, *contexts)
    if literals is None:
        return False
    if len(literals) > counts.contexts.shape[1]:
        # Not counted together; equal in every count is as good as equal
        return signatures[0] == signatures[1] and _row(lookup, one) == _row(lookup, other)
    row = lookup.failure([*literals, *[0] * (counts.contexts.shape[1] - len(literals))], narrower)
    common = 0 if row == NOWHERE else int(counts.inside_with[row])
    return common >= NEARLY * max(_tasks(lookup, one), _tasks(lookup, other))


def _both(lookup: Lookup, one: int, other: int) -> list[int] | None:
    """The literals of both contexts together; None where they are never counted together."""
    literals: dict[str, int] = {}
    for context in (one, other):
        numbers: list[int] = lookup.counts.contexts[context].tolist()
        for number in numbers:
            if number:
                feature = lookup.counts.literals[number - 1].feature
                earlier = literals.setdefault(feature, number)
                if earlier != number:
                    narrower = lookup.narrower_node(earlier, number)
                    if not narrower:
                        return None
                    literals[feature] = narrower
    return list(literals.values())


def _tasks(lookup: Lookup, ranked: Ranked) -> int:
    return int(lookup.counts.inside_with[ranked.failure])


def _row(lookup: Lookup, ranked: Ranked) -> tuple[int, int, int]:
    counts = lookup.counts
    inside = int(counts.inside[counts.context[ranked.failure]])
    return inside, int(counts.inside_with[ranked.failure]), int(counts.inside_with_anywhere[ranked.failure])
