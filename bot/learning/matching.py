"""Which tasks are in a context, and what a block of them says about a hypothesis.

The unit of every test is the task. Its planned items share a prompt, a model and a repository, so they fail together,
and a test that counted each of them would be wrong three times as often as it promises. The same holds for tasks of one
issue: the first of them speaks for all, because a sum or a maximum over them would favour whoever tries more often.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from bot.model.evidence import Features
from bot.model.pattern import NODE, Context, ContextLiteral, Registration, Signature, StratumTable, Table, Unit

ANCESTORS = "ancestors"
"""The feature that names the nodes above a unit's own."""


def holds(context: Context, features: Features) -> bool:
    """Whether every literal holds; of a feature with several values any one will do.

    A literal for a node of the taxonomy holds for the node and for everything below it. A feature that is not there has
    no value, and no literal for it holds.
    """
    return all(_holds(literal, features) for literal in context)


def _holds(literal: ContextLiteral, features: Features) -> bool:
    values = _values(features, literal.feature)
    if literal.feature == NODE:
        values += _values(features, ANCESTORS)
    return literal.value in values


def _values(features: Features, name: str) -> tuple[str, ...]:
    value = features.get(name, ())
    return (value,) if isinstance(value, str) else value


def table_of(
    registration: Registration, units: Sequence[Unit], counted: Collection[str] = frozenset()
) -> tuple[StratumTable, ...]:
    """The tables of `units`, one for each stratum, in the order of their names.

    A task in the context has the failure if a unit of it that is in the context has it; a task outside, if any of its
    units has it. Of the tasks of one cluster the first counts, and none where the cluster is among those `counted`
    before. Tasks without a validated unit are not there, and say nothing.
    """
    hypothesis = registration.hypothesis
    counts: Counter[tuple[tuple[tuple[str, ...], ...], bool, bool]] = Counter()
    for task in _speaking(units, counted):
        inside = [unit for unit in task if holds(hypothesis.context, unit.context)]
        failed = _has(hypothesis.signature, inside or task)
        counts[_stratum(registration, task[0]), bool(inside), failed] += 1
    return tuple(
        StratumTable(
            stratum=_name(registration, stratum),
            table=Table(
                inside=counts[stratum, True, True] + counts[stratum, True, False],
                outside=counts[stratum, False, True] + counts[stratum, False, False],
                inside_with=counts[stratum, True, True],
                outside_with=counts[stratum, False, True],
            ),
        )
        for stratum in sorted({stratum for stratum, _, _ in counts})
    )


def _speaking(units: Iterable[Unit], counted: Collection[str]) -> list[list[Unit]]:
    """The units of each cluster's first task."""
    first: dict[str, list[Unit]] = {}
    for unit in sorted(units, key=lambda unit: (unit.position, unit.item)):
        of_cluster = first.setdefault(unit.cluster, [])
        if not of_cluster or of_cluster[0].task == unit.task:
            of_cluster.append(unit)
    return [task for cluster, task in first.items() if cluster not in counted]


def _has(signature: Signature, units: Iterable[Unit]) -> bool:
    return any(signature in unit.signatures for unit in units)


def _stratum(registration: Registration, unit: Unit) -> tuple[tuple[str, ...], ...]:
    return tuple(_values(unit.context, feature) for feature in registration.strata)


def _name(registration: Registration, stratum: tuple[tuple[str, ...], ...]) -> str:
    """`repository=... & model=...`; empty where all tasks are compared with each other."""
    named = zip(registration.strata, stratum, strict=True)
    return " & ".join(f"{feature}={','.join(values)}" for feature, values in named)
