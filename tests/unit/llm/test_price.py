"""What requests cost, and that an unknown price is no price."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.access import Access
from bot.llm.ask import open_model
from bot.llm.errors import MissingKey, PriceUnknown
from bot.llm.price import FREE, TokenUsage, cost_of, price_of
from bot.llm.spec import AnthropicSpec, OpenAISpec, ScriptSpec, parse_spec
from bot.model.conversation import Price
from bot.model.ids import MicroDollars

HAIKU = AnthropicSpec("claude-haiku-4-5")
MINI = OpenAISpec("gpt-4o-mini")


def test_listed_prices() -> None:
    # Writing to the cache is the dearest input at Anthropic; at OpenAI it costs nothing more.
    assert price_of(HAIKU) == Price(MicroDollars(1_250_000), MicroDollars(5_000_000))
    assert price_of(MINI) == Price(MicroDollars(150_000), MicroDollars(600_000))
    assert price_of(parse_spec("script:x")) == FREE


def test_a_stated_price_counts_every_input_token_alike() -> None:
    stated = Price(MicroDollars(2_000_000), MicroDollars(3_000_000))
    assert cost_of(HAIKU, TokenUsage(1000, 900, 50, 10), stated) == 2030
    assert cost_of(OpenAISpec("unheard-of"), TokenUsage(1, 0, 0, 0), stated) == 2


def test_fractions_are_rounded_up() -> None:
    assert cost_of(MINI, TokenUsage(1, 0, 0, 0), None) == 1
    assert cost_of(MINI, TokenUsage(0, 0, 0, 0), None) == 0


def test_a_script_costs_nothing() -> None:
    spec = parse_spec("script:x")
    assert isinstance(spec, ScriptSpec)
    assert cost_of(spec, TokenUsage(10**6, 0, 0, 10**6), None) == 0


@given(st.sampled_from([HAIKU, MINI]), st.lists(st.integers(0, 20_000), min_size=3, max_size=3), st.integers(0, 9_000))
def test_no_request_costs_more_than_was_reserved(
    spec: AnthropicSpec | OpenAISpec, inputs: list[int], output: int
) -> None:
    fresh, read, written = inputs
    usage = TokenUsage(fresh + read + written, read, written, output)
    assert cost_of(spec, usage, None) <= price_of(spec).cost(usage.input_tokens, usage.output_tokens)


def test_an_unknown_price_stops_before_anything_is_asked() -> None:
    with pytest.raises(PriceUnknown, match="unheard-of"):
        open_model(OpenAISpec("unheard-of"), Access("sk-x"))
    open_model(OpenAISpec("unheard-of"), Access("sk-x"), FREE)


def test_a_missing_key_stops_before_anything_is_asked() -> None:
    with pytest.raises(MissingKey, match="OPENAI_API_KEY"):
        open_model(MINI, Access())
    with pytest.raises(MissingKey, match="ANTHROPIC_API_KEY"):
        open_model(HAIKU, Access(""))
    open_model(MINI, Access(base_url="http://127.0.0.1:8080/v1"))


def test_a_key_is_not_shown() -> None:
    assert "sk-secret" not in repr(Access("sk-secret"))
