"""Registering a hypothesis before the tasks that judge it: which ones, how many, and from which task on.

A registration fixes every number that its judgement depends on. That is what makes the search before it harmless: it
may look at everything, as often as it likes, because no task that it saw is evidence.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import assert_never

from bot.model.learning_policy import ProposePolicy
from bot.model.pattern import Candidate, Hypothesis, PatternId, Registration, Signature
from bot.statistics import binomial, hypergeometric

STRATA = ("repository", "model")
"""Who wrote the code, and which code: tasks are compared with tasks of the same two."""
UNTESTABLE = 0.01
"""A hypothesis whose margins allow no smaller p-value than this can't be told from chance (Tarone)."""
DOUBT = 0.1
"""Where the budget has no room for all candidates, about this share of those that are taken may be chance."""
MONTHS_A_QUARTER = 3


def quarter_of(moment: datetime) -> str:
    """`2026-Q4`, in universal time."""
    moment = moment.astimezone(UTC)
    return f"{moment.year}-Q{(moment.month - 1) // MONTHS_A_QUARTER + 1}"


def days_left(moment: datetime) -> int:
    """Days of the quarter that are not over, today among them."""
    today = moment.astimezone(UTC).date()
    months = (today.year * 12 + today.month - 1) // MONTHS_A_QUARTER * MONTHS_A_QUARTER + MONTHS_A_QUARTER
    return (today.replace(year=months // 12, month=months % 12 + 1, day=1) - today).days


def places(*, in_quarter: int, today: int, now: datetime, policy: ProposePolicy) -> int:
    """How many more may be registered today: the quarter's budget is spread over its days, at least one a day.

    `in_quarter` counts the quarter's registrations so far, today's among them.
    """
    left = policy.registrations_a_quarter - in_quarter
    a_day = min(policy.registrations_a_day, max(1, (left + today) // days_left(now)))
    return max(0, min(left, a_day - today))


def register(
    candidates: Sequence[Candidate],
    *,
    known: Collection[PatternId],
    in_quarter: int,
    today: int,
    next_position: int,
    now: datetime,
    policy: ProposePolicy,
    factors: Mapping[PatternId, float] | None = None,
    watched: Collection[Hypothesis] = (),
) -> tuple[Registration, ...]:
    """The best of `candidates`, which come best first, as registrations that count from the next block on.

    `known` are the patterns there ever were: none is registered twice, but those in `factors`, at so many times the
    threshold. `next_position` is the next free place on the clock. Where there are more candidates than the quarter has
    places, those that may well be chance wait for more tasks. Signatures that nothing `watched` is about come first: a
    failure that is one hypothesis already says little as a second one, and takes the place of another failure.
    """
    allowed = factors or {}
    eligible: list[Candidate] = []
    covers: set[tuple[object, ...]] = set()
    for candidate in candidates:
        hypothesis = candidate.hypothesis
        cover = (hypothesis.kind, hypothesis.context, candidate.support.table)
        is_new = hypothesis.id not in known or hypothesis.id in allowed
        if is_new and cover not in covers and is_testable(candidate, policy):
            covers.add(cover)
            eligible.append(candidate)
    convincing = _convincing(eligible, policy.registrations_a_quarter - in_quarter)
    count = places(in_quarter=in_quarter, today=today, now=now, policy=policy)
    return tuple(
        registration(candidate, next_position, now, policy, allowed.get(candidate.hypothesis.id, 1.0))
        for candidate in _spread(convincing, watched)[:count]
    )


def is_testable(candidate: Candidate, policy: ProposePolicy) -> bool:
    """Whether its margins could ever have been significant. A suggestion from outside the counts needs none."""
    if not _is_mined(candidate):
        return True
    table = candidate.support.table
    match candidate.hypothesis.kind:
        case "rule":
            return hypergeometric.least_p(table) <= UNTESTABLE
        case "frequency":
            return binomial.at_least(table.inside, table.inside, policy.base_rate) <= UNTESTABLE
        case _ as unreachable:
            assert_never(unreachable)


def registration(
    candidate: Candidate, next_position: int, now: datetime, policy: ProposePolicy, factor: float = 1.0
) -> Registration:
    """`candidate` with everything that its judgement depends on; its first task is the first of a block."""
    hypothesis = candidate.hypothesis
    fixed = {literal.feature for literal in hypothesis.context}
    is_rule = hypothesis.kind == "rule"
    return Registration(
        hypothesis=hypothesis,
        support=candidate.support,
        origin=candidate.origin,
        registered_at=now,
        quarter=quarter_of(now),
        budget=policy.registrations_a_quarter,
        alpha=policy.alpha,
        factor=factor,
        grid=policy.odds if is_rule else rates(policy),
        base_rate=0.0 if is_rule else policy.base_rate,
        block=policy.block,
        first_position=-(-next_position // policy.block) * policy.block,
        strata=tuple(feature for feature in STRATA if feature not in fixed) if is_rule else (),
    )


def rates(policy: ProposePolicy) -> tuple[float, ...]:
    """The rates that a frequency's evidence bets on: multiples of the base rate, none near certainty."""
    highest = 1 - (1 - policy.base_rate) / 4
    return tuple(sorted({min(bet * policy.base_rate, highest) for bet in policy.bets}))


def _convincing(candidates: list[Candidate], left: int) -> list[Candidate]:
    """All of them where the budget has room, else those that a step-up procedure at `DOUBT` would take.

    If nothing were true, the p-values of what passed a screen at `UNTESTABLE` would be spread evenly below it. A place
    is worth more than a day: the early candidates of a large search are chance, and would use the budget up.
    """
    mined = sorted(each.support.p_value for each in candidates if _is_mined(each))
    if len(candidates) <= left:
        return candidates
    few = (p for rank, p in enumerate(mined, 1) if p * len(mined) <= DOUBT * UNTESTABLE * rank)
    limit = max(few, default=0.0)
    return [each for each in candidates if not _is_mined(each) or each.support.p_value <= limit]


def _is_mined(candidate: Candidate) -> bool:
    """Whether its counts suggested it; a suggestion from outside has none to be doubted."""
    return candidate.origin in ("mined", "tree")


def _spread(candidates: Sequence[Candidate], watched: Collection[Hypothesis]) -> list[Candidate]:
    """Each signature's first candidate before any one's second, those that are watched already counted in."""
    taken: dict[Signature, int] = {}
    for hypothesis in watched:
        taken[hypothesis.signature] = taken.get(hypothesis.signature, 0) + 1
    rounds: list[tuple[int, Candidate]] = []
    for candidate in candidates:
        signature = candidate.hypothesis.signature
        rounds.append((taken.get(signature, 0), candidate))
        taken[signature] = taken.get(signature, 0) + 1
    return [candidate for _, candidate in sorted(rounds, key=lambda each: each[0])]
