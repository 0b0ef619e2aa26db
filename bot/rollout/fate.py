"""What people made of a task's pull request: the slow label, which is known weeks after CI has spoken.

Whether a pull request is counted may hang on when it was decided, and never on how: one that is closed after the limit
counts as little as one that is merged after it. Were late ones counted by what became of them, the rejected ones, which
are known at once, would be let in, and the accepted ones, which first have to hold, would not.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Fate = Literal["accepted", "rejected", "nothing", "open", "lost", "set_aside"]
"""`nothing`: the run ended without a pull request. `open`: may yet become any of the others. `lost`: not decided in
time. `set_aside`: the work was stopped, or begun anew, before there was anything to judge."""

SEEN = timedelta(days=1)
"""In which what happens on GitHub is seen here at the latest."""


@dataclass(frozen=True, slots=True)
class LateRecord:
    """What is recorded of a task's pull request so far."""

    merged_at: datetime | None = None
    closed_at: datetime | None = None
    """Without a merge."""
    reverted: bool = False
    without: bool = False
    """The run ended and there is no pull request."""
    superseded: bool = False
    """A newer run of the same issue had begun when it was closed."""
    cancelled: bool = False
    """A person stopped the run before it was done."""


def fate_of(record: LateRecord, assigned_at: datetime, *, late: timedelta, held: timedelta, now: datetime) -> Fate:
    """The label as of `now`; any but `open` is final.

    `late`: in which, from the assignment, it has to be merged or closed. `held`: in which a merge may be reverted.
    """
    limit = assigned_at + late
    decided_at = record.merged_at or record.closed_at
    if record.cancelled:
        return "set_aside"
    if decided_at is None:
        if record.without:
            return "nothing"
        # A merge just before the limit has its time to hold too, and whoever did not look for a while still sees it
        return "open" if now < limit + held + SEEN else "lost"
    if decided_at > limit:
        return "lost"
    if record.merged_at is None:
        return "set_aside" if record.superseded else "rejected"
    if record.reverted:
        return "rejected"
    return "accepted" if now >= record.merged_at + held + SEEN else "open"
