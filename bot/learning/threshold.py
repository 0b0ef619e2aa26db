"""How much evidence a proposal needs, so that few of all proposals are false however the hypotheses hang together.

e-LOND (Xu and Ramdas, AISTATS 2024) with equal parts of the budget: a quarter's M registrations share the level alpha,
and each proposal of the quarter makes the next ones cheaper. When pattern i is proposed, R counts at least the
proposals of its threshold, so the share of false ones is at most the sum over the false patterns of alpha/M times their
e-value, whose mean is at most alpha. It needs all e-values to be judged by one clock, and nothing about dependence.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.model.pattern import EvidencePoint, Registration


def threshold(registration: Registration, proposals: int) -> float:
    """The e-value that `registration` has to reach where its quarter has had that many proposals."""
    return registration.budget * registration.factor / (registration.alpha * (proposals + 1))


def together(judged: Sequence[tuple[Registration, EvidencePoint]]) -> tuple[EvidencePoint, ...]:
    """The points of one block with the thresholds that they have together, in the order given.

    Patterns of one quarter that cross in the same block count for each other: where `n` of them reach the threshold
    for `n - 1` more proposals than there were, all `n` have crossed, for by then there are that many proposals.
    """
    shares: dict[str, list[float]] = {}
    before: dict[str, int] = {}
    for registration, point in judged:
        before[registration.quarter] = point.proposals
        shares.setdefault(registration.quarter, []).append(point.e_value / threshold(registration, 0))
    more = {quarter: _crossing_with_others(each, before[quarter]) for quarter, each in shares.items()}
    return tuple(_cheaper(registration, point, more[registration.quarter]) for registration, point in judged)


def _crossing_with_others(shares: Sequence[float], before: int) -> int:
    """How many more proposals than `before` the least of those that cross may count; `shares` of the first threshold.

    This is the step-up of the e-BH procedure (Wang and Ramdas 2022) on what is left of the quarter.
    """
    ordered = sorted(shares, reverse=True)
    crossing = (count for count, share in enumerate(ordered, 1) if share * (before + count) >= 1)
    return max(crossing, default=1) - 1


def _cheaper(registration: Registration, point: EvidencePoint, more: int) -> EvidencePoint:
    together = replace(
        point, proposals=point.proposals + more, threshold=threshold(registration, point.proposals + more)
    )
    return together if point.e_value >= together.threshold else point
