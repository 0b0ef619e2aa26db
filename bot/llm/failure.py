"""From a provider's failure to one of our errors."""

from datetime import timedelta

from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelRequestTimeout,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
)

from bot.llm.errors import (
    BadRequest,
    ConnectionLost,
    CreditExhausted,
    KeyRefused,
    ModelTimedOut,
    Overloaded,
    RateLimited,
    RequestTooLong,
    UnknownModel,
    UnreadableAnswer,
)
from bot.model.errors import RmoError

_MAX_WORDS = 300


def failure_of(error: ModelAPIError, *, secret: str) -> RmoError:
    """The error to raise; what the provider said is in it, without the key, unless it speaks of the key."""
    name, words = error.model_name, _words(error, secret)
    after = timedelta(seconds=error.retry_after) if error.retry_after is not None else None
    match error:
        case ModelQuotaExceededError():
            return CreditExhausted(f"the account that pays for {name!r} is exhausted; top it up ({words})")
        case ModelRateLimitError():
            return RateLimited(f"{name!r} wants fewer requests ({words})", after=after)
        case ModelUnavailableError() | ModelServerError():
            return Overloaded(f"{name!r} is in trouble or too busy ({words})", after=after)
        case ModelRequestTimeout() | ModelTimeoutError():
            return ModelTimedOut(f"{name!r} did not answer in time", after=after)
        case ModelConnectionError():
            return ConnectionLost(f"the connection to {name!r} failed ({words})", after=after)
        case ModelAuthenticationError():
            return KeyRefused(f"the provider of {name!r} refuses the API key; check that it is valid for this model")
        case ModelNotFoundError():
            return UnknownModel(f"the provider knows no model {name!r}; check its name and the base URL ({words})")
        case ModelContextWindowExceededError():
            return RequestTooLong(f"the request is longer than {name!r} can read ({words})")
        case ModelRequestRejectedError():
            return BadRequest(f"{name!r} refuses the request ({words})")
        case ModelHTTPError() if error.status_code in {408, 409, 425} or error.status_code >= 500:
            return Overloaded(f"{name!r} answered with status {error.status_code} ({words})", after=after)
        case _ if isinstance(error.__cause__, ValueError):
            # The SDK could not decode what came, so it was cut off or is no answer of this interface.
            return UnreadableAnswer(f"{name!r} answered with something else than an answer ({words})")
        case _:
            return BadRequest(f"{name!r} failed ({words}); check the base URL")


def printable(text: str) -> str:
    """A provider's words as part of one line, cut after 300 characters."""
    line = " ".join(text.split())
    return "".join(letter if letter.isprintable() else " " for letter in line)[:_MAX_WORDS] or "no reason given"


def _words(error: ModelAPIError, secret: str) -> str:
    said: object = error.body if error.body is not None else error.message
    return printable(str(said).replace(secret, "[key]") if secret else str(said))
