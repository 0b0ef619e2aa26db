"""Which of many cases a run of the tests takes: all of them where RMO_FULL=1, else a few that a seed chooses.

The seed (RMO_SAMPLE_SEED) makes a sample repeatable; another seed looks at other cases in the same time.
"""

import os
import random
from collections.abc import Sequence
from typing import TypeVar

Case = TypeVar("Case")


def is_full() -> bool:
    """Whether every case was asked for."""
    return os.environ.get("RMO_FULL") == "1"


def sample(cases: Sequence[Case], count: int) -> list[Case]:
    """`count` of the cases in their own order, or all of them."""
    if is_full() or count >= len(cases):
        return list(cases)
    # Only which cases are looked at hangs on it
    chosen = random.Random(os.environ.get("RMO_SAMPLE_SEED", "0")).sample(range(len(cases)), count)
    return [cases[number] for number in sorted(chosen)]
