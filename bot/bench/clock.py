"""The bench's clock: it runs as all clocks do, and is put forward where a day has to pass between two batches."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Clock:
    """Never goes back."""

    real: Callable[[], datetime] = _now
    _ahead: timedelta = field(default=timedelta())

    def now(self) -> datetime:
        return self.real() + self._ahead

    def pass_time(self, time: timedelta) -> None:
        """Put it forward. Nothing may be under way that has a deadline."""
        if time < timedelta():
            raise ValueError(f"time does not go back by {-time!r}")
        self._ahead += time
