"""The screen: which hypotheses are worth a registration. It sees all that there is, so what it says is no evidence.

Frequency first, because a small installation has little else: a failure that more tasks of a node have than the base
rate allows. Then rules: a failure that comes more often in a context than outside of it, by number of tasks, lift,
Fisher's test, and more often than in each generalisation of the context. A p-value that is small enough shows by itself
that the margins allow one (Tarone), so no untestable hypothesis passes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.learning import growth
from bot.learning.distinct import Ranked, by_level, by_tasks
from bot.learning.lookup import NOWHERE, Lookup
from bot.learning.productive import broader, generalisations, p_within, productive_p, redundant, shadowed
from bot.learning.tails import binomial_at_least, hypergeometric_at_least
from bot.model.counts import Counts, Witnesses
from bot.model.learning_policy import ProposePolicy, ScreenPolicy
from bot.model.pattern import (
    Candidate,
    Hypothesis,
    Origin,
    PatternId,
    PatternKind,
    Signature,
    Support,
    Table,
)

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST = 100
"""Candidates: a quarter's registrations are fewer."""
_CONSIDERED = 1000
"""Of those that pass, the best so many are compared with each other."""


@dataclass(frozen=True, slots=True)
class _Passed:
    """Failure counts that pass, with what they passed by; all arrays of one length."""

    kind: PatternKind
    failures: Integers
    lift: Floats
    p_value: Floats
    productive_p: Floats
    growth: Floats

    def only(self, kept: NDArray[np.bool_]) -> "_Passed":
        return replace(
            self,
            failures=self.failures[kept],
            lift=self.lift[kept],
            p_value=self.p_value[kept],
            productive_p=self.productive_p[kept],
            growth=self.growth[kept],
        )


def candidates(
    counts: Counts,
    screen: ScreenPolicy,
    propose: ProposePolicy,
    *,
    known: Collection[Hypothesis] = (),
    answered: Collection[Signature] = (),
    suggested: Collection[Hypothesis] | None = None,
    origin: Origin = "mined",
) -> tuple[Candidate, ...]:
    """At most `MOST` hypotheses that pass, best first: those whose evidence may be expected to cross soonest.

    None is nearly the same as one of `known`, the hypotheses that are registered (which may be among the answer
    themselves). `answered` are signatures that a remedy is against: of several levels that nearly the same tasks have,
    such a one is preferred. With `suggested`, only those are looked at. Numbers of repositories, days and labellers are
    0 until `with_witnesses` fills them in.
    """
    lookup = Lookup(counts)
    hidden = shadowed(lookup)
    both = [_frequencies(lookup, hidden, screen, propose), _rules(lookup, hidden, screen, propose)]
    if suggested is not None:
        both = [each.only(_among(lookup, each, suggested)) for each in both]
    passed: dict[PatternKind, _Passed] = {each.kind: each for each in both}
    ranked = [
        Ranked(kind, failure, gain)
        for kind, each in passed.items()
        for failure, gain in zip(each.failures.tolist(), each.growth.tolist(), strict=True)
    ]
    # Of equals the one with more tasks, and then any fixed order
    ranked.sort(key=lambda each: (-each.growth, -int(counts.inside_with[each.failure]), each.kind, each.failure))
    before = [Ranked(each.kind, row, 0.0) for each in known if (row := lookup.failure_of(each)) != NOWHERE]
    chosen = by_tasks(lookup, by_level(lookup, ranked[:_CONSIDERED], answered), before, MOST)
    places = {kind: {row: place for place, row in enumerate(each.failures.tolist())} for kind, each in passed.items()}
    return tuple(_candidate(counts, passed[each.kind], places[each.kind][each.failure], origin) for each in chosen)


def with_witnesses(
    candidates: Collection[Candidate], witnesses: Mapping[PatternId, Witnesses], screen: ScreenPolicy
) -> tuple[Candidate, ...]:
    """Those with enough days, in their order, with the numbers of their witnesses filled in."""
    filled = [
        replace(
            each,
            support=replace(each.support, repositories=seen.repositories, days=seen.days, labellers=seen.labellers),
        )
        for each in candidates
        for seen in (witnesses[each.hypothesis.id],)
    ]
    return tuple(
        each
        for each in filled
        if each.support.days >= screen.days and each.support.table.inside_with >= screen.issues
    )  # fmt: skip


