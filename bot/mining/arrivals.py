"""From units that have arrived to rows of the file: the units themselves, and the weighted rows that count their tasks.

A task may get more units later, and an earlier task of its cluster may turn up: then the cluster's rows are worked out
as they were and as they are, and the difference is what arrives.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import duckdb
import numpy as np

from bot.mining.file import append
from bot.mining.memory import Memory, kept
from bot.mining.once import Place, Seen, Weights, difference, weighted
from bot.model.pattern import Unit

_Order = tuple[int, str]


@dataclass(slots=True)
class _Cluster:
    """Tasks that count as one: the first of them speaks for all."""

    tasks: dict[_Order, list[Seen]] = field(default_factory=dict[_Order, list[Seen]])

    @property
    def first(self) -> _Order:
        return min(self.tasks)

    def put(self, order: _Order, seen: Seen) -> None:
        self.tasks.setdefault(order, []).append(seen)

    def weights(self) -> Weights:
        return weighted(self.tasks[self.first])


def unknown(connection: duckdb.DuckDBPyConnection, units: Sequence[Unit]) -> list[Unit]:
    """Those that are not in the file."""
    connection.execute("CREATE OR REPLACE TEMPORARY TABLE asked (task VARCHAR, item VARCHAR, place INTEGER)")
    asked = {"task": [unit.task for unit in units], "item": [unit.item for unit in units], "place": range(len(units))}
    append(connection, "asked", asked)
    answer = connection.execute(
        "SELECT DISTINCT asked.place FROM asked JOIN unit ON asked.task = unit.task AND asked.item = unit.item"
    )
    known = {place for (place,) in cast("list[tuple[int]]", answer.fetchall())}
    return [unit for place, unit in enumerate(units) if place not in known]


def take(connection: duckdb.DuckDBPyConnection, memory: Memory, units: Sequence[Unit], batch: int) -> None:
    """Writes `units` (at least one, none of them in the file) and what they add to the counts."""
    coded = _coded(connection, memory, units)
    clusters = _earlier(connection, memory, units)
    before = {name: (cluster.first, cluster.weights()) for name, cluster in clusters.items()}
    for unit, seen in zip(units, coded, strict=True):
        clusters[unit.cluster].put((unit.position, unit.task), seen)
    rows: Weights = defaultdict(int)
    overtaken: list[str] = []
    for name, cluster in clusters.items():
        weights = cluster.weights()
        if name in before:
            first, earlier = before[name]
            weights = difference(weights, earlier)
            if first != cluster.first:
                overtaken.append(name)
        for row, weight in weights.items():
            rows[row] += weight
    if overtaken:
        connection.execute("CREATE OR REPLACE TEMPORARY TABLE overtaken (cluster VARCHAR)")
        append(connection, "overtaken", {"cluster": overtaken})
        connection.execute("UPDATE unit SET speaks = 0 WHERE cluster IN (SELECT cluster FROM overtaken)")
    _write_units(connection, memory, units, coded, clusters)
    _write_rows(connection, memory, rows, batch)
    kept(connection, memory)


def _coded(connection: duckdb.DuckDBPyConnection, memory: Memory, units: Sequence[Unit]) -> list[Seen]:
    """The units in numbers; the tables get a column for each that they bring."""
    vocabulary = memory.vocabulary
    known = len(vocabulary.columns)
    # Few contexts are many units'
    contexts: dict[object, list[dict[int, int]]] = {}
    keys = [tuple(unit.context.items()) for unit in units]
    for unit, key in zip(units, keys, strict=True):
        if key not in contexts:
            contexts[key] = vocabulary.places(unit.context)
    for number in range(known, len(vocabulary.columns)):
        for table in ("unit", "cover"):
            connection.execute(f"ALTER TABLE {table} ADD COLUMN c{number} INTEGER DEFAULT 0")
    padded = {key: tuple(vocabulary.padded(place) for place in places) for key, places in contexts.items()}
    return [
        Seen(padded[key], frozenset(vocabulary.signature(each) for each in sorted(unit.signatures)))
        for key, unit in zip(keys, units, strict=True)
    ]


def _earlier(
    connection: duckdb.DuckDBPyConnection, memory: Memory, units: Sequence[Unit]
) -> defaultdict[str, _Cluster]:
    """What the file knows of the clusters of `units`."""
    connection.execute("CREATE OR REPLACE TEMPORARY TABLE touched (cluster VARCHAR)")
    append(connection, "touched", {"cluster": list({unit.cluster for unit in units})})
    columns = "".join(f", c{number}" for number in range(len(memory.vocabulary.columns)))
    # The names of columns are ours: a letter and a number
    rows = connection.execute(
        f"SELECT cluster, position, task, found{columns} FROM unit "  # nosec B608
        "WHERE cluster IN (SELECT cluster FROM touched) ORDER BY cluster, position, task"
    ).fetchall()
    signatures = list(memory.found)
    clusters: defaultdict[str, _Cluster] = defaultdict(_Cluster)
    for cluster, position, task, found, *place in cast("list[tuple[str, int, str, int]]", rows):
        codes = cast("list[int]", place)
        clusters[cluster].put((position, task), Seen((tuple(codes),), signatures[found]))
    return clusters


def _write_units(
    connection: duckdb.DuckDBPyConnection,
    memory: Memory,
    units: Sequence[Unit],
    coded: Sequence[Seen],
    clusters: Mapping[str, _Cluster],
) -> None:
    first = {name: cluster.first for name, cluster in clusters.items()}
    pairs = [(unit, seen, place) for unit, seen in zip(units, coded, strict=True) for place in seen.places]
    append(
        connection,
        "unit",
        {
            "task": [unit.task for unit, _, _ in pairs],
            "item": [unit.item for unit, _, _ in pairs],
            "cluster": [unit.cluster for unit, _, _ in pairs],
            "position": [unit.position for unit, _, _ in pairs],
            "day": [unit.assigned_at.toordinal() for unit, _, _ in pairs],
            "repository": [_repository(unit) for unit, _, _ in pairs],
            "labeller": [unit.labeller for unit, _, _ in pairs],
            "found": [memory.found_number(seen.signatures) for _, seen, _ in pairs],
            "speaks": [int(first[unit.cluster] == (unit.position, unit.task)) for unit, _, _ in pairs],
            **_codes([place for _, _, place in pairs]),
        },
    )


def _write_rows(connection: duckdb.DuckDBPyConnection, memory: Memory, rows: Weights, batch: int) -> None:
    left = [(place, effect, weight) for (place, effect), weight in rows.items() if weight]
    if left:
        append(
            connection,
            "cover",
            {
                "batch": [batch] * len(left),
                "effect": [memory.effect_number(effect) for _, effect, _ in left],
                "weight": [weight for _, _, weight in left],
                **_codes([place for place, _, _ in left]),
            },
        )


def _codes(places: Sequence[Place]) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.int32]]]:
    codes = np.array(places, np.int32)
    return {f"c{number}": codes[:, number] for number in range(codes.shape[1])}


def _repository(unit: Unit) -> str:
    value = unit.context.get("repository", "")
    return value if isinstance(value, str) else " ".join(value)
