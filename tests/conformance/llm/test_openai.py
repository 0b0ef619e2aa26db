"""The real OpenAI SDK against a server on loopback that speaks Chat Completions."""

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
    ModelTimedOut,
    Overloaded,
    RateLimited,
    RequestTooLong,
    UnknownModel,
    UnreadableAnswer,
)
from bot.llm.spec import OpenAISpec
from bot.model.conversation import ModelAnswer, ModelRequest, Price, ToolCall
from bot.model.errors import Final, NeedsHuman, Retryable, RmoError
from bot.model.ids import MicroDollars
from tests.conformance.llm.conversations import LONG_TALK, request
from tests.conformance.llm.provider import Canned, Provider, chat_completion, openai_error

KEY = "sk-for-the-tests-alone"
MODEL = OpenAISpec("gpt-4o-mini")


async def ask(provider: Provider, what: ModelRequest, spec: OpenAISpec = MODEL) -> ModelAnswer:
    return await open_model(spec, Access(KEY, provider.url + "/v1"))(what)


async def test_a_request_goes_out_whole_and_its_answer_comes_back(provider: Provider) -> None:
    provider.answers = [chat_completion([("plan", '{"path": "a.py"}')])]
    answer = await ask(provider, request("plan"))
    assert answer.calls == (ToolCall("plan", '{"path": "a.py"}'),)
    assert (answer.text, answer.finish, answer.input_tokens, answer.output_tokens) == ("", "stop", 1000, 100)
    # 1000 tokens at $0.15 and 100 at $0.60 a million.
    assert answer.cost == 150 + 60
    sent = provider.received[0]
    assert sent.path == "/v1/chat/completions"
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.body["messages"] == [
        {"role": "system", "content": "Be exact."},
        {"role": "user", "content": "Mend it."},
    ]
    assert (sent.body["model"], sent.body["max_completion_tokens"]) == ("gpt-4o-mini", 500)
    assert sent.body["tool_choice"] == "required"
    function = sent.body["tools"][0]["function"]
    assert (function["name"], function["description"]) == ("plan", "plan a file")
    assert function["parameters"] == json.loads(request("plan").tools[0].schema)


async def test_a_long_talk_keeps_its_order_and_every_call_is_answered(provider: Provider) -> None:
    provider.answers = [chat_completion([("read", "{}"), ("edit", "{}")], text="And so on.")]
    answer = await ask(provider, request("read", "edit", messages=LONG_TALK))
    assert answer.calls == (ToolCall("read", "{}"), ToolCall("edit", "{}"))
    assert answer.text == "And so on."
    sent = provider.received[0].body
    assert sent["tool_choice"] == "required"
    shapes = [(message["role"], message.get("tool_call_id"), message["content"]) for message in sent["messages"]]
    assert shapes == [
        ("system", None, "Be exact."),
        ("user", None, "Mend it."),
        ("assistant", None, "I look first."),
        ("tool", "call_1_0", "x = 1"),
        ("tool", "call_1_1", "not JSON"),
        ("assistant", None, "(no answer)"),
        ("user", None, "Call a tool."),
        ("assistant", None, None),
        ("tool", "call_5_0", "Not run."),
        ("user", None, "Stop there."),
    ]
    assert [call["id"] for call in sent["messages"][2]["tool_calls"]] == ["call_1_0", "call_1_1"]
    assert json.loads(sent["messages"][2]["tool_calls"][0]["function"]["arguments"]) == {"path": "a.py"}


async def test_the_same_request_is_the_same_bytes(provider: Provider) -> None:
    provider.answers = [chat_completion([("read", "{}")])]
    for _ in range(2):
        await ask(provider, request("read", "edit", messages=LONG_TALK))
    first, second = provider.received
    assert json.dumps(first.body) == json.dumps(second.body)


@pytest.mark.parametrize("arguments", ['{"path": "a', '{"path":"a","path":"b"}', "", "[1]", "not JSON \u2028 at all"])
async def test_arguments_come_back_as_they_were_written(provider: Provider, arguments: str) -> None:
    provider.answers = [chat_completion([("read", arguments)], finish="length")]
    answer = await ask(provider, request("read", "edit"))
    assert answer.calls == (ToolCall("read", arguments),)
    assert answer.finish == "length"


