"""What can be wrong with data: it is not there, or it does not say what it must. Either way a person has to mend it."""

from bot.model.errors import NeedsHuman


class DataMissing(NeedsHuman):
    """A directory or file of the catalogue was not found."""


class DataInvalid(NeedsHuman):
    """A file of the catalogue, or a repository's configuration, breaks its rules."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where} has to be corrected: {' '.join(problem.split())}")
        self.where = where
