"""One request over one provider's SDK, its failures turned into ours.

Every request opens a connection of its own: setting one up is nothing beside the time that a model takes, and no
connection is then bound to an event loop or left open by a worker that is killed. The SDKs' own retries are off,
because the job that asked owns the retries and the budget for them. Redirects are not followed: the key is for the
configured server alone.
"""

from typing import Any

from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import ModelAPIError, UnexpectedModelBehavior
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from bot.llm.access import Access
from bot.llm.errors import UnreadableAnswer
from bot.llm.failure import failure_of, printable
from bot.llm.transcript import Reply, messages_of, parameters_of, reply_of
from bot.model.conversation import ModelRequest

NO_KEY = "none"
"""What a server that asks for no key is sent, since the SDKs insist on one."""


def opened(access: Access) -> dict[str, Any]:
    """What an SDK's own client is told of the way: nothing is as the environment says."""
    return {} if access.connect is None else {"transport": access.connect()}


async def send(model: Model, settings: ModelSettings, access: Access, request: ModelRequest) -> Reply:
    """Send the request once and read the answer.

    Raises the errors of `bot.llm.errors`.
    """
    limits = ModelSettings(
        max_tokens=request.max_output_tokens, request_timeout=access.timeout.total_seconds(), max_retries=0
    )
    try:
        response = await model_request(
            model,
            messages_of(request),
            model_settings={**settings, **limits},
            model_request_parameters=parameters_of(request),
            instrument=False,
        )
    except ModelAPIError as error:
        raise failure_of(error, secret=access.api_key or "") from error
    except UnexpectedModelBehavior as error:
        raise UnreadableAnswer(
            f"{model.model_name!r} answered with something else than an answer ({printable(error.message)})"
        ) from error
    return reply_of(response, request)
