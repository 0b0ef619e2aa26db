"""One request to a scripted model, through pydantic-ai all the same: what holds for it holds for a hosted one."""

from pydantic_ai.direct import model_request
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage

from bot.llm.script import Scripted
from bot.llm.transcript import Reply, messages_of, parameters_of, reply_of, spoken_bytes
from bot.model.conversation import ModelRequest

_BYTES_A_TOKEN = 4


async def exchange(scripted: Scripted, request: ModelRequest) -> Reply:
    """Play the reply; tokens are estimated from the length of what was said."""

    async def play(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        said = sum(len(call.tool) + len(call.arguments) for call in scripted.calls) + len(scripted.text)
        return ModelResponse(
            parts=[
                *([TextPart(scripted.text)] if scripted.text else []),
                *(ToolCallPart(call.tool, call.arguments) for call in scripted.calls),
            ],
            usage=RequestUsage(
                input_tokens=max(1, spoken_bytes(request) // _BYTES_A_TOKEN), output_tokens=said // _BYTES_A_TOKEN
            ),
            finish_reason="stop",
        )

    response = await model_request(
        FunctionModel(play, model_name="script"),
        messages_of(request),
        model_request_parameters=parameters_of(request),
        instrument=False,
    )
    return reply_of(response, request)
