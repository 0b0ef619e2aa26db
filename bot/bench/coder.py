"""The simulated coder: a model with known habits behind the interface of every other model.

It is told what a real one is told and answers by the same tools. From the prompt it takes the issue's title, by which
it knows the problem, the findings of an earlier try, and the checklist; the solution it knows by heart. What it asks
is priced as a small hosted model would be, so that costs mean something.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.bench.exercises import Exercise, exercise_of
from bot.bench.habits import HABITS, Advice, Habit, answer, found_in
from bot.bench.prompt import Prompt, read_prompt
from bot.llm.script import Scripted, load_exchange
from bot.model.conversation import ModelAnswer, ModelRequest, Price, ToolCall
from bot.model.ids import MicroDollars
from bot.models import OpenedModel

PRICE: Final = Price(MicroDollars(250_000), MicroDollars(1_000_000))
"""0.25 and 1 US dollar a million tokens: an assumption, stated in every report."""
SECONDS_A_REQUEST: Final = 0.0
"""The coder answers at once; how long a model would think is no part of what is measured."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the coder did in one answer: the truth that the program under test has to find out by itself."""

    title: str
    attempt: int
    habits: tuple[str, ...]
    advice: int
    """Lines of learned advice that were found in the prompt."""


@dataclass(slots=True)
class Coder:
    """Known problems, habits, and a diary of what was really done."""

    seed: int
    known: Mapping[str, Exercise]
    """By id."""
    advice: Sequence[Advice]
    """All that could stand in a checklist."""
    habits: Sequence[Habit] = HABITS
    diary: list[Shown] = field(default_factory=list[Shown])
    _asked: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    """How often a request was answered: no model says the same twice."""

    @property
    def model(self) -> OpenedModel:
        """The coder as a bot's model."""
        return OpenedModel(SPEC, PRICE, self.ask, load_exchange)

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        """Answer as this coder would. Raises KeyError for an issue that names no known problem."""
        exchange = await asyncio.to_thread(load_exchange)
        reply = await exchange(self.reply_to(request), request)
        used = reply.usage
        return ModelAnswer(
            calls=reply.calls,
            text=reply.text,
            finish=reply.finish,
            input_tokens=used.input_tokens,
            output_tokens=used.output_tokens,
            cost=PRICE.cost(used.input_tokens, used.output_tokens),
            seconds=SECONDS_A_REQUEST,
        )

    def reply_to(self, request: ModelRequest) -> Scripted:
        """The answer before it is played."""
        prompt = read_prompt(request)
        exercise = exercise_of(prompt.title, self.known)
        if exercise is None:
            raise KeyError(f"the issue {prompt.title!r} names no problem that the simulated coder knows")
        return _AGENTS[request.agent](self, prompt, exercise, request)

    def plan(self, prompt: Prompt, exercise: Exercise, request: ModelRequest) -> Scripted:
        """One item: the function and its test together."""
        item = {
            "action": "implement_function",
            # A new plan that is the old one would be refused.
            "title": f"Write {exercise.entry}"
            if request.number == 0
            else f"Write {exercise.entry} anew ({request.number})",
            "instructions": f"Write `{exercise.entry}` in {exercise.path} and add the test of the issue.",
            "expected_files": [exercise.path, exercise.test_path],
            "postconditions": [f"{exercise.test_path} passes"],
        }
        return Scripted((_call("plan", summary=f"`{exercise.entry}` is written and tested.", items=[item]),), "")

    def decide(self, prompt: Prompt, exercise: Exercise, request: ModelRequest) -> Scripted:
        """Leave a plan as it is; after red checks, have the item done again."""
        if prompt.retryable:
            decision = _call("decide", note="The change is at fault.", retry=prompt.retryable[-1])
        else:
            decision = _call("decide", note="Nothing to add.")
        return Scripted((decision,), "")

    def write(self, prompt: Prompt, exercise: Exercise, request: ModelRequest) -> Scripted:
        """The module and its test, with whatever habits come through."""
        attempt = 2 if prompt.failures or prompt.is_repeated else 1
        advice = found_in(prompt.checklist, self.advice)
        asked = (prompt.title, request.number)
        draw = f"{self.seed}/{prompt.title}/{request.number}/{self._asked[asked]}"
        self._asked[asked] += 1
        written = answer(exercise, advice, attempt=attempt, draw=draw, habits=self.habits)
        self.diary.append(Shown(prompt.title, attempt, written.habits, len(advice)))
        if written.is_prose:
            return Scripted((), f"Sure! Here is `{exercise.entry}`:\n\n```python\n{written.text}```\n")
        texts = {exercise.path: written.text, exercise.test_path: exercise.test}
        calls = [_call("edit", path=path, delete=True) for path in texts if path in prompt.paths]
        calls += [_call("edit", path=path, create=text) for path, text in texts.items()]
        calls.append(_call("done", summary=f"`{exercise.entry}` is written, with the test of the issue."))
        return Scripted(tuple(calls), "")


SPEC: Final = "simulated:coder"
_AGENTS: Final = {"thinker": Coder.plan, "processor": Coder.decide, "executor": Coder.write}


def _call(tool: str, **arguments: object) -> ToolCall:
    return ToolCall(tool, json.dumps(arguments))


def knows(chosen: Sequence[Exercise]) -> Mapping[str, Exercise]:
    """Problems by id."""
    return {each.id: each for each in chosen}
