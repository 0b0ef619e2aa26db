"""Requests such as the agents make."""

import json

from bot.model.conversation import Answered, Asked, Message, ModelRequest, Tool, ToolCall, ToolResults


def tool(name: str) -> Tool:
    schema = {
        "type": "object",
        "properties": {"path": {"type": "string"}},
        "required": ["path"],
        "additionalProperties": False,
    }
    return Tool(name, f"{name} a file", json.dumps(schema))


def request(*tools: str, messages: tuple[Message, ...] = (Asked("Mend it."),)) -> ModelRequest:
    return ModelRequest(
        agent="executor",
        number=0,
        system="Be exact.",
        messages=messages,
        tools=tuple(tool(name) for name in tools),
        max_output_tokens=500,
    )


LONG_TALK: tuple[Message, ...] = (
    Asked("Mend it."),
    Answered((ToolCall("read", '{"path":"a.py"}'), ToolCall("read", '{"path": ')), "I look first."),
    ToolResults(("x = 1", "not JSON")),
    Answered((), ""),
    Asked("Call a tool."),
    Answered((ToolCall("edit", '{"path":"b.py"}'),), ""),
    Asked("Stop there."),
)
