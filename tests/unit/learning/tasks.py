"""Tasks and registrations as the tests of learning tell them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.learning.registering import registration
from bot.model.evidence import FeatureValue, TaskId
from bot.model.ids import ItemKey
from bot.model.learning_policy import ProposePolicy, ScreenPolicy
from bot.model.pattern import (
    Candidate,
    Context,
    ContextLiteral,
    Hypothesis,
    PatternKind,
    Registration,
    Signature,
    Support,
    Table,
    Unit,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
F821 = Signature("rule", "ruff:F821")
SCREEN = ScreenPolicy(tasks=3, lift=1.5, p_value=0.01, productive_p=0.05, literals=3, issues=3, days=2, labellers=2)
PROPOSE = ProposePolicy(
    alpha=0.10,
    registrations_a_quarter=20,
    registrations_a_day=5,
    block=4,
    unresolved=timedelta(days=14),
    odds=(1.5, 2.0, 4.0, 8.0),
    base_rate=0.05,
    bets=(2.0, 3.0, 5.0, 8.0),
    open_at_once=1,
    cool_down=timedelta(days=14),
    retry_factor=2.0,
    retries_a_year=2,
)
SEEN = Table(20, 80, 10, 5)


def context(**literals: str) -> Context:
    return tuple(sorted(ContextLiteral(feature, value) for feature, value in literals.items()))


def candidate(
    where: Context, signature: Signature = F821, *, kind: PatternKind = "rule", table: Table = SEEN
) -> Candidate:
    support = Support(table, lift=2.0, p_value=0.001, productive_p=0.0, repositories=1, days=3, labellers=2)
    return Candidate(Hypothesis(kind, where, signature), support, "mined")


def registered(
    where: Context, *, kind: PatternKind = "rule", policy: ProposePolicy = PROPOSE, strata: Sequence[str] | None = None
) -> Registration:
    made = registration(candidate(where, kind=kind), 0, NOW, policy)
    return made if strata is None else replace(made, strata=tuple(strata))


def unit(
    position: int,
    *,
    failed: bool = False,
    item: str = "1",
    cluster: str = "",
    labeller: str = "",
    days: int = 0,
    signatures: Iterable[Signature] = (F821,),
    **features: FeatureValue,
) -> Unit:
    """A planned item of task number `position`."""
    return Unit(
        task=TaskId(f"task-{position}"),
        item=ItemKey(item),
        assigned_at=NOW + timedelta(days=days),
        position=position,
        cluster=cluster or f"issue-{position}",
        labeller=labeller,
        context=features,
        signatures=frozenset(signatures) if failed else frozenset(),
    )
