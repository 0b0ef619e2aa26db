"""One request to a language model and its answer. A model only ever answers with tool calls: data, never deeds."""

from dataclasses import dataclass
from typing import Literal

from bot.model.ids import MicroDollars

Agent = Literal["thinker", "processor", "executor"]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model may call; `schema` is the JSON Schema (as JSON text) of its arguments."""

    name: str
    description: str
    schema: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    tool: str
    arguments: str
    """JSON text exactly as the model wrote it; not yet trusted, perhaps not even JSON."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What we say to the model."""

    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What the model said earlier in the same item."""

    calls: tuple[ToolCall, ...]
    text: str


@dataclass(frozen=True, slots=True)
class ToolResults:
    """Our answers to the calls of the message before, in their order."""

    texts: tuple[str, ...]


Message = Asked | Answered | ToolResults


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One request; `number` counts this agent's requests of the run from 0: a retry asks for the same one."""

    agent: Agent
    number: int
    system: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]
    """One tool: the model must call it. Several: it must call at least one of them."""
    max_output_tokens: int


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    calls: tuple[ToolCall, ...]
    text: str
    finish: Literal["stop", "length", "refusal"]
    input_tokens: int
    output_tokens: int
    cost: MicroDollars
    seconds: float


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, in micro-dollars a million tokens."""

    input_per_million: MicroDollars
    output_per_million: MicroDollars

    def cost(self, input_tokens: int, output_tokens: int) -> MicroDollars:
        """Rounded up, so that a budget is never overdrawn by rounding."""
        total = input_tokens * self.input_per_million + output_tokens * self.output_per_million
        return MicroDollars(-(-total // 1_000_000))
