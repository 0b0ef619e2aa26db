"""What can go wrong with the file of counts; a damaged one is none of it, because it is built again."""

from bot.model.errors import Retryable


class CountsInUse(Retryable):
    """Another process writes to the file of counts."""

    def __init__(self, path: str) -> None:
        super().__init__(f"the counts in {path!r} are being written by another process; try again when it has ended")
