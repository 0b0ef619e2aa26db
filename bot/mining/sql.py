"""The texts that the counting engine is asked: SELECT, SUM, GROUP BY, JOIN and arithmetic on whole numbers.

No function or type of one engine alone, so that a distributed engine can run the same texts over the same columns. The
groups of a block are one number each, with the effect as first digit: one column is grouped faster than five, and
numpy takes the digits apart again on the few groups there are.
"""

from collections.abc import Sequence

from bot.mining.design import Subset

TALLY = "CREATE TABLE {} (context BIGINT, signature INTEGER, inside INTEGER, anywhere INTEGER)"
TABLES = (
    "CREATE TABLE meta (name VARCHAR, value BIGINT)",
    "CREATE TABLE literal (number INTEGER, feature VARCHAR, value VARCHAR, depth INTEGER, place INTEGER, "
    "code INTEGER, parent INTEGER)",
    "CREATE TABLE signature (number INTEGER, level VARCHAR, value VARCHAR)",
    "CREATE TABLE tracked (signature INTEGER)",
    "CREATE TABLE found (number INTEGER, signature INTEGER)",
    "CREATE TABLE effect (number INTEGER, signature INTEGER, inside INTEGER, anywhere INTEGER)",
    "CREATE TABLE unit (task VARCHAR, item VARCHAR, cluster VARCHAR, position INTEGER, day INTEGER, "
    "repository VARCHAR, labeller VARCHAR, found INTEGER, speaks INTEGER)",
    "CREATE TABLE cover (batch INTEGER, effect INTEGER, weight INTEGER)",
    TALLY.format("tally"),
)
"""`unit` and `cover` have a column `c0`, `c1`, ... for each column of the vocabulary besides. A unit has a row for each
of its places, and `speaks` (1 or 0) where its task is the first of its cluster."""

SCHEMA = 1
"""Raised with every change of the tables or of what their numbers mean: an older file is built again."""

TASKS = "SELECT effect, SUM(weight) AS tasks FROM cover WHERE batch > ? GROUP BY effect"
"""Tasks by effect: as each task's weights add up to 1, this is the count of the empty context."""

CONTEXTS = (
    "SELECT context, SUM(inside) AS inside FROM tally WHERE signature = 0 GROUP BY context HAVING SUM(inside) >= ?"
)
FAILURES = (
    "SELECT context, signature, SUM(inside) AS inside, SUM(anywhere) AS anywhere FROM tally WHERE signature > 0 "
    "GROUP BY context, signature HAVING SUM(inside) >= ?"
)
COMPACTED = (
    "SELECT context, signature, SUM(inside) AS inside, SUM(anywhere) AS anywhere FROM tally GROUP BY context, signature"
)


def groups(columns: Subset, radices: Sequence[int]) -> str:
    """Weights of the rows of batches `> ?` and `<= ?`, by effect and by the codes of `columns`."""
    return _groups("effect", "cover", columns, radices)


def narrowed_groups(columns: Subset, radices: Sequence[int]) -> str:
    """The same with each effect replaced by what `narrowed` makes of it; rows without such a one are left out."""
    source = "cover JOIN narrowed ON cover.effect = narrowed.number"
    return _groups("narrowed.kept", source, columns, radices)


def _groups(effect: str, source: str, columns: Subset, radices: Sequence[int]) -> str:
    # BIGINT: the product of a few hundred values each leaves the range of an INTEGER
    key = f"CAST({effect} AS BIGINT)"
    for column, radix in zip(columns, radices, strict=True):
        key = f"({key}) * {radix} + c{column}"
    # Everything but the parameters is made of numbers and of names of ours
    chosen = f"SELECT {key} AS place, SUM(weight) AS weight FROM {source}"  # nosec B608
    return f"{chosen} WHERE batch > ? AND batch <= ? GROUP BY {key}"


def witnesses(codes: Sequence[tuple[int, int]]) -> str:
    """Repositories, days and labellers of the units with signature `?` where each (column, code) holds."""
    holds = "".join(f" AND c{column} = {code}" for column, code in codes)
    # Columns and codes are numbers of ours
    counted = (
        "SELECT COUNT(DISTINCT repository) AS repositories, COUNT(DISTINCT day) AS days, "
        "COUNT(DISTINCT CASE WHEN labeller <> '' THEN labeller END) AS labellers FROM unit "
    )
    chosen = f"JOIN found ON unit.found = found.number WHERE speaks = 1 AND found.signature = ?{holds}"
    return counted + chosen
