import math
from decimal import ROUND_HALF_UP, Decimal


def total_with_tax(cents: int, percent: str) -> int:
    """Money as whole cents, with the rounding said."""
    tax = (Decimal(cents) * Decimal(percent) / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return cents + int(tax)


def same_length(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
