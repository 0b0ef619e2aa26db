"""The tools that each agent is offered, and the JSON Schema of each agent's replies."""

import json
from typing import Any, assert_never

from pydantic import BaseModel

from bot.agents.wire import (
    CheckCall,
    DecisionReply,
    DoneCall,
    EditCall,
    ExecutorReply,
    ListCall,
    PlanReply,
    ReadCall,
    SearchCall,
)
from bot.model.conversation import Agent, Tool

_EXECUTOR_CALLS: tuple[type[BaseModel], ...] = (ListCall, SearchCall, ReadCall, EditCall, CheckCall, DoneCall)
_REPLIES: dict[Agent, type[BaseModel]] = {
    "thinker": PlanReply,
    "processor": DecisionReply,
    "executor": ExecutorReply,
}


def reply_schema(agent: Agent) -> dict[str, Any]:
    """JSON Schema of one reply of `agent`, as scripts write it."""
    return _REPLIES[agent].model_json_schema()


def tools_of(agent: Agent) -> tuple[Tool, ...]:
    """What `agent` may call: the Thinker plans, the Processor decides, the Executor has its tool loop."""
    match agent:
        case "thinker":
            return (_whole("plan", PlanReply),)
        case "processor":
            return (_whole("decide", DecisionReply),)
        case "executor":
            return tuple(_one_call(call) for call in _EXECUTOR_CALLS)
        case _ as unreachable:
            assert_never(unreachable)


def _whole(name: str, reply: type[BaseModel]) -> Tool:
    return Tool(name, " ".join((reply.__doc__ or "").split()), json.dumps(reply.model_json_schema()))


def _one_call(call: type[BaseModel]) -> Tool:
    """A call's schema without the `tool` key, which a native tool call carries as its name."""
    schema = call.model_json_schema()
    properties = dict(schema["properties"])
    name = properties.pop("tool")["const"]
    required = [key for key in schema.get("required", []) if key != "tool"]
    trimmed = {**schema, "properties": properties, "required": required}
    return Tool(name, " ".join((call.__doc__ or "").split()), json.dumps(trimmed))
