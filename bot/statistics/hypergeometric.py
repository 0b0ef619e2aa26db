"""Fisher's exact test on tables of tasks, one-sided: does the failure come more often inside?"""

import math
from dataclasses import replace

from bot.model.pattern import Table
from bot.statistics.conditional import is_degenerate, log_tail


def at_least(table: Table) -> float:
    """P(at least as many inside | margins) where inside and outside are alike; 1 for a table that says nothing."""
    return 1.0 if is_degenerate(table) else math.exp(log_tail(table))


def least_p(table: Table) -> float:
    """The smallest p-value that these margins allow (Tarone): above the level, the table can never be significant."""
    most = min(table.inside, table.with_failure)
    return at_least(replace(table, inside_with=most, outside_with=table.with_failure - most))