def _frequencies(lookup: Lookup, hidden: NDArray[np.bool_], screen: ScreenPolicy, propose: ProposePolicy) -> _Passed:
    """Failures that more tasks of a node have than the base rate allows, and not for a broader node's sake."""
    counts = lookup.counts
    literals = counts.contexts[counts.context]
    is_node = (literals[:, :-1] == 0).all(axis=1) & lookup.is_node[literals[:, -1]]
    failures = np.flatnonzero(is_node & ~hidden[counts.context] & (counts.inside_with >= screen.tasks))
    inside, found = counts.inside[counts.context[failures]], counts.inside_with[failures]
    p_values = binomial_at_least(found, inside, propose.base_rate)
    failures = failures[p_values <= screen.p_value]
    p_values = p_values[p_values <= screen.p_value]
    contexts = counts.context[failures]
    within = np.zeros(len(failures))
    prior = np.full(len(failures), propose.base_rate)
    for general in broader(lookup, contexts):
        there = lookup.failures(general, counts.signature[failures])
        p_general = p_within(lookup, failures, general)
        within = np.maximum(within, np.where(np.isin(there, failures), p_general, 0.0))
        nearest = (there != NOWHERE) & (prior == propose.base_rate)
        prior[nearest] = counts.inside_with[there[nearest]] / counts.inside[general[nearest]]
    inside, found = counts.inside[contexts], counts.inside_with[failures]
    rate = growth.shrunk(found, inside, prior)
    passed = _Passed(
        "frequency",
        failures,
        lift=found / inside / propose.base_rate,
        p_value=p_values,
        productive_p=within,
        growth=growth.of_frequency(inside / max(counts.tasks, 1), rate, propose.base_rate, propose.bets),
    )
    return passed.only(within <= screen.productive_p)


def _rules(lookup: Lookup, hidden: NDArray[np.bool_], screen: ScreenPolicy, propose: ProposePolicy) -> _Passed:
    counts = lookup.counts
    size = (counts.contexts > 0).sum(axis=1)
    wanted = (size > 0) & (size <= screen.literals) & (counts.inside < counts.tasks) & ~hidden
    failures = np.flatnonzero(wanted[counts.context] & (counts.inside_with >= screen.tasks))
    failures = failures[_risk(counts, failures) >= screen.lift]
    p_values = _p_values(counts, failures)
    failures, p_values = failures[p_values <= screen.p_value], p_values[p_values <= screen.p_value]
    kept = ~redundant(lookup, counts.context[failures])
    failures, p_values = failures[kept], p_values[kept]
    within = productive_p(lookup, failures)
    kept = within <= screen.productive_p
    failures, p_values, within = failures[kept], p_values[kept], within[kept]
    inside, outside, inside_with, outside_with = _tables(counts, failures)
    prior_outside = (inside_with + outside_with) / max(counts.tasks, 1)
    inside_rate = growth.shrunk(inside_with, inside, _widest_rate(lookup, failures))
    outside_rate = growth.shrunk(outside_with, outside, prior_outside)
    return _Passed(
        "rule",
        failures,
        lift=_lift(counts, failures),
        p_value=p_values,
        productive_p=within,
        growth=growth.of_rule(inside / max(counts.tasks, 1), inside_rate, outside_rate, propose.odds),
    )


def _tables(counts: Counts, failures: Integers) -> tuple[Integers, Integers, Integers, Integers]:
    inside, inside_with = counts.inside[counts.context[failures]], counts.inside_with[failures]
    outside_with = counts.with_signature[counts.signature[failures]] - counts.inside_with_anywhere[failures]
    return inside, counts.tasks - inside, inside_with, outside_with


def _lift(counts: Counts, failures: Integers) -> Floats:
    inside, _, inside_with, outside_with = _tables(counts, failures)
    return (inside_with / inside) / ((inside_with + outside_with) / counts.tasks)


def _risk(counts: Counts, failures: Integers) -> Floats:
    """The rate inside over the rate outside; the rate over all would make less of the commoner context."""
    inside, outside, inside_with, outside_with = _tables(counts, failures)
    rate = inside_with / inside
    return np.divide(rate * outside, outside_with, out=np.full(len(failures), np.inf), where=outside_with > 0)


def _p_values(counts: Counts, failures: Integers) -> Floats:
    inside, outside, inside_with, outside_with = _tables(counts, failures)
    return hypergeometric_at_least(inside_with, inside + outside, inside_with + outside_with, inside)


def _widest_rate(lookup: Lookup, failures: Integers) -> Floats:
    """The greatest rate of a generalisation: what the literal that it lacks has to beat."""
    counts = lookup.counts
    contexts = counts.context[failures]
    rates = np.zeros(len(failures))
    for general in generalisations(lookup, contexts):
        there = lookup.failures(general, counts.signature[failures])
        found = there != NOWHERE
        rate = counts.inside_with[there[found]] / counts.inside[general[found]]
        rates[found] = np.maximum(rates[found], rate)
    return rates


def _among(lookup: Lookup, passed: _Passed, hypotheses: Collection[Hypothesis]) -> NDArray[np.bool_]:
    rows = [lookup.failure_of(each) for each in hypotheses if each.kind == passed.kind]
    return np.isin(passed.failures, np.array(rows, np.int64))


def _candidate(counts: Counts, passed: _Passed, place: int, origin: Origin) -> Candidate:
    failure = passed.failures[place : place + 1]
    inside, outside, inside_with, outside_with = (int(each[0]) for each in _tables(counts, failure))
    context, signature = int(counts.context[failure[0]]), int(counts.signature[failure[0]])
    return Candidate(
        Hypothesis(passed.kind, counts.decoded(context), counts.signatures[signature]),
        Support(
            table=Table(inside, outside, inside_with, outside_with),
            lift=float(passed.lift[place]),
            p_value=float(passed.p_value[place]),
            productive_p=float(passed.productive_p[place]),
            repositories=0,
            days=0,
            labellers=0,
        ),
        origin,
    )
