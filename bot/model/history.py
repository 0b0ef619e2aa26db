"""Records of other systems: attempts at tasks that this program did not make, taken in so that history is not lost."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HistoricRecord:
    """One attempt of another system at one task; those that succeeded count too, because rates need denominators."""

    digest: str
    """Of the record's line: two records with the same one are equal."""
    source: str
    """Which system recorded it."""
    task: str
    model: str
    attempt: int
    passed: bool
    executed: bool
    """Whether the error was found by running the code again, and not read from a log of the other system."""
    duplicate: bool
    """The other system says that the same model made the same code for the same task before."""
    error_kind: str
    """What the other system calls the failure: an exception class, `WrongAnswer`, ...; empty where it passed."""
    error_text: str
    """What was recorded of the failure, cut; hostile text."""
    extras: Mapping[str, object]
    """Every other field of the record, as it stands there; of these only registered features are ever used."""
