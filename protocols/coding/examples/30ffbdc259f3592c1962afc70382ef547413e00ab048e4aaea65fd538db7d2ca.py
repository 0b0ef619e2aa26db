import math
from collections import Counter
from collections.abc import Sequence


def entropy(letters: Sequence[str]) -> float:
    """In bits; 0 for an empty sequence."""
    counts = Counter(letters)
    total = len(letters)
    return -sum(count / total * math.log2(count / total) for count in counts.values())
