"""A request to a model behind Anthropic's Messages interface: https://docs.anthropic.com/en/api/messages"""

from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient
from pydantic_ai.models.anthropic import AnthropicModel, AnthropicModelSettings
from pydantic_ai.providers.anthropic import AnthropicProvider

from bot.llm.access import Access
from bot.llm.sending import NO_KEY, opened, send
from bot.llm.transcript import Reply
from bot.model.conversation import ModelRequest

_URL = "https://api.anthropic.com"


async def exchange(name: str, access: Access, request: ModelRequest) -> Reply:
    """Send the request once and read the answer.

    Raises the errors of `bot.llm.errors`.
    """
    settings = AnthropicModelSettings(
        # Our messages have no place for thoughts, and a provider whose model thinks wants them back.
        thinking=False,
        # System rules and tools are the same in every request of an agent. What follows is sent again only where
        # the model is in a loop of several tools; elsewhere writing it to the cache would cost and never pay.
        anthropic_cache_instructions=True,
        anthropic_cache_tool_definitions=True,
        anthropic_cache_messages=len(request.tools) > 1,
    )
    async with (
        DefaultAsyncHttpxClient(follow_redirects=False, **opened(access)) as http,
        AsyncAnthropic(
            api_key=access.api_key or NO_KEY,
            base_url=access.base_url or _URL,
            timeout=access.timeout.total_seconds(),
            max_retries=0,
            http_client=http,
        ) as client,
    ):
        model = AnthropicModel(name, provider=AnthropicProvider(anthropic_client=client))
        return await send(model, settings, access, request)
