"""The pace of one installation's requests: writes are spaced and counted, and a limit that was met is kept.

GitHub asks for a second between writes and allows 80 content-creating requests a minute and 500 an hour; who ignores
that is limited, and in the end banned (GitHub docs: "Best practices for using the REST API", "Rate limits for the
REST API"). No client library does it for us. Places are *reserved* rather than waited for under a lock, so that
several workers and event loops can share one pace; a wait too long for a worker to sit out is given back to the job.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.github.errors import RateLimited

LONGEST_WAIT = 60.0
"""Seconds; a longer one is the job's to wait, not the worker's."""
LONGEST_DOUBLED = timedelta(minutes=15)
"""A wait that we make longer than GitHub asked for; one that it asks for itself may be any length."""


@dataclass(frozen=True, slots=True)
class WriteLimits:
    """How writes are spaced; a count of None does not limit."""

    pause: timedelta
    a_minute: int | None = None
    an_hour: int | None = None
    settles: timedelta = timedelta()
    """How long a write may stay invisible to reads: after a lost answer nobody can say sooner whether it happened."""


GITHUB_LIMITS = WriteLimits(timedelta(seconds=1), 80, 500, timedelta(seconds=10))
NO_LIMITS = WriteLimits(timedelta())
"""For a GitHub that limits nothing: one on loopback, or a GitHub Enterprise Server with its default."""


class Pace:
    """Shared by all clients of one installation; safe between threads."""

    def __init__(self, limits: WriteLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        """Monotonic seconds."""
        self._lock = threading.Lock()
        self._writes: deque[float] = deque()
        """When each write of the last hour began or will begin, oldest first."""
        self._closed_until = float("-inf")
        self._limited = 0
        """How many limits were met one after the other, with nothing answered in between."""

    @property
    def settles(self) -> timedelta:
        return self._limits.settles

    def admit(self) -> None:
        """Raise `RateLimited` while a limit that GitHub told us of lasts."""
        left = self._closed_until - self._clock()
        if left > 0:
            raise RateLimited(
                f"GitHub asked this installation to wait; {left:.0f} s are left", after=timedelta(seconds=left)
            )

    def close(self, wait: timedelta) -> timedelta:
        """Refuse everything for `wait` from now, a longer wait told earlier stays; how long that is.

        A limit that is met again as soon as the last one is over doubles the wait, up to `LONGEST_DOUBLED`: GitHub
        asks for that (GitHub docs: "Rate limits for the REST API"). Requests that were under way together meet one
        limit.
        """
        with self._lock:
            now = self._clock()
            if self._closed_until <= now:
                doubled = min(wait * 2 ** min(self._limited, 16), LONGEST_DOUBLED)
                self._limited += 1
                wait = max(wait, doubled)
            self._closed_until = max(self._closed_until, now + wait.total_seconds())
            return timedelta(seconds=self._closed_until - now)

    def answered(self) -> None:
        """GitHub has answered a request: the next limit is a first one."""
        self._limited = 0

    def reserve(self) -> float:
        """Take the next place for a write; the seconds to wait for it.

        Raises `RateLimited`, and takes no place, when that is longer than `LONGEST_WAIT`.
        """
        with self._lock:
            now = self._clock()
            while self._writes and self._writes[0] <= now - 3600:
                self._writes.popleft()
            start = max(now, *self._earliest())
            if start - now > LONGEST_WAIT:
                raise RateLimited(
                    f"{len(self._writes)} writes in the last hour: the next may begin in {start - now:.0f} s",
                    after=timedelta(seconds=start - now),
                )
            self._writes.append(start)
            return start - now

    def _earliest(self) -> list[float]:
        """For each limit, the earliest that it lets the next write begin."""
        if not self._writes:
            return [float("-inf")]
        earliest = [self._writes[-1] + self._limits.pause.total_seconds()]
        for count, window in ((self._limits.a_minute, 60.0), (self._limits.an_hour, 3600.0)):
            if count is not None and len(self._writes) >= count:
                earliest.append(self._writes[-count] + window)
        return earliest
