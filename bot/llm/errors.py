"""What can go wrong between us and a language model, sorted by who can act on it."""

from bot.model.errors import Final, NeedsHuman, Retryable


class Overloaded(Retryable):
    """The provider is in trouble or too busy; nothing is wrong with the request."""


class RateLimited(Retryable):
    """The provider wants us to slow down."""


class ModelTimedOut(Retryable):
    """The provider did not answer in time."""


class ConnectionLost(Retryable):
    """The provider could not be reached, or broke off."""


class UnreadableAnswer(Retryable):
    """The provider answered with something that is no answer of its own interface."""


class BadRequest(Final):
    """The provider refuses this very request; sending it again cannot help."""


class RequestTooLong(Final):
    """The request is longer than the model can read."""


class MissingKey(NeedsHuman):
    """No API key was given for this provider."""


class KeyRefused(NeedsHuman):
    """The provider does not accept the API key, or not for this model."""


class CreditExhausted(NeedsHuman):
    """The account at the provider has no credit or quota left."""


class UnknownModel(NeedsHuman):
    """The provider knows no model of that name."""


class UnknownSpec(NeedsHuman):
    """The text names no model in any form that this program knows."""


class PriceUnknown(NeedsHuman):
    """Nobody knows what the model costs, so no budget could be kept."""


class ScriptError(NeedsHuman):
    """A file of scripted replies cannot be read."""


class ScriptExhausted(NeedsHuman):
    """A run asked for more replies than its script holds."""
