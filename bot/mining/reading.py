"""What the file of counts answers: all counts for the screen, and the witnesses of a few hypotheses."""

from typing import get_args

import duckdb
import numpy as np

from bot.mining import sql
from bot.mining.counting import tasks_by_signature, unpacked
from bot.mining.file import arrays
from bot.mining.memory import Memory
from bot.mining.once import EVERY
from bot.model.counts import Counts, Witnesses
from bot.model.pattern import ContextLiteral, Hypothesis, Signature, SignatureLevel

_LEVELS: tuple[SignatureLevel, ...] = get_args(SignatureLevel)


def counts_of(connection: duckdb.DuckDBPyConnection, memory: Memory, least: int) -> Counts:
    """Everything that at least `least` tasks have."""
    vocabulary = memory.vocabulary
    signatures = list(vocabulary.signatures)
    totals = tasks_by_signature(connection, list(memory.effects), len(signatures))
    found = arrays(connection.execute(sql.CONTEXTS, [least]))
    order = np.argsort(found["context"])
    keys, inside = found["context"][order], found["inside"][order]
    if not len(keys) or keys[0] != 0:
        # Too few tasks for the empty context to be among the counts
        keys, inside = np.append(0, keys), np.append(totals[:1], inside)
    failures = arrays(connection.execute(sql.FAILURES, [least]))
    return Counts(
        tasks=int(totals[EVERY]),
        literals=tuple(vocabulary.literals),
        parents=np.array([0, *vocabulary.parents], np.int64),
        signatures=tuple(signatures),
        broader=_broader(memory, signatures),
        with_signature=totals[1:],
        contexts=unpacked(keys),
        inside=inside,
        context=np.searchsorted(keys, failures["context"]),
        signature=failures["signature"] - 1,
        inside_with=failures["inside"],
        inside_with_anywhere=failures["anywhere"],
    )


def witnesses_of(connection: duckdb.DuckDBPyConnection, memory: Memory, hypothesis: Hypothesis) -> Witnesses:
    """Of the units inside the context that have the signature; nobody's, where the file knows nothing of it."""
    vocabulary = memory.vocabulary
    signature = vocabulary.signatures.get(hypothesis.signature)
    coded = [vocabulary.literals.get(ContextLiteral(each.feature, each.value)) for each in hypothesis.context]
    places = [(each.column, each.code) for each in coded if each is not None]
    if signature is None or len(places) < len(coded):
        return Witnesses(repositories=0, days=0, labellers=0)
    answer = arrays(connection.execute(sql.witnesses(places), [signature]))
    return Witnesses(**{name: int(column[0]) for name, column in answer.items()})


def _broader(memory: Memory, signatures: list[Signature]) -> tuple[frozenset[int], ...]:
    """By signature: those of broader levels that are in every set that it is in."""
    always: dict[int, frozenset[int]] = {}
    for found in memory.found:
        for signature in found:
            always[signature] = always.get(signature, found) & found
    return tuple(
        frozenset(
            other - 1
            for other in always[number]
            if _LEVELS.index(signatures[other - 1].level) < _LEVELS.index(signature.level)
        )
        for number, signature in enumerate(signatures, 1)
    )
