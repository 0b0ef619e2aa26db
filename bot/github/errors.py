"""What can go wrong between us and GitHub, sorted by what its caller may do about it."""

from datetime import timedelta

from bot.model.errors import Final, NeedsHuman, Retryable


class Unavailable(Retryable):
    """GitHub did not answer, or answered with a fault of its own, and nothing was changed."""


class OutcomeUnknown(Retryable):
    """A write was sent and its answer is lost: look its natural key up before you repeat it."""


class RateLimited(Retryable):
    """GitHub asks this installation to wait; every call before `after` is refused here, without asking."""

    def __init__(self, message: str, *, after: timedelta) -> None:
        super().__init__(message, after=after)


class Suspended(Retryable):
    """The account suspended the App's installation: nothing of it can be read or written until that ends."""


class NotFound(Final):
    """What was asked for does not exist, has expired, or is not shown to us."""


class Refused(Final):
    """GitHub understood the request and will not do it."""

    def __init__(self, message: str, *, status: int, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.reasons = reasons
        """GitHub's own words, one a remark."""

    def says(self, words: str) -> bool:
        """Whether one of GitHub's remarks holds these words, in any case."""
        return any(words.casefold() in reason.casefold() for reason in self.reasons)


class Unreadable(Final):
    """GitHub's answer lacks what we need of it."""


class TooLarge(Final):
    """There is more of it than we take."""


class NotPermitted(NeedsHuman):
    """The App may not do this: its key, its installation or its permissions have to be mended."""


class Moved(NeedsHuman):
    """The repository was renamed or transferred; nothing is written until a person has looked."""


class Archived(NeedsHuman):
    """The repository is archived: it can be read, and nothing can be written to it."""


class HeadMoved(NeedsHuman):
    """A ref is not where we left it: somebody else pushed, and their work is never overwritten."""
