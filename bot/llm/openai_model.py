"""A request to a model behind OpenAI's Chat Completions interface, which many other servers speak, too.

https://platform.openai.com/docs/api-reference/chat
"""

from openai import AsyncOpenAI, DefaultAsyncHttpxClient
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings

from bot.llm.access import Access
from bot.llm.sending import NO_KEY, opened, send
from bot.llm.transcript import Reply
from bot.model.conversation import ModelRequest

_URL = "https://api.openai.com/v1"


async def exchange(name: str, access: Access, request: ModelRequest) -> Reply:
    """Send the request once and read the answer.

    Raises the errors of `bot.llm.errors`.
    """
    async with (
        DefaultAsyncHttpxClient(follow_redirects=False, **opened(access)) as http,
        AsyncOpenAI(
            api_key=access.api_key or NO_KEY,
            base_url=access.base_url or _URL,
            timeout=access.timeout.total_seconds(),
            max_retries=0,
            http_client=http,
        ) as client,
    ):
        model = OpenAIChatModel(name, provider=OpenAIProvider(openai_client=client))
        return await send(model, ModelSettings(), access, request)
