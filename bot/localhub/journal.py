"""An append-only record of every request, so that a test can say what was done on GitHub, by whom, in which order."""

from dataclasses import asdict, dataclass
from datetime import datetime

READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A request that was answered, or whose answer was lost on purpose."""

    sequence: int
    at: datetime
    method: str
    path: str
    """Without the `/api/v3` prefix and the query."""
    actor: str
    """Login of the user or of the App's bot; empty for an anonymous caller."""
    status: int
    summary: str
    """What it did, in a few words; empty for a read or a refusal."""


class Journal:
    """The record, in memory."""

    def __init__(self) -> None:
        self._requests: list[JournalEntry] = []

    def record(self, at: datetime, method: str, path: str, actor: str, status: int, summary: str) -> None:
        sequence = len(self._requests) + 1
        self._requests.append(JournalEntry(sequence, at, method, path, actor, status, summary))

    @property
    def requests(self) -> tuple[JournalEntry, ...]:
        """Every request, reads and refusals among them, oldest first."""
        return tuple(self._requests)

    @property
    def entries(self) -> tuple[JournalEntry, ...]:
        """The requests that changed something, oldest first."""
        return tuple(entry for entry in self._requests if entry.method not in READS and entry.status < 400)

    def as_json(self, entries: tuple[JournalEntry, ...]) -> list[dict[str, object]]:
        """Entries as `GET /_localhub/journal` gives them; times in ISO 8601."""
        return [{**asdict(entry), "at": entry.at.isoformat()} for entry in entries]
