"""Scripted replies: a model that is a file, for demonstrations, local runs and tests.

One JSON object a line: `{"agent": "executor", "reply": {...}}`. An agent's n-th request of a run takes its n-th
line, so that a run that crashed and asks again is told the same. Where a request offers one tool, the reply is that
tool's arguments; where it offers several, `{"calls": [{"tool": "read", ...arguments}], "text": "..."}`. A reply that
is a string is what the model says instead of calling anything: the way to play an answer that cannot be read.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

from bot.llm.errors import ScriptError, ScriptExhausted
from bot.model.conversation import Agent, ModelAnswer, ModelRequest, ToolCall
from bot.model.ids import MicroDollars

if TYPE_CHECKING:
    from bot.llm.transcript import Reply

_AGENTS: tuple[Agent, ...] = get_args(Agent)


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One scripted reply."""

    line: int
    """Line of the file, from 1."""
    agent: Agent
    reply: Mapping[str, Any] | str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Scripted:
    """A reply in terms of the request that it answers."""

    calls: tuple[ToolCall, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    """A whole file of replies; holds no position, so one script can serve any number of runs."""

    name: str
    lines: tuple[ScriptLine, ...]

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        """The scripted answer to a request: free, at once, and always the same.

        Raises ScriptExhausted, and ScriptError where the reply does not fit the request's tools.
        """
        exchange = await asyncio.to_thread(load_exchange)
        reply = await exchange(self.reply_to(request), request)
        return ModelAnswer(
            calls=reply.calls,
            text=reply.text,
            finish=reply.finish,
            input_tokens=reply.usage.input_tokens,
            output_tokens=reply.usage.output_tokens,
            cost=MicroDollars(0),
            seconds=0.0,
        )

    def reply_to(self, request: ModelRequest) -> Scripted:
        """The reply that is this request's by its agent and number.

        Raises ScriptExhausted, ScriptError.
        """
        mine = [line for line in self.lines if line.agent == request.agent]
        if request.number >= len(mine):
            raise ScriptExhausted(
                f"{self.name} holds {len(mine)} replies of the {request.agent}, and number {request.number} (from 0) "
                f"was asked for; add a line to it"
            )
        line = mine[request.number]
        if isinstance(line.reply, str):
            return Scripted((), line.reply)
        if len(request.tools) == 1:
            return Scripted((ToolCall(request.tools[0].name, _json(line.reply)),), "")
        return self._several(line, line.reply)

    def left_over(self, consumed: Mapping[Agent, int]) -> tuple[ScriptLine, ...]:
        """The lines that nobody asked for, given how many requests each agent made."""
        counts = dict.fromkeys(_AGENTS, 0)
        left: list[ScriptLine] = []
        for line in self.lines:
            counts[line.agent] += 1
            if counts[line.agent] > consumed.get(line.agent, 0):
                left.append(line)
        return tuple(left)

    def _several(self, line: ScriptLine, reply: Mapping[str, Any]) -> Scripted:
        calls, text = reply.get("calls"), reply.get("text", "")
        if not isinstance(calls, list) or not isinstance(text, str) or not reply.keys() <= {"calls", "text"}:
            raise ScriptError(
                f"{self.name} line {line.line}: this request offers several tools; write the reply as "
                f'{{"calls": [{{"tool": ...}}], "text": ...}}'
            )
        return Scripted(tuple(self._call(line, call) for call in cast("list[object]", calls)), text)

    def _call(self, line: ScriptLine, call: object) -> ToolCall:
        if isinstance(call, dict):
            arguments = dict(cast("dict[str, Any]", call))
            tool = arguments.pop("tool", None)
            if isinstance(tool, str):
                return ToolCall(tool, _json(arguments))
        raise ScriptError(f'{self.name} line {line.line}: a call is an object with a "tool", not {call!r:.80}')


def load_script(source: Path | str) -> Script:
    """Read a script from a file, or from a text in memory.

    Raises ScriptError, which names the line.
    """
    if isinstance(source, str):
        return _parse("the script", source)
    name = f"script {str(source)!r}"
    try:
        text = source.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise ScriptError(f"{name} does not exist; check the path after 'script:'") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError(f"{name} cannot be read ({error}); it must be a UTF-8 text file") from error
    return _parse(name, text)


def _parse(name: str, text: str) -> Script:
    # Not splitlines(): JSON may hold the other line separators of Unicode as they are.
    numbered = enumerate(text.split("\n"), start=1)
    return Script(name, tuple(_line(name, number, line) for number, line in numbered if line.strip()))


def _line(name: str, number: int, text: str) -> ScriptLine:
    where = f"{name} line {number}"
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ScriptError(f"{where} is not JSON ({error}); write one object a line") from error
    if not isinstance(parsed, dict):
        raise ScriptError(f'{where} is not an object; write {{"agent": ..., "reply": ...}}')
    entry = cast("dict[str, object]", parsed)
    agent, reply = entry.get("agent"), entry.get("reply")
    if agent not in _AGENTS:
        raise ScriptError(f"{where} is for the unknown agent {agent!r}; use one of {', '.join(_AGENTS)}")
    if not isinstance(reply, dict | str):
        raise ScriptError(f'{where} has no "reply"; give it an object, or a string to play an unreadable answer')
    if not entry.keys() <= {"agent", "reply"}:
        raise ScriptError(f"{where} holds {sorted(entry.keys() - {'agent', 'reply'})!r}; only agent and reply are read")
    return ScriptLine(number, agent, cast("Mapping[str, Any] | str", reply))


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def load_exchange() -> "Callable[[Scripted, ModelRequest], Coroutine[Any, Any, Reply]]":
    """What plays a reply; loading it takes a second that nobody who asks for help should wait."""
    from bot.llm.scripted import exchange

    return exchange
