"""What can go wrong between us and git, sorted by who can act on it."""

from bot.model.errors import Final, NeedsHuman, Retryable


class GitMissing(NeedsHuman):
    """git is not installed where this program can find it."""


class GitTimedOut(Retryable):
    """git did not finish in time and was ended with everything it had started."""


class RemoteUnreachable(Retryable):
    """The server could not be reached, broke off or answered that it is in trouble."""


class AccessRefused(Final):
    """The server knows us and says no; only another token or permission helps."""


class RepositoryGone(Final):
    """The server knows no such repository, or hides it from us."""


class MissingCommit(Final):
    """The server or the cache has no such ref or commit."""


class TooLarge(Final):
    """A repository, tree or file is beyond what this program handles."""


class HostileObjects(Final):
    """The server sent objects that git's own check calls malformed."""


class BadName(Final):
    """A URL, ref, commit or path that git must never be given."""


class GitFailed(Final):
    """git failed in a way that this program does not know."""


class NotARepository(NeedsHuman):
    """The directory is no git repository with a work tree, or not its top."""


class EmptyRepository(NeedsHuman):
    """The repository has no commit to start from."""


class ForeignOwner(NeedsHuman):
    """The repository belongs to another user; git refuses to read its configuration."""


class UnsupportedFormat(NeedsHuman):
    """The repository names its objects otherwise than by SHA-1."""


class RefTaken(NeedsHuman):
    """A ref of that name exists already and holds something else."""
