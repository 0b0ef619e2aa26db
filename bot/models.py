"""Which model the settings name, opened: whatever a person has to mend about it is said here, before any work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.config import Settings
from bot.llm import ask
from bot.llm.access import Access
from bot.llm.ask import Ask, open_model
from bot.llm.price import FREE, price_of
from bot.llm.script import Script, load_exchange, load_script
from bot.llm.spec import AnthropicSpec, OpenAISpec, ScriptSpec, parse_spec
from bot.model.conversation import Agent, ModelAnswer, ModelRequest, Price
from bot.model.errors import NeedsHuman
from bot.model.ids import MicroDollars
from bot.ways import way_to

if TYPE_CHECKING:
    import httpx2

ANTHROPIC = "https://api.anthropic.com"
OPENAI = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class OpenedModel:
    """A model that answers, with what it costs."""

    spec: str
    price: Price
    answer: Ask
    load: Callable[[], object]
    """Loads what the first request needs: it takes seconds that no run should wait for. Blocks."""
    script: Script | None = None

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        return await self.answer(request)

    def left_over(self, consumed: Mapping[Agent, int]) -> list[str]:
        lines = self.script.left_over(consumed) if self.script else ()
        return [f"line {line.line} of the script was never asked for ({line.agent})" for line in lines]


def open_configured_model(settings: Settings) -> OpenedModel:
    """The model that the settings name.

    Raises NeedsHuman for an unknown form, a missing key, an unknown price or a script that can't be read.
    """
    if not settings.model:
        raise NeedsHuman("no model is set; give --model anthropic:NAME, openai:NAME or script:FILE")
    spec = parse_spec(settings.model)
    price = _stated_price(settings.model_price)
    match spec:
        case AnthropicSpec():
            key, base_url, usual, setting = (
                settings.anthropic_api_key,
                settings.anthropic_base_url,
                ANTHROPIC,
                "ANTHROPIC_BASE_URL",
            )
        case OpenAISpec():
            key, base_url, usual, setting = settings.openai_api_key, settings.openai_base_url, OPENAI, "OPENAI_BASE_URL"
        case ScriptSpec(path=path):
            return scripted(settings.model, load_script(path))
    hosted = spec
    way = way_to(settings, base_url or usual, setting)

    def connect() -> "httpx2.AsyncBaseTransport":
        from bot.network.model_transport import ModelTransport  # slow: only once a request is made

        return ModelTransport(way)

    access = Access(key.get_secret_value() or None, base_url or None, connect=connect)
    answer = open_model(hosted, access, price)
    return OpenedModel(settings.model, price or price_of(hosted), answer, lambda: ask.load_exchange(hosted))


def scripted(name: str, script: Script) -> OpenedModel:
    """A script as a model: free, and always the same."""
    return OpenedModel(name, FREE, script.answer, load_exchange, script)


def _stated_price(text: str) -> Price | None:
    if not text:
        return None
    try:
        given, taken = (float(part) for part in text.split(","))
    except ValueError as error:
        raise NeedsHuman(f"{text!r} is no price; give INPUT,OUTPUT in US dollars a million tokens") from error
    return Price(MicroDollars(round(given * 1_000_000)), MicroDollars(round(taken * 1_000_000)))
