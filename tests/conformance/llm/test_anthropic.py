"""The real Anthropic SDK against a server on loopback that speaks the Messages interface."""

import json
from datetime import timedelta

import pytest

from bot.llm.access import Access
from bot.llm.ask import open_model
from bot.llm.errors import (
    BadRequest,
    ConnectionLost,
    CreditExhausted,
    KeyRefused,
    Overloaded,
    RateLimited,
    RequestTooLong,
    UnknownModel,
)
from bot.llm.spec import AnthropicSpec
from bot.model.conversation import ModelAnswer, ModelRequest, ToolCall
from bot.model.errors import Final, NeedsHuman, Retryable, RmoError
from tests.conformance.llm.conversations import LONG_TALK, request
from tests.conformance.llm.provider import Canned, Json, Provider, anthropic_error, message

KEY = "sk-ant-for-the-tests-alone"
MODEL = AnthropicSpec("claude-haiku-4-5")


async def ask(provider: Provider, what: ModelRequest, spec: AnthropicSpec = MODEL) -> ModelAnswer:
    return await open_model(spec, Access(KEY, provider.url))(what)


async def test_a_request_goes_out_whole_and_its_answer_comes_back(provider: Provider) -> None:
    provider.answers = [message([("plan", {"path": "é.py", "deep": {"n": 1}})], text="Here.")]
    answer = await ask(provider, request("plan"))
    assert answer.calls == (ToolCall("plan", '{"path":"é.py","deep":{"n":1}}'),)
    assert (answer.text, answer.finish, answer.input_tokens, answer.output_tokens) == ("Here.", "stop", 1000, 100)
    # 1000 tokens at $1 and 100 at $5 a million.
    assert answer.cost == 1000 + 500
    sent = provider.received[0]
    assert sent.path == "/v1/messages"
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert (sent.body["model"], sent.body["max_tokens"], sent.body["tool_choice"]["type"]) == (
        "claude-haiku-4-5",
        500,
        "any",
    )
    assert sent.body["tools"][0]["input_schema"] == json.loads(request("plan").tools[0].schema)


async def test_a_long_talk_keeps_its_order_and_every_call_is_answered(provider: Provider) -> None:
    provider.answers = [message([("read", {}), ("edit", {})])]
    answer = await ask(provider, request("read", "edit", messages=LONG_TALK))
    assert answer.calls == (ToolCall("read", "{}"), ToolCall("edit", "{}"))
    turns = [
        (turn["role"], [(block["type"], block.get("tool_use_id") or block.get("id")) for block in turn["content"]])
        for turn in provider.received[0].body["messages"]
    ]
    assert turns == [
        ("user", [("text", None)]),
        ("assistant", [("text", None), ("tool_use", "call_1_0"), ("tool_use", "call_1_1")]),
        ("user", [("tool_result", "call_1_0"), ("tool_result", "call_1_1")]),
        ("assistant", [("text", None)]),
        ("user", [("text", None)]),
        ("assistant", [("tool_use", "call_5_0")]),
        ("user", [("tool_result", "call_5_0"), ("text", None)]),
    ]


async def test_what_is_sent_again_is_marked_for_the_cache(provider: Provider) -> None:
    provider.answers = [message([("read", {})])]
    await ask(provider, request("read", "edit", messages=LONG_TALK))
    await ask(provider, request("plan"))
    looping, single = (sent.body for sent in provider.received)
    for body in (looping, single):
        assert body["system"][-1]["cache_control"]["type"] == "ephemeral"
        assert body["tools"][-1]["cache_control"]["type"] == "ephemeral"
    assert "cache_control" in looping["messages"][-1]["content"][-1]
    assert "cache_control" not in json.dumps(single["messages"])


async def test_reading_and_writing_the_cache_has_its_own_price(provider: Provider) -> None:
    usage: Json = {
        "input_tokens": 100,
        "cache_creation_input_tokens": 400,
        "cache_read_input_tokens": 500,
        "output_tokens": 100,
    }
    provider.answers = [message([("plan", {})], usage=usage)]
    answer = await ask(provider, request("plan"))
    assert answer.input_tokens == 1000
    assert answer.cost == 100 * 1 + 400 * 1.25 + 500 * 0.1 + 100 * 5


@pytest.mark.parametrize("name", ["claude-opus-5", "claude-fable-5-1", "claude-sonnet-5-5"])
async def test_models_that_think_are_asked_not_to(provider: Provider, name: str) -> None:
    provider.answers = [message([("read", {})])]
    answer = await ask(provider, request("read", "edit", messages=LONG_TALK), AnthropicSpec(name))
    assert answer.calls == (ToolCall("read", "{}"),)
    assert provider.received[0].body["tool_choice"]["type"] in {"any", "auto"}


@pytest.mark.parametrize(
    ("stop", "finish"), [("max_tokens", "length"), ("refusal", "refusal"), ("end_turn", "stop"), ("tool_use", "stop")]
)
async def test_how_an_answer_ended_is_kept(provider: Provider, stop: str, finish: str) -> None:
    provider.answers = [message([], text="So far", stop=stop)]
    answer = await ask(provider, request("plan"))
    assert (answer.calls, answer.text, answer.finish) == ((), "So far", finish)


@pytest.mark.parametrize(
    ("canned", "error", "kind"),
    [
        (anthropic_error(529, "overloaded_error", "Overloaded"), Overloaded, Retryable),
        (anthropic_error(500, "api_error", "Internal server error"), Overloaded, Retryable),
        (anthropic_error(429, "rate_limit_error", "Slow down", retry_after="17"), RateLimited, Retryable),
        (anthropic_error(401, "authentication_error", f"invalid x-api-key {KEY}"), KeyRefused, NeedsHuman),
        (anthropic_error(404, "not_found_error", "model: claude-nothing"), UnknownModel, NeedsHuman),
        (
            anthropic_error(400, "invalid_request_error", "Your credit balance is too low to access the API."),
            CreditExhausted,
            NeedsHuman,
        ),
        (
            anthropic_error(400, "invalid_request_error", "prompt is too long: 300000 tokens > 200000 maximum"),
            RequestTooLong,
            Final,
        ),
        (anthropic_error(400, "invalid_request_error", "tools.0: bad"), BadRequest, Final),
        (Canned(b'{"id": "msg_1", "type": "mess', broken_off=True), ConnectionLost, Retryable),
    ],
)
async def test_each_failure_is_sorted_by_who_can_act_and_tried_once(
    provider: Provider, canned: Canned, error: type[RmoError], kind: type[RmoError]
) -> None:
    provider.answers = [canned]
    with pytest.raises(kind) as raised:
        await ask(provider, request("plan"))
    assert type(raised.value) is error
    assert len(provider.received) == 1
    assert KEY not in str(raised.value)
    if isinstance(raised.value, RateLimited):
        assert raised.value.after == timedelta(seconds=17)