async def test_prose_instead_of_a_call_is_an_answer(provider: Provider) -> None:
    provider.answers = [chat_completion([], text='I would call read({"path": "a"}).', finish="stop")]
    answer = await ask(provider, request("read", "edit"))
    assert (answer.calls, answer.text, answer.finish) == ((), 'I would call read({"path": "a"}).', "stop")


@pytest.mark.parametrize(
    "canned",
    [
        chat_completion([], refusal="I cannot help with that.", finish="stop"),
        chat_completion([], text="", finish="content_filter"),
    ],
)
async def test_a_refusal_is_an_answer_and_is_paid_for(provider: Provider, canned: Canned) -> None:
    provider.answers = [canned]
    answer = await ask(provider, request("plan"))
    assert (answer.calls, answer.finish, answer.cost) == ((), "refusal", 210)


async def test_cached_input_costs_less(provider: Provider) -> None:
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        "total_tokens": 1100,
        "prompt_tokens_details": {"cached_tokens": 800},
    }
    provider.answers = [chat_completion([("plan", "{}")], usage=usage)]
    answer = await ask(provider, request("plan"))
    assert (answer.input_tokens, answer.cost) == (1000, 200 * 0.15 + 800 * 0.075 + 60)


async def test_a_stated_price_wins(provider: Provider) -> None:
    provider.answers = [chat_completion([("plan", "{}")])]
    price = Price(MicroDollars(1_000_000), MicroDollars(10_000_000))
    access = Access(None, provider.url + "/v1")
    answer = await open_model(OpenAISpec("a-model-of-our-own"), access, price)(request("plan"))
    assert answer.cost == 1000 + 1000


async def test_an_answer_that_is_not_counted_is_charged_at_its_most(provider: Provider) -> None:
    provider.answers = [chat_completion([("plan", "{}")], usage={})]
    answer = await ask(provider, request("plan"))
    assert answer.output_tokens == 500
    assert answer.input_tokens > 20
    assert answer.cost > 300


@pytest.mark.parametrize(
    ("canned", "error", "kind"),
    [
        (openai_error(429, "rate_limit_exceeded", "Slow down.", retry_after="17"), RateLimited, Retryable),
        (openai_error(429, "insufficient_quota", "You exceeded your quota."), CreditExhausted, NeedsHuman),
        (openai_error(500, None, "Boom."), Overloaded, Retryable),
        (openai_error(503, None, "Busy."), Overloaded, Retryable),
        (Canned(b"<html>Bad gateway</html>", 502, {"Content-Type": "text/html"}), Overloaded, Retryable),
        (openai_error(401, "invalid_api_key", f"Incorrect API key provided: {KEY}."), KeyRefused, NeedsHuman),
        (openai_error(403, None, "No."), KeyRefused, NeedsHuman),
        (openai_error(404, "model_not_found", "No such model."), UnknownModel, NeedsHuman),
        (openai_error(400, "context_length_exceeded", "Too many tokens."), RequestTooLong, Final),
        (openai_error(400, "invalid_function_parameters", f"Bad schema\nfor {KEY}"), BadRequest, Final),
        (Canned(b"", 307, {"Location": "http://127.0.0.1:9/elsewhere"}), BadRequest, Final),
        (Canned(b"not JSON at all"), UnreadableAnswer, Retryable),
        (Canned({"id": "x", "object": "chat.completion", "choices": []}), UnreadableAnswer, Retryable),
        (Canned(b'{"id": "x", "choi', broken_off=True), ConnectionLost, Retryable),
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
    text = str(raised.value)
    assert text.isprintable()
    assert KEY not in text
    if isinstance(raised.value, RateLimited):
        assert raised.value.after == timedelta(seconds=17)


async def test_a_server_that_is_not_there(provider: Provider) -> None:
    access = Access(KEY, "http://127.0.0.1:9/v1")
    with pytest.raises(ConnectionLost):
        await open_model(MODEL, access)(request("plan"))


async def test_an_answer_that_does_not_come_in_time(provider: Provider) -> None:
    provider.answers = [chat_completion([("plan", "{}")])]
    access = Access(KEY, provider.url + "/v1", timeout=timedelta(microseconds=1))
    with pytest.raises(ModelTimedOut):
        await open_model(MODEL, access)(request("plan"))
