"""The tamper guard: a change is judged by tests, tools and thresholds, so it may not make these weaker.

Every gate looks for one way of doing so and knows nothing of the others; removing any one of them lets a known trick
through (`tests/badinput`).
"""

from bot.ci.tampering.allowance import Allowance
from bot.ci.tampering.gates import GATES, RUN_GATES, TEXT_GATES, find_tampering

__all__ = ["GATES", "RUN_GATES", "TEXT_GATES", "Allowance", "find_tampering"]
