"""A bet that a failure is commoner than a stated rate; for failures that have no "elsewhere" to be compared with."""

import math


def log_bet(tasks: int, with_failure: int, rate: float, base_rate: float) -> float:
    """Logarithm of the e-value of `tasks`, that bets on `rate` against any rate up to `base_rate` (both inside 0..1).

    Each task multiplies it by rate/base_rate if it had the failure and by (1-rate)/(1-base_rate) if not; as rate is
    above base_rate, its mean is at most 1 wherever the true rate is at most base_rate.
    """
    won = with_failure * math.log(rate / base_rate)
    return won + (tasks - with_failure) * (math.log1p(-rate) - math.log1p(-base_rate))
