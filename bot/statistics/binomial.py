"""How surprising it is that so many of so many tasks had a failure, at a stated rate."""

from typing import cast

from scipy.special import betainc


def at_least(tasks: int, with_failure: int, rate: float) -> float:
    """P(at least `with_failure` of `tasks`) where each has it with probability `rate`, independently."""
    if with_failure <= 0:
        return 1.0
    return float(cast(float, betainc(with_failure, tasks - with_failure + 1, rate)))
