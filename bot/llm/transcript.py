"""Between our conversation and pydantic-ai's: one mapping for every provider and for scripts alike.

Our own messages carry no call ids, because a run's journal should not hold a provider's; here each call gets one
from its place in the conversation, so the same request is always the same bytes and the provider's cache holds.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, assert_never, cast

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequestPart,
    ModelResponse,
    ModelResponsePart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.messages import ModelRequest as WireRequest
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.tools import ToolDefinition

from bot.llm.price import TokenUsage
from bot.model.conversation import Answered, Asked, Message, ModelRequest, Tool, ToolCall, ToolResults

Finish = Literal["stop", "length", "refusal"]
_NOT_RUN = "Not run."
_NOTHING_SAID = "(no answer)"
_BYTES_A_TOKEN = 3
"""Where a provider does not count, fewer bytes a token than any tokenizer needs on average: an upper estimate."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said, in our words."""

    calls: tuple[ToolCall, ...]
    text: str
    finish: Finish
    usage: TokenUsage


def parameters_of(request: ModelRequest) -> ModelRequestParameters:
    """The request's tools, at least one of which the model must call.

    Raises ValueError where a tool's schema is no JSON.
    """
    return ModelRequestParameters(function_tools=[_definition(tool) for tool in request.tools], allow_text_output=False)


def messages_of(request: ModelRequest) -> list[ModelMessage]:
    """The whole conversation, the system's rules first.

    Every call in it is answered: providers refuse one that is not, so a call that was never run says so. Raises
    ValueError where results do not fit the calls before them.
    """
    messages: list[ModelMessage] = []
    open_calls: tuple[ToolCallPart, ...] = ()
    for place, message in enumerate(request.messages):
        match message:
            case Answered():
                messages += _asking(request, _returns(open_calls, None))
                response = _response(message, place)
                open_calls = tuple(part for part in response.parts if isinstance(part, ToolCallPart))
                messages.append(response)
            case Asked(text):
                messages += _asking(request, [*_returns(open_calls, None), UserPromptPart(text)])
                open_calls = ()
            case ToolResults(texts):
                messages += _asking(request, _returns(open_calls, texts))
                open_calls = ()
            case _:
                assert_never(message)
    return messages + _asking(request, _returns(open_calls, None))


def reply_of(response: ModelResponse, request: ModelRequest) -> Reply:
    """What came back: calls with the arguments as the model wrote them, and all of its text.

    Where the provider did not say how many tokens it used, the most that it can have used is assumed.
    """
    calls = tuple(
        ToolCall(part.tool_name, _arguments(part.args)) for part in response.parts if isinstance(part, ToolCallPart)
    )
    # JSON can spell half a surrogate pair, which no request could send back.
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart)).encode("utf-8", "replace")
    return Reply(calls, text.decode(), _finish(response.finish_reason), _usage(response, request))


def spoken_bytes(request: ModelRequest) -> int:
    """UTF-8 bytes of everything that the model is sent."""
    sent = [request.system, *(part for tool in request.tools for part in (tool.name, tool.description, tool.schema))]
    for message in request.messages:
        sent += _texts(message)
    return sum(len(text.encode("utf-8", "replace")) for text in sent)


def _definition(tool: Tool) -> ToolDefinition:
    schema = cast("dict[str, Any]", json.loads(tool.schema))
    return ToolDefinition(name=tool.name, description=tool.description, parameters_json_schema=schema)


def _asking(request: ModelRequest, parts: Sequence[ModelRequestPart]) -> list[ModelMessage]:
    return [WireRequest(parts=list(parts), instructions=request.system)] if parts else []


def _response(message: Answered, place: int) -> ModelResponse:
    parts: list[ModelResponsePart] = [TextPart(message.text)] if message.text else []
    parts += [
        ToolCallPart(call.tool, call.arguments, tool_call_id=f"call_{place}_{index}")
        for index, call in enumerate(message.calls)
    ]
    # Providers refuse an empty turn, yet two turns of ours in a row would hide that the model said nothing.
    return ModelResponse(parts=parts or [TextPart(_NOTHING_SAID)])


def _returns(calls: tuple[ToolCallPart, ...], texts: tuple[str, ...] | None) -> list[ModelRequestPart]:
    answers = (_NOT_RUN,) * len(calls) if texts is None else texts
    return [
        ToolReturnPart(call.tool_name, text, tool_call_id=call.tool_call_id)
        for call, text in zip(calls, answers, strict=True)
    ]


def _arguments(args: str | Mapping[str, object] | None) -> str:
    if isinstance(args, str):
        return args.encode("utf-8", "replace").decode()
    return json.dumps(args or {}, ensure_ascii=False, separators=(",", ":"))


def _finish(reason: str | None) -> Finish:
    match reason:
        case "length":
            return "length"
        case "content_filter":
            return "refusal"
        case _:
            return "stop"


def _usage(response: ModelResponse, request: ModelRequest) -> TokenUsage:
    usage = response.usage
    if usage.input_tokens == 0 and usage.output_tokens == 0:
        return TokenUsage(-(-spoken_bytes(request) // _BYTES_A_TOKEN), 0, 0, request.max_output_tokens)
    return TokenUsage(usage.input_tokens, usage.cache_read_tokens, usage.cache_write_tokens, usage.output_tokens)


def _texts(message: Message) -> list[str]:
    match message:
        case Asked(text):
            return [text]
        case Answered(calls, text):
            return [text, *(part for call in calls for part in (call.tool, call.arguments))]
        case ToolResults(texts):
            return list(texts)
        case _:
            assert_never(message)
