"""Opening a model: from its name in the settings to something that answers requests.

Whatever a human has to mend is said when a model is opened, before a run has begun: a missing key, an unknown
price, a broken script.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, assert_never

from bot.llm.access import Access
from bot.llm.errors import MissingKey
from bot.llm.price import cost_of, price_of
from bot.llm.script import load_script
from bot.llm.spec import AnthropicSpec, ModelSpec, OpenAISpec, ScriptSpec
from bot.model.conversation import ModelAnswer, ModelRequest, Price

if TYPE_CHECKING:
    from bot.llm.transcript import Reply

Ask = Callable[[ModelRequest], Awaitable[ModelAnswer]]
"""Send a request once. Raises the errors of `bot.llm.errors`; who asked owns the retries."""


def open_model(spec: ModelSpec, access: Access, price: Price | None = None) -> Ask:
    """What answers requests with this model; `price`, where given, wins over the listed one.

    Makes no request. Raises MissingKey, PriceUnknown, ScriptError.
    """
    match spec:
        case ScriptSpec(path):
            return load_script(path).answer
        case AnthropicSpec() | OpenAISpec():
            if not access.api_key and access.base_url is None:
                variable = "ANTHROPIC_API_KEY" if isinstance(spec, AnthropicSpec) else "OPENAI_API_KEY"
                raise MissingKey(f"the model {spec.name!r} needs an API key; set {variable}")
            if price is None:
                price_of(spec)
            return _hosted(spec, access, price)
        case _:
            assert_never(spec)


def _hosted(spec: AnthropicSpec | OpenAISpec, access: Access, price: Price | None) -> Ask:
    async def ask(request: ModelRequest) -> ModelAnswer:
        exchange = await asyncio.to_thread(load_exchange, spec)
        started = time.monotonic()
        reply = await exchange(spec.name, access, request)
        return ModelAnswer(
            calls=reply.calls,
            text=reply.text,
            finish=reply.finish,
            input_tokens=reply.usage.input_tokens,
            output_tokens=reply.usage.output_tokens,
            cost=cost_of(spec, reply.usage, price),
            seconds=time.monotonic() - started,
        )

    return ask


def load_exchange(
    spec: AnthropicSpec | OpenAISpec,
) -> "Callable[[str, Access, ModelRequest], Coroutine[Any, Any, Reply]]":
    """What talks to the provider; loading its SDK takes seconds, so call it in a thread before it is needed."""
    match spec:
        case AnthropicSpec():
            from bot.llm.anthropic_model import exchange
        case OpenAISpec():
            from bot.llm.openai_model import exchange
    return exchange
