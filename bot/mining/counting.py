"""The count step: from the rows that have arrived to sums by context and signature.

Only rows of new batches are read, whatever was counted before: sums of weights add up. A signature is counted once it
has `LEAST` tasks (most fingerprints never come a third time, and each would fill hundreds of rows); the old rows of one
that has just come so far are then counted for it alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from bot.mining import sql
from bot.mining.design import design
from bot.mining.file import append, arrays
from bot.mining.once import Effect
from bot.mining.rollup import Integers, roll_up, spread
from bot.mining.vocabulary import Vocabulary

LEAST = 3
"""Distinct tasks."""
LITERALS = 3
MOST_GROUPS = 40_000
"""Of one block: more blocks read the rows more often, larger ones take more memory. Measured by the benchmark."""


_BITS = 21
"""Of a literal's number within a context's: two million literals."""


@dataclass(frozen=True, slots=True)
class Batches:
    after: int
    up_to: int


def count(
    connection: duckdb.DuckDBPyConnection,
    vocabulary: Vocabulary,
    effects: Sequence[Effect],
    batches: Batches,
    signatures: Collection[int],
) -> None:
    """Adds to `tally` what the rows of `batches` say of `signatures`, and of all tasks where 0 is among them."""
    wanted = frozenset(signatures)
    kept: dict[Effect, int] = {}
    narrowed: list[tuple[int, int]] = []
    for number, effect in enumerate(effects):
        less = Effect(effect.inside & wanted, effect.anywhere & wanted)
        if less.inside or less.anywhere:
            narrowed.append((number, kept.setdefault(less, len(kept))))
    if not narrowed:
        return
    as_they_are = list(kept) == list(effects)
    if not as_they_are:
        connection.execute("CREATE OR REPLACE TEMPORARY TABLE narrowed (number INTEGER, kept INTEGER)")
        append(connection, "narrowed", dict(zip(("number", "kept"), zip(*narrowed, strict=True), strict=True)))
    columns = vocabulary.columns
    numbers = _numbers(vocabulary)
    spreading = spread(list(kept))
    blocks = design(tuple(each.feature for each in columns), tuple(vocabulary.sizes), LITERALS, MOST_GROUPS)
    for block in blocks:
        radices = [vocabulary.sizes[each] + 1 for each in block.columns]
        text = (sql.groups if as_they_are else sql.narrowed_groups)(block.columns, radices)
        found = connection.execute(text, [batches.after, batches.up_to]).fetchnumpy()
        keys, weights = np.asarray(found["place"], np.int64), np.asarray(found["weight"], np.float64)
        rows: dict[str, list[Integers]] = {"context": [], "signature": [], "inside": [], "anywhere": []}
        for subset, sums in zip(block.subsets, roll_up(keys, weights, block, radices, spreading), strict=True):
            literals = np.zeros((LITERALS, len(sums.signature)), np.int64)
            for place, (each, codes) in enumerate(zip(subset, sums.codes, strict=True)):
                literals[place] = numbers[each][codes]
            columns_of_rows = (packed(literals), sums.signature, sums.inside, sums.anywhere)
            for column, values in zip(rows.values(), columns_of_rows, strict=True):
                column.append(values)
        append(connection, "tally", {name: np.concatenate(column) for name, column in rows.items()})


def packed(literals: Integers) -> Integers:
    """One number for each context: its literals' numbers (shape (3, contexts), in any order), 0 for none."""
    first, second, third = np.sort(literals, axis=0)
    return (first << 2 * _BITS) | (second << _BITS) | third


def unpacked(contexts: Integers) -> Integers:
    """Literals' numbers, shape (contexts, 3), in ascending order."""
    mask = (1 << _BITS) - 1
    return np.stack([contexts >> 2 * _BITS, (contexts >> _BITS) & mask, contexts & mask], axis=1)


def tasks_by_signature(connection: duckdb.DuckDBPyConnection, effects: Sequence[Effect], signatures: int) -> Integers:
    """Tasks that have each signature, from number 0 (all of them) on."""
    totals = np.zeros(signatures + 1, np.int64)
    found = arrays(connection.execute(sql.TASKS, [0]))
    for number, tasks in zip(found["effect"].tolist(), found["tasks"].tolist(), strict=True):
        for signature in effects[number].anywhere:
            totals[signature] += tasks
    return totals


def compact(connection: duckdb.DuckDBPyConnection) -> int:
    """Adds up rows of one context and signature; the number of rows that are left."""
    connection.execute(sql.TALLY.format("compacted"))
    connection.execute(f"INSERT INTO compacted {sql.COMPACTED}")
    connection.execute("DROP TABLE tally")
    connection.execute("ALTER TABLE compacted RENAME TO tally")
    [rows] = connection.execute("SELECT COUNT(*) FROM tally").fetchone() or (0,)
    return int(rows)


def _numbers(vocabulary: Vocabulary) -> list[Integers]:
    """By column: the literal's number for each code."""
    numbers = [np.zeros(size + 1, np.int64) for size in vocabulary.sizes]
    for coded in vocabulary.literals.values():
        numbers[coded.column][coded.code] = coded.number
    return numbers
