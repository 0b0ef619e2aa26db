"""Why a server is not spoken to."""

from bot.model.errors import NeedsHuman, Retryable


class BadUrl(NeedsHuman):
    """A setting names a server in a form that is not taken."""


class BadNetwork(NeedsHuman):
    """A proxy or a certificate of the settings can't be used."""


class Unreachable(Retryable):
    """The name of a server leads nowhere, or at present to where nothing of ours may be sent."""
