"""The same text, asked of two engines, gives the same counts: a third one can run it too."""

import re
import sqlite3
from typing import cast

import duckdb
import pytest

from bot.mining import sql
from bot.mining.design import Block, design

ROWS = [
    # batch, effect, weight, c0, c1, c2
    *((1, row % 3, 1, row % 5, row % 4, row % 2) for row in range(60)),
    *((2, 1, -1, row % 5, 0, row % 2) for row in range(10)),
    (3, 2, 1, 1, 1, 1),
]
TALLY = [(row % 4, row % 3, 2 + row % 2, 1 + row % 2) for row in range(40)]
UNITS = [(f"r{row % 3}", row % 5, ("", "x", "y")[row % 3], row % 2, row % 4 > 0, row % 3, row % 2) for row in range(40)]
NARROWED = [(0, 0), (2, 1)]
FOUND = [(0, 0), (1, 4)]
SCRIPT = (
    "CREATE TABLE cover (batch INTEGER, effect INTEGER, weight INTEGER, c0 INTEGER, c1 INTEGER, c2 INTEGER)",
    "CREATE TABLE narrowed (number INTEGER, kept INTEGER)",
    "CREATE TABLE unit (repository VARCHAR, day INTEGER, labeller VARCHAR, found INTEGER, speaks INTEGER, "
    "c0 INTEGER, c1 INTEGER)",
    "CREATE TABLE found (number INTEGER, signature INTEGER)",
    sql.TALLY.format("tally"),
)
GOLDEN: list[tuple[str, list[int], int]] = [
    (sql.TASKS, [0], 3),
    (sql.TASKS, [1], 2),
    (sql.CONTEXTS, [3], 4),
    (sql.FAILURES, [1], 8),
    (sql.COMPACTED, [], 12),
    (sql.groups((0, 1, 2), (5, 4, 2)), [0, 3], 65),
    (sql.groups((0,), (5,)), [1, 2], 5),
    (sql.groups((), ()), [0, 3], 3),
    (sql.narrowed_groups((0, 2), (5, 2)), [0, 3], 20),
    (sql.witnesses([(0, 1), (1, 1)]), [4], 1),
    (sql.witnesses([]), [4], 1),
]


@pytest.mark.parametrize(("text", "values", "rows"), GOLDEN)
def test_two_engines_agree(text: str, values: list[int], rows: int) -> None:
    answers: list[list[tuple[int, ...]]] = []
    for connection in (duckdb.connect(":memory:"), sqlite3.connect(":memory:")):
        for statement in SCRIPT:
            connection.execute(statement)
        for table, filling in {
            "cover": ROWS,
            "narrowed": NARROWED,
            "tally": TALLY,
            "unit": UNITS,
            "found": FOUND,
        }.items():
            marks = ", ".join("?" * len(filling[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", [list(row) for row in filling])
        answers.append(sorted(cast("list[tuple[int, ...]]", connection.execute(text, values).fetchall())))
        connection.close()
    assert answers[0] == answers[1]
    assert len(answers[0]) == rows


def test_the_texts_keep_to_what_every_engine_knows() -> None:
    words = {word for text, _, _ in GOLDEN for word in re.findall(r"[A-Z]{2,}", text)}
    assert words <= {
        *("SELECT", "FROM", "WHERE", "AND", "GROUP", "BY", "HAVING", "JOIN", "ON", "AS"),
        *("SUM", "COUNT", "DISTINCT", "CAST", "BIGINT", "CASE", "WHEN", "THEN", "END"),
    }


@pytest.mark.parametrize(
    ("features", "sizes", "blocks"),
    [
        (("a",) * 4, (1, 3, 5, 9), 1),
        (tuple("abcdefghijkl"), (2,) * 12, 20),
        (tuple("abcdefghijkl"), (40, 16, 12, 8, 6, 6, 5, 4, 4, 3, 3, 2), 34),
        (("a", "b"), (3, 3), 1),
        ((), (), 1),
        ((*"abcdef", "n", "n", "n", "n"), (9, 3, 4, 5, 20, 7, 1, 3, 6, 20), None),
    ],
)
def test_every_small_set_is_in_exactly_one_block(
    features: tuple[str, ...], sizes: tuple[int, ...], blocks: int | None
) -> None:
    found = design(features, sizes, 3, 40_000)
    assert blocks in (None, len(found))
    subsets = [subset for block in found for subset in block.subsets]
    assert len(subsets) == len(set(subsets))
    assert all(set(subset) <= set(block.columns) for block in found for subset in block.subsets)
    permitted = {
        tuple(sorted(chosen))
        for chosen in _chosen(len(features))
        if len({features[column] for column in chosen}) == len(chosen)
    }
    assert set(subsets) == permitted
    assert isinstance(found[0], Block)


def _chosen(columns: int) -> set[tuple[int, ...]]:
    one = {(column,) for column in range(columns)}
    two = {(*a, b) for a in one for b in range(columns) if b not in a}
    three = {(*a, b) for a in two for b in range(columns) if b not in a}
    return {(), *(tuple(sorted(each)) for each in one | two | three)}
