"""Whether a rule says more than its generalisations: those that leave a literal out, or name a broader node.

A failure that a model makes everywhere is found in each of its contexts too; each literal has to add something (Webb
2007, "Discovering significant patterns", productive rules). A context that holds for the very same tasks without one of
its literals says nothing new. Of nodes that hold for the same tasks the narrowest stands for all: nothing has been seen
beyond it.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bot.learning.lookup import NOWHERE, Lookup
from bot.learning.tails import hypergeometric_at_least

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def generalisations(lookup: Lookup, contexts: Integers) -> Iterator[Integers]:
    """Rows of contexts that leave out a literal of `contexts`, one after the other; `NOWHERE` where there is none."""
    literals = lookup.counts.contexts[contexts]
    for place in range(literals.shape[1]):
        fewer = literals.copy()
        fewer[:, place] = 0
        yield np.where(literals[:, place] > 0, lookup.contexts(fewer), NOWHERE)


def broader(lookup: Lookup, contexts: Integers) -> Iterator[Integers]:
    """Rows of contexts with the node of `contexts` replaced by the next broader one, the next after it, and so on."""
    literals = lookup.counts.contexts[contexts]
    while True:
        above = np.where(lookup.is_node[literals], lookup.counts.parents[literals], literals)
        has_broader = ((above != literals) & (above > 0)).any(axis=1)
        if not has_broader.any():
            return
        yield np.where(has_broader, lookup.contexts(above), NOWHERE)
        # A root stays a root, and its row is skipped from here on
        literals = np.where(has_broader[:, None], above, 0)


def shadowed(lookup: Lookup) -> Flags:
    """By context: a narrower node holds for the same tasks."""
    inside = lookup.counts.inside
    flags = np.zeros(len(inside), np.bool_)
    rows = np.arange(len(inside))
    for above in broader(lookup, rows):
        same = (above != NOWHERE) & (inside[above] == inside)
        flags[above[same]] = True
    return flags


def redundant(lookup: Lookup, contexts: Integers) -> Flags:
    """Which of `contexts` hold for the same tasks without one of their literals."""
    inside = lookup.counts.inside
    flags = np.zeros(len(contexts), np.bool_)
    for general in generalisations(lookup, contexts):
        flags |= (general != NOWHERE) & (inside[general] == inside[contexts])
    return flags


def productive_p(lookup: Lookup, failures: Integers) -> Floats:
    """The greatest p-value of each failure count within a generalisation that holds for more tasks; 0 without one."""
    counts = lookup.counts
    contexts = counts.context[failures]
    greatest = np.zeros(len(failures))
    for general in (*generalisations(lookup, contexts), *broader(lookup, contexts)):
        greatest = np.maximum(greatest, p_within(lookup, failures, general))
    return greatest


def p_within(lookup: Lookup, failures: Integers, general: Integers) -> Floats:
    """One-sided p-value of each failure count among the tasks of a wider context; 0 where that is not wider."""
    counts = lookup.counts
    contexts = counts.context[failures]
    there = lookup.failures(general, counts.signature[failures])
    wider = (there != NOWHERE) & (counts.inside[general] > counts.inside[contexts])
    p_values = np.zeros(len(failures))
    p_values[wider] = hypergeometric_at_least(
        counts.inside_with[failures[wider]],
        counts.inside[general[wider]],
        counts.inside_with[there[wider]],
        counts.inside[contexts[wider]],
    )
    return p_values
