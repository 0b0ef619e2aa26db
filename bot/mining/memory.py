"""The numbers that stand for literals, signatures and sets of them, as the file knows them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import duckdb

from bot.mining.file import append
from bot.mining.once import Effect
from bot.mining.vocabulary import Coded, Vocabulary
from bot.model.pattern import ContextLiteral, Signature, SignatureLevel

_LITERAL = ("number", "feature", "value", "depth", "place", "code", "parent")
_SIGNATURE = ("number", "level", "value")
_FOUND = ("number", "signature")
_EFFECT = ("number", "signature", "inside", "anywhere")


@dataclass(slots=True)
class Memory:
    """Grows by what it meets; `kept` writes the growth to the file."""

    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    found: dict[frozenset[int], int] = field(default_factory=dict[frozenset[int], int])
    """Numbers of the sets of signatures that units have."""
    effects: dict[Effect, int] = field(default_factory=dict[Effect, int])
    written: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Literals, signatures, sets and effects that are in the file."""

    def found_number(self, signatures: frozenset[int]) -> int:
        return self.found.setdefault(signatures, len(self.found))

    def effect_number(self, effect: Effect) -> int:
        return self.effects.setdefault(effect, len(self.effects))


def kept(connection: duckdb.DuckDBPyConnection, memory: Memory) -> None:
    """Writes what is not in the file yet."""
    vocabulary = memory.vocabulary
    literals, signatures, found, effects = memory.written
    literal_rows = [
        (coded.number, each.feature, each.value, vocabulary.columns[coded.column].depth, coded.column, coded.code,
         vocabulary.parents[coded.number - 1])
        for each, coded in list(vocabulary.literals.items())[literals:]
    ]  # fmt: skip
    signature_rows = [(number, each.level, each.value) for each, number in list(vocabulary.signatures.items())]
    # An empty set has no rows, so a 0 stands for it
    found_rows = [
        (number, signature) for each, number in list(memory.found.items())[found:] for signature in sorted(each) or [0]
    ]
    effect_rows = [
        (number, signature, int(signature in each.inside), int(signature in each.anywhere))
        for each, number in list(memory.effects.items())[effects:]
        for signature in sorted(each.inside | each.anywhere)
    ]
    _write(connection, "literal", _LITERAL, literal_rows)
    _write(connection, "signature", _SIGNATURE, signature_rows[signatures:])
    _write(connection, "found", _FOUND, found_rows)
    _write(connection, "effect", _EFFECT, effect_rows)
    memory.written = (
        len(vocabulary.literals), len(vocabulary.signatures), len(memory.found), len(memory.effects)
    )  # fmt: skip


def restored(connection: duckdb.DuckDBPyConnection) -> Memory:
    """All that is in the file."""
    memory = Memory()
    vocabulary = memory.vocabulary
    # The columns are a constant of ours
    rows = connection.execute(f"SELECT {', '.join(_LITERAL)} FROM literal ORDER BY number").fetchall()  # nosec B608
    for number, feature, value, depth, place, code, parent in cast(
        "list[tuple[int, str, str, int, int, int, int]]", rows
    ):
        vocabulary.restore(ContextLiteral(feature, value), depth, Coded(number, place, code), parent)
    rows = connection.execute("SELECT level, value FROM signature ORDER BY number").fetchall()
    for level, value in cast("list[tuple[SignatureLevel, str]]", rows):
        vocabulary.signature(Signature(level, value))
    sets: dict[int, set[int]] = defaultdict(set)
    rows = connection.execute("SELECT number, signature FROM found ORDER BY number").fetchall()
    for number, signature in cast("list[tuple[int, int]]", rows):
        sets[number].add(signature)
    memory.found = {frozenset(signatures - {0}): number for number, signatures in sets.items()}
    parts: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    rows = connection.execute("SELECT number, signature, inside, anywhere FROM effect ORDER BY number").fetchall()
    for number, signature, inside, anywhere in cast("list[tuple[int, int, int, int]]", rows):
        for held, into in zip((inside, anywhere), parts[number], strict=True):
            if held:
                into.add(signature)
    memory.effects = {Effect(frozenset(one), frozenset(two)): number for number, (one, two) in parts.items()}
    memory.written = (
        len(vocabulary.literals), len(vocabulary.signatures), len(memory.found), len(memory.effects)
    )  # fmt: skip
    return memory


def _write(
    connection: duckdb.DuckDBPyConnection, table: str, names: tuple[str, ...], rows: Sequence[Sequence[int | str]]
) -> None:
    if rows:
        append(connection, table, dict(zip(names, zip(*rows, strict=True), strict=True)))
