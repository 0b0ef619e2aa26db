"""Which columns are counted together: few sets of columns, so that every small set of them lies inside one.

Counting each of the 298 sets of up to three out of twelve columns reads every row 298 times. A covering design (a few
dozen sets of four to six columns, so that each triple is inside one of them) reads them a few dozen times; the counts
of the small sets are then sums over groups, which are few. The choice is greedy: it works for any number of columns,
and takes 20 sets of six for twelve equal columns, where 15 are the fewest there can be.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import prod

Subset = tuple[int, ...]
MOST_COLUMNS = 6
"""Of one set: more make the groups so many that summing them up costs more than reading the rows again."""


@dataclass(frozen=True, slots=True)
class Block:
    """Columns that are counted together, and the small sets of columns that are summed up from their groups."""

    columns: Subset
    subsets: tuple[Subset, ...]


@lru_cache(maxsize=8)
def design(features: tuple[str, ...], sizes: tuple[int, ...], literals: int, most_groups: int) -> tuple[Block, ...]:
    """Blocks in which each permitted set of at most `literals` columns is summed up exactly once.

    Columns of one feature are levels of a hierarchy: never two of them in one set. `sizes` are numbers of values;
    a block that would have more than `most_groups` groups is only as large as the set it has to cover.
    """
    wanted = [subset for size in range(literals + 1) for subset in combinations(range(len(features)), size)]
    open_ = {subset for subset in wanted if len({features[column] for column in subset}) == len(subset)}
    # The largest first: those that fit nowhere else are blocks of their own
    order = sorted(open_, key=lambda subset: (-len(subset), -_groups(subset, features, sizes), subset))
    blocks: list[Block] = []
    for start in order:
        if start in open_:
            columns = _grown(start, open_, features, sizes, most_groups)
            covered = [inner for size in range(literals + 1) for inner in combinations(columns, size) if inner in open_]
            open_.difference_update(covered)
            blocks.append(Block(columns, tuple(covered)))
    return tuple(blocks)


def _grown(
    start: Subset, open_: set[Subset], features: tuple[str, ...], sizes: tuple[int, ...], most_groups: int
) -> Subset:
    """`start` with the columns that cover most of what is open, one after the other."""
    columns = start
    while len(columns) < MOST_COLUMNS:
        gains = {
            column: sum(
                tuple(sorted((*pair, column))) in open_ for pair in combinations(columns, max(len(start) - 1, 0))
            )
            for column in range(len(features))
            if column not in columns and _groups((*columns, column), features, sizes) <= most_groups
        }
        best = max(gains, key=lambda column: (gains[column], -sizes[column]), default=None)
        if best is None or not gains[best]:
            break
        columns = tuple(sorted((*columns, best)))
    return columns


def _groups(columns: Subset, features: tuple[str, ...], sizes: tuple[int, ...]) -> int:
    """At most so many groups: levels of one hierarchy have no more than the finest of them."""
    largest: dict[str, int] = {}
    for column in columns:
        largest[features[column]] = max(largest.get(features[column], 1), sizes[column] + 1)
    return prod(largest.values())
