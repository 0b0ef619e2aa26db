"""From the groups of a block to the counts of its small sets of columns: sums of sums, in numpy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from bot.mining.design import Block, Subset
from bot.mining.once import EVERY, Effect

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

DENSE = 1 << 18
"""Cells of a table that is filled by position; a larger one is sorted instead."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Effects as columns: which signatures each of them adds to, one entry after the other."""

    start: Integers
    """By effect: its first entry; one more at the end."""
    signature: Integers
    """By entry; 0 is the task itself."""
    inside: Integers
    anywhere: Integers
    """By entry: 1 where the weight is added, else 0."""
    signatures: int
    """One more than the greatest signature."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Counts of one small set of columns; rows that came to nothing are left out."""

    codes: tuple[Integers, ...]
    """By column of the set."""
    signature: Integers
    inside: Integers
    anywhere: Integers


def spread(effects: Sequence[Effect]) -> Spread:
    """Columns for `effects`, each by its place in the sequence."""
    start, signature, inside, anywhere = [0], list[int](), list[int](), list[int]()
    for effect in effects:
        for each in sorted(effect.inside | effect.anywhere):
            signature.append(each)
            inside.append(each in effect.inside)
            anywhere.append(each in effect.anywhere)
        start.append(len(signature))
    columns = (np.array(column, np.int64) for column in (start, signature, inside, anywhere))
    return Spread(*columns, signatures=max(signature, default=EVERY) + 1)


def roll_up(keys: Integers, weights: Floats, block: Block, radices: Sequence[int], effects: Spread) -> Iterator[Sums]:
    """Sums for each set of the block.

    `keys` are numbers with the effect as first digit and a code for each column of the block after it, in the
    `radices` of those columns.
    """
    codes: dict[int, Integers] = {}
    for column, radix in zip(reversed(block.columns), reversed(radices), strict=True):
        keys, codes[column] = _parted(keys, radix)
    lengths = np.diff(effects.start)[keys]
    rows = np.repeat(np.arange(len(keys)), lengths)
    ends = np.cumsum(lengths)
    entry = np.arange(len(rows)) - np.repeat(ends - lengths - effects.start[keys], lengths)
    signature = effects.signature[entry]
    inside, anywhere = weights[rows] * effects.inside[entry], weights[rows] * effects.anywhere[entry]
    codes = {column: digits[rows] for column, digits in codes.items()}
    sizes = dict(zip(block.columns, radices, strict=True))
    for subset in block.subsets:
        yield _sums(
            subset,
            [codes[column] for column in subset],
            [sizes[column] for column in subset],
            signature,
            effects.signatures,
            inside,
            anywhere,
        )


def _parted(numbers: Integers, radix: int) -> tuple[Integers, Integers]:
    """The leading digits and the last; a division by one number is several times as fast as numpy's divmod."""
    leading = numbers // radix
    return leading, numbers - leading * radix


def _sums(
    subset: Subset,
    codes: Sequence[Integers],
    radices: Sequence[int],
    signature: Integers,
    signatures: int,
    inside: Floats,
    anywhere: Floats,
) -> Sums:
    key = np.zeros(len(signature), np.int64)
    for digits, radix in zip(codes, radices, strict=True):
        key = key * radix + digits
    key = key * signatures + signature
    cells = prod(radices) * signatures
    if cells <= DENSE:
        found_inside, found_anywhere = np.bincount(key, inside, cells), np.bincount(key, anywhere, cells)
        found = np.flatnonzero((found_inside != 0) | (found_anywhere != 0))
        found_inside, found_anywhere = found_inside[found], found_anywhere[found]
    else:
        found, places = np.unique(key, return_inverse=True)
        found_inside, found_anywhere = np.bincount(places, inside), np.bincount(places, anywhere)
    rest, found_signature = _parted(found, signatures)
    found_codes: list[Integers] = []
    for radix in reversed(radices):
        rest, digit = _parted(rest, radix)
        found_codes.insert(0, digit)
    kept = (found_inside != 0) | (found_anywhere != 0)
    for digit in found_codes:
        kept &= digit != 0
    return Sums(
        tuple(digit[kept] for digit in found_codes),
        found_signature[kept],
        found_inside[kept].astype(np.int64),
        found_anywhere[kept].astype(np.int64),
    )
