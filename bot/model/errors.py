"""What can go wrong, sorted by who can act on it.

`Retryable`: the same call may succeed later; the job that made it owns the retry.
`Final`: repeating it cannot help; the run ends with this as its reason.
`NeedsHuman`: a person has to do something first, and the message says what.
"""

from datetime import timedelta


class RmoError(Exception):
    """Every error that this program raises on purpose; its text is one line: what happened and what to do next."""


class Retryable(RmoError):
    """The same call may succeed later."""

    def __init__(self, message: str, *, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after
        """How long to wait at least; None leaves it to the caller's own backoff."""


class Final(RmoError):
    """Repeating the call cannot help."""


class NeedsHuman(RmoError):
    """A person has to act before this can go on."""
