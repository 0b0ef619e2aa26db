"""What can go wrong with the database."""

from bot.model.errors import NeedsHuman, Retryable, RmoError


class StoreUnavailable(Retryable):
    """The database is locked, restarting or out of reach."""


class DatabaseTooNew(NeedsHuman):
    """The database was written by a newer version of this program."""


class DatabaseUnusable(NeedsHuman):
    """The database can't be opened as it is configured."""


class Superseded(RmoError):
    """Another worker has recorded this step first; what it wrote counts."""


class GroupingRefused(NeedsHuman):
    """Fingerprints can't be merged or split as somebody asks."""


class FilterInvalid(NeedsHuman):
    """A question about failures that can't be answered as it is asked."""
