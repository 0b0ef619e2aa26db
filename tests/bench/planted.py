"""Sixty days of mining in a world whose truth is known: 229 contexts and 30 signatures, looked through every day.

Five features with 7, 5, 5, 3 and 3 values make 229 contexts of one or two literals, and 6,870 hypotheses. Mining counts
in its own way here (whole matrices); registering, evidence and thresholds are the program's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import numpy as np
from scipy.stats import hypergeom

from bot.learning.registering import register
from bot.learning.threshold import threshold, together
from bot.model.learning_policy import ProposePolicy, ScreenPolicy
from bot.model.pattern import (
    Candidate,
    ContextLiteral,
    EvidencePoint,
    Hypothesis,
    PatternId,
    Registration,
    Signature,
    Support,
    Table,
)
from tests.bench.blocks import Counts, Flags, Floats, log_e_values, rule_logs

SIZES = {"action_item": 7, "repository": 5, "language": 5, "model": 3, "difficulty": 3}
SIGNATURES = 30
DAYS = 60
TASKS_A_DAY = 100
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SCREEN = ScreenPolicy(3, 1.5, 0.01, 0.05, 3, 3, 2, 2)
PROPOSE = ProposePolicy(
    alpha=0.10,
    registrations_a_quarter=200,
    registrations_a_day=5,
    block=10,
    unresolved=timedelta(days=14),
    odds=(1.5, 2, 4, 8),
    base_rate=0.05,
    bets=(2, 3, 5, 8),
    open_at_once=1,
    cool_down=timedelta(days=14),
    retry_factor=2,
    retries_a_year=2,
)


def _contexts() -> tuple[tuple[ContextLiteral, ...], ...]:
    literals = [ContextLiteral(name, f"{name}{value}") for name, size in sorted(SIZES.items()) for value in range(size)]
    pairs = [(one, two) for one, two in combinations(literals, 2) if one.feature != two.feature]
    return (*((each,) for each in literals), *pairs)


CONTEXTS = _contexts()
_PLACE = {context: place for place, context in enumerate(CONTEXTS)}
PARENTS: list[list[int]] = [[_PLACE[(each,)] for each in context] if len(context) > 1 else [] for context in CONTEXTS]
"""For each context those that it is a part of."""


@dataclass(frozen=True, slots=True)
class World:
    """One entry a task, in the order of assignment."""

    values: dict[str, Counts]
    inside: Flags
    """(tasks, contexts)"""
    failed: Flags
    """(tasks, signatures)"""
    planted: dict[int, int] = field(default_factory=dict[int, int])
    """Signature -> the context in which it is commoner."""

    def stratum(self, features: Sequence[str]) -> Counts:
        place = np.zeros(len(self.inside), np.int64)
        for name in features:
            place = place * SIZES[name] + self.values[name]
        return place


def make_world(generator: np.random.Generator, planted: int, odds: float = 4.0) -> World:
    """Values are unequally common; a signature has a rate of 2 to 8 %, which differs between repositories and models.

    `planted` signatures are commoner by `odds` in one context each, drawn from all; the world with none is the null.
    """
    tasks = DAYS * TASKS_A_DAY
    values: dict[str, Counts] = {}
    for name, size in SIZES.items():
        weights = 1 / np.sqrt(np.arange(1, size + 1))
        values[name] = generator.choice(size, tasks, p=weights / weights.sum())
    inside = np.ones((tasks, len(CONTEXTS)), np.bool_)
    for place, context in enumerate(CONTEXTS):
        for literal in context:
            inside[:, place] &= values[literal.feature] == int(literal.value[len(literal.feature) :])
    rates = generator.uniform(0.02, 0.08, SIGNATURES)
    logits = np.broadcast_to(np.log(rates / (1 - rates)), (tasks, SIGNATURES)).copy()
    plants: dict[int, int] = {}
    for signature in range(planted):
        context = int(generator.integers(len(CONTEXTS)))
        plants[signature] = context
        logits[inside[:, context], signature] += np.log(odds)
    failed = generator.random((tasks, SIGNATURES)) < 1 / (1 + np.exp(-logits))
    return World(values, inside, failed, plants)


@dataclass(frozen=True, slots=True)
class Outcome:
    registered: int
    proposed: tuple[tuple[int, int], ...]
    """(day, signature), in order."""
    planted: frozenset[int]

    @property
    def false(self) -> int:
        """Proposals about signatures that were planted nowhere."""
        return sum(signature not in self.planted for _, signature in self.proposed)

    @property
    def found_on(self) -> dict[int, int]:
        """Planted signature -> the day of its first proposal."""
        days: dict[int, int] = {}
        for day, signature in self.proposed:
            if signature in self.planted:
                days.setdefault(signature, day)
        return days

    @property
    def false_share(self) -> float:
        return self.false / len(self.proposed) if self.proposed else 0.0


@dataclass(slots=True)
class _Watched:
    registration: Registration
    signature: int
    log_e: Floats
    """After each block of the clock from its first one on."""


def live(world: World, policy: ProposePolicy, *, step_up: bool = True, spread: bool = True) -> Outcome:
    """Mine every evening, register, and judge every block that has closed."""
    blocks = len(world.inside) // policy.block
    watched: list[_Watched] = []
    hypotheses: list[Hypothesis] = []
    known: set[PatternId] = set()
    proposed: list[tuple[int, int]] = []
    judged = 0
    for day in range(1, DAYS + 1):
        now = BEGIN + timedelta(days=day - 1, hours=20)
        tasks = day * TASKS_A_DAY
        for block in range(judged, min(tasks // policy.block, blocks)):
            crossing = _crossing(watched, block, len(proposed), now, step_up)
            proposed += [(day, each.signature) for each in crossing]
            watched = [each for each in watched if each not in crossing]
        judged = tasks // policy.block
        if judged == blocks:
            break
        found = register(
            screened(world, tasks),
            known=known,
            in_quarter=len(known),
            today=0,
            next_position=tasks,
            now=now,
            policy=policy,
            watched=hypotheses if spread else (),
        )
        for registration in found:
            known.add(registration.id)
            hypotheses.append(registration.hypothesis)
            watched.append(_Watched(registration, _signature(registration), _evidence(world, registration, blocks)))
    return Outcome(len(known), tuple(proposed), frozenset(world.planted))


def _crossing(watched: Sequence[_Watched], block: int, proposals: int, now: datetime, step_up: bool) -> list[_Watched]:
    due = [each for each in watched if each.registration.first_position // each.registration.block <= block]
    points = [_point(each, block, proposals, now) for each in due]
    if step_up:
        points = together([(each.registration, point) for each, point in zip(due, points, strict=True)])
    return [each for each, point in zip(due, points, strict=True) if point.e_value >= point.threshold]


def _point(each: _Watched, block: int, proposals: int, now: datetime) -> EvidencePoint:
    registration = each.registration
    log = float(each.log_e[block - registration.first_position // registration.block])
    goal = threshold(registration, proposals)
    return EvidencePoint(registration.id, block, now, (), (log,), float(np.exp(min(log, 700))), goal, proposals)


def _evidence(world: World, registration: Registration, blocks: int) -> Floats:
    first = registration.first_position
    last = blocks * registration.block
    context = _PLACE[registration.hypothesis.context]
    block = np.arange(last - first) // registration.block
    added = rule_logs(
        world.inside[first:last, context],
        world.failed[first:last, _signature(registration)],
        world.stratum(registration.strata)[first:last],
        block,
        blocks - first // registration.block,
        registration.grid,
    )
    return log_e_values(added)


def _signature(registration: Registration) -> int:
    return int(registration.hypothesis.signature.value)


def screened(world: World, tasks: int) -> tuple[Candidate, ...]:
    """What the screen lets through of everything seen so far, best first."""
    inside, failed = world.inside[:tasks], world.failed[:tasks]
    covered = inside.sum(axis=0)
    total = failed.sum(axis=0)
    both = inside.T.astype(np.float32) @ failed.astype(np.float32)
    both = np.rint(both).astype(np.int64)
    lift = both * tasks / np.maximum(1, covered[:, None] * total[None, :])
    places = np.nonzero((both >= SCREEN.tasks) & (lift >= SCREEN.lift))
    p_values = _tail(both[places], tasks, total[places[1]], covered[places[0]])
    found: list[Candidate] = []
    rows = zip(places[0].tolist(), places[1].tolist(), p_values.tolist(), strict=True)
    for context, signature, p_value in rows:
        if p_value > SCREEN.p_value:
            continue
        n, a, k = int(covered[context]), int(both[context, signature]), int(total[signature])
        parents = PARENTS[context]
        inner = [float(_tail(a, int(covered[each]), int(both[each, signature]), n)) for each in parents]
        if max(inner, default=0.0) > SCREEN.productive_p or any(n == covered[each] for each in parents):
            continue
        support = Support(
            table=Table(n, tasks - n, a, k - a),
            lift=float(lift[context, signature]),
            p_value=p_value,
            productive_p=max(inner, default=0.0),
            repositories=1,
            days=1,
            labellers=1,
        )
        hypothesis = Hypothesis("rule", CONTEXTS[context], Signature("rule", str(signature)))
        found.append(Candidate(hypothesis, support, "mined"))
    return tuple(sorted(found, key=lambda each: each.support.p_value))


def _tail(successes: Counts | int, tasks: int, failed: Counts | int, inside: Counts | int) -> Floats:
    return np.asarray(hypergeom.sf(np.asarray(successes) - 1, tasks, failed, inside), np.float64)


def with_policy(budget: int, block: int) -> ProposePolicy:
    return replace(PROPOSE, registrations_a_quarter=budget, block=block)
