"""The language model of a scenario: for each issue a script of its own, and places where it holds its breath.

One bot works on many issues at once, so the model finds out by the issue's title, which every prompt holds, whose
script is asked for. A pause stops a run in the middle of a step, for a person to do something meanwhile.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.llm.price import FREE
from bot.llm.script import Script, load_exchange, load_script
from bot.model.conversation import Agent, Asked, ModelAnswer, ModelRequest
from bot.models import OpenedModel
from tests.scenarios.trial import Task

Line = Mapping[str, Any]


def thinker(summary: str, *items: Line) -> Line:
    return {"agent": "thinker", "reply": {"summary": summary, "items": list(items)}}


def processor(note: str, **more: object) -> Line:
    return {"agent": "processor", "reply": {"note": note, **more}}


def executor(*calls: Line, summary: str = "Done as asked.") -> Line:
    return {"agent": "executor", "reply": {"calls": [*calls, {"tool": "done", "summary": summary}]}}


def item(action: str, title: str, *files: str) -> Line:
    return {"action": action, "title": title, "instructions": f"{title}.", "expected_files": list(files)}


def create(path: str, text: str) -> Line:
    return {"tool": "edit", "path": path, "create": text}


def replace(path: str, old: str, new: str) -> Line:
    return {"tool": "edit", "path": path, "old": old, "new": new}


def second_time_right(task: Task) -> list[Line]:
    """The task's own tests are brought in, the first try at the code is the wrong one, the second is the solution."""
    exercise, wrong = task.exercise, task.wrong.text
    return [
        thinker(
            f"The tests come first, then `{exercise.entry}`.",
            item("reproduce_issue", f"Test {exercise.entry}", exercise.test_path),
            item("fix_defect", f"Write {exercise.entry}", exercise.path),
        ),
        processor("Nothing to add."),
        executor({"tool": "list"}, create(exercise.test_path, exercise.test)),
        executor({"tool": "read", "path": exercise.path}, replace(exercise.path, exercise.given, wrong)),
        processor("The tests refuse it; write it again.", retry="2"),
        executor(replace(exercise.path, wrong, exercise.right)),
    ]


@dataclass(slots=True)
class Pause:
    """A request that waits for its answer until a person has done something."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Cast:
    """Every script that is played in one town."""

    def __init__(self) -> None:
        self._scripts: dict[str, Script] = {}
        self._pauses: dict[tuple[str, Agent, int], Pause] = {}
        self._every_pause: list[Pause] = []

    @property
    def model(self) -> OpenedModel:
        return OpenedModel("script:scenarios", FREE, self._answer, load_exchange)

    def learn(self, title: str, lines: Sequence[Line]) -> None:
        """Play `lines` for every run of an issue with this title, from their beginning."""
        self._scripts[title] = load_script("\n".join(json.dumps(line) for line in lines))

    def script(self, title: str) -> Script:
        return self._scripts[title]

    def pause(self, title: str, agent: Agent, number: int) -> Pause:
        """Hold back the answer to the next such request (`number` counts the agent's requests of a run from 0)."""
        pause = Pause()
        self._pauses[title, agent, number] = pause
        self._every_pause.append(pause)
        return pause

    def end_pauses(self) -> None:
        """Nobody waits for anything any more: a story that failed must not keep the town open."""
        for pause in self._every_pause:
            pause.over.set()

    async def _answer(self, request: ModelRequest) -> ModelAnswer:
        title = self._title(request)
        pause = self._pauses.pop((title, request.agent, request.number), None)
        if pause is not None:
            pause.reached.set()
            await pause.over.wait()
        return await self._scripts[title].answer(request)

    def _title(self, request: ModelRequest) -> str:
        first = request.messages[0]
        assert isinstance(first, Asked), f"the dialogue begins with {first!r}"
        named = [title for title in self._scripts if json.dumps(title, ensure_ascii=False) in first.text]
        assert len(named) == 1, f"a prompt of the {request.agent} names {named!r}"
        return named[0]
