"""How long we have waited for GitHub, kept apart from what we did ourselves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waited:
    """Waiting so far; subtract an earlier reading to get what a group of calls cost."""

    requests: int = 0
    http_seconds: float = 0.0
    """From sending requests to having their answers."""
    pacing_seconds: float = 0.0
    """Pauses that GitHub asks for between writes."""

    @property
    def seconds(self) -> float:
        return self.http_seconds + self.pacing_seconds

    def __sub__(self, earlier: "Waited") -> "Waited":
        return Waited(
            self.requests - earlier.requests,
            self.http_seconds - earlier.http_seconds,
            self.pacing_seconds - earlier.pacing_seconds,
        )


class Meter:
    """Adds waiting up; one a client."""

    def __init__(self) -> None:
        self._waited = Waited()

    @property
    def waited(self) -> Waited:
        return self._waited

    def add_request(self, seconds: float) -> None:
        was = self._waited
        self._waited = Waited(was.requests + 1, was.http_seconds + seconds, was.pacing_seconds)

    def add_pacing(self, seconds: float) -> None:
        was = self._waited
        self._waited = Waited(was.requests, was.http_seconds, was.pacing_seconds + seconds)
