"""Mechanical gates before a push: shapes of code that a change may not bring, and tests that it has to.

A closed list (`bot.model.gate`). Every detector is exact rather than thorough: it stops a try, so what it says
has to be true wherever it says it, and what the base commit has too is never blamed on a change.
"""

from bot.ci.gates.patterns import CATEGORIES, pattern_findings
from bot.ci.gates.required import untested

__all__ = ["CATEGORIES", "pattern_findings", "untested"]
