"""What a request costs, in whole micro-dollars.

Prices come from genai-prices, which ships a dated list; a model that it does not know is refused before any
request is made, because a budget over an unknown price is no budget. A price that the operator states wins.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from bot.llm.errors import PriceUnknown
from bot.llm.spec import AnthropicSpec, ModelSpec, OpenAISpec, ScriptSpec
from bot.model.conversation import Price
from bot.model.ids import MicroDollars

FREE = Price(MicroDollars(0), MicroDollars(0))
_SAMPLE = 100_000
"""Tokens that the listed price is read at: below every step of the tiered prices, far above rounding."""


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """What one request used."""

    input_tokens: int
    """All input, cached or not."""
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int
    """All output, reasoning included."""


def price_of(spec: ModelSpec) -> Price:
    """The listed price of a model, for reserving a budget before a request; free for a script.

    Input counts as if all of it were written to the provider's cache where that is dearer, so that the real cost,
    which `cost_of` says afterwards, stays below what was reserved. Raises PriceUnknown.
    """
    if isinstance(spec, ScriptSpec):
        return FREE
    fresh = _listed(spec, TokenUsage(_SAMPLE, 0, 0, 0))
    cached = _listed(spec, TokenUsage(_SAMPLE, 0, _SAMPLE, 0))
    output = _listed(spec, TokenUsage(0, 0, 0, _SAMPLE))
    scale = Decimal(1_000_000) / _SAMPLE
    return Price(_micro_dollars(max(fresh, cached) * scale), _micro_dollars(output * scale))


def cost_of(spec: ModelSpec, usage: TokenUsage, stated: Price | None) -> MicroDollars:
    """What a request cost: at the stated price, which knows no cache, or else as listed, cache included.

    Rounded up. Raises PriceUnknown.
    """
    if stated is not None:
        return stated.cost(usage.input_tokens, usage.output_tokens)
    if isinstance(spec, ScriptSpec):
        return MicroDollars(0)
    return _micro_dollars(_listed(spec, usage))


def _listed(spec: AnthropicSpec | OpenAISpec, usage: TokenUsage) -> Decimal:
    """US dollars."""
    from genai_prices import Usage, calc_price

    provider = "anthropic" if isinstance(spec, AnthropicSpec) else "openai"
    counted = Usage(
        input_tokens=usage.input_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_tokens=usage.output_tokens,
    )
    try:
        return calc_price(counted, spec.name, provider_id=provider).total_price
    except LookupError as error:
        raise PriceUnknown(
            f"no price is known for {provider}:{spec.name!r}; state what a million input and output tokens cost"
        ) from error


def _micro_dollars(dollars: Decimal) -> MicroDollars:
    return MicroDollars(int((dollars * 1_000_000).to_integral_value(ROUND_CEILING)))
