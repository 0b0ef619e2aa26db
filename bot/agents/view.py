"""What an agent is told at the start of an invocation: everything from the state files and the catalogue, nothing else.

A view never sees the run or an earlier conversation. It is cut to its token budget before it is rendered: excerpts go
first, then symbols, then paths; the task, the item and the failures stay.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, Literal, assert_never

from jinja2 import Environment, StrictUndefined, Template

from bot.agents.checklist import lines_of
from bot.model.action import Plan, PlannedItem
from bot.model.conversation import Agent
from bot.model.failure import Failure
from bot.model.protocol import Catalogue, ChecklistItem
from bot.model.repository import Guidance

CHARACTERS_A_TOKEN = 3.5
"""A low estimate for code and English, so that a prompt is never larger than its budget says."""
MESSAGE_CHARACTERS = 1_500
"""Of one failure's text in a prompt."""

Occasion = Literal["plan", "replan", "plan_review", "verdict_review", "item"]


@dataclass(frozen=True, slots=True)
class Completed:
    """A finished item, as a view tells it."""

    item: PlannedItem
    summary: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """Everything that one invocation may know."""

    occasion: Occasion
    title: str
    body: str
    guidance: tuple[Guidance, ...] = ()
    files: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    excerpts: tuple[tuple[str, str], ...] = ()
    """(path, text) of the files that matter most, best first."""
    plan: Plan | None = None
    item: PlannedItem | None = None
    completed: tuple[Completed, ...] = ()
    failures: tuple[Failure, ...] = ()
    base_failing: tuple[str, ...] = ()
    frozen_paths: tuple[str, ...] = ()
    """Files of the tests that show the issue."""
    previous_problem: str = ""
    requests_left: int = 0
    checks_left: int = 0
    pending: tuple[PlannedItem, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    """What the agent is told to mind, most relevant first."""
    analyser: int = 0
    """Which analyser of a swarm this is, from 1; 0 for a Thinker that plans alone."""


def agent_of(occasion: Occasion) -> Agent:
    match occasion:
        case "plan" | "replan":
            return "thinker"
        case "plan_review" | "verdict_review":
            return "processor"
        case "item":
            return "executor"
        case _ as unreachable:
            assert_never(unreachable)


def render(view: View, catalogue: Catalogue, nonce: str, max_tokens: int) -> tuple[str, str]:
    """The system text and the first message of an invocation, the message within `max_tokens` by estimate."""
    agent = agent_of(view.occasion)
    template = _compiled(catalogue.prompts.templates[view.occasion])
    most = int(max_tokens * CHARACTERS_A_TOKEN)
    text = ""
    for smaller in _shrinking(view):
        text = template.render(**_variables(smaller, catalogue, nonce))
        if len(text) <= most:
            break
    return catalogue.prompts.system[agent], text[:most]


def render_repair(problem: str, catalogue: Catalogue, nonce: str) -> str:
    """What is said after an answer that could not be read."""
    template = _compiled(catalogue.prompts.templates["repair"])
    return template.render(nonce=nonce, previous_problem=problem)


@lru_cache(maxsize=64)
def _compiled(text: str) -> Template:
    """Compiling takes longer than all else that a request needs; the texts are the few of the catalogues in use."""
    return _environment().from_string(text)


@cache
def _environment() -> Environment:
    # Prompts are no HTML: data is printed as JSON inside a fence that its text can't know.
    environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)  # nosec B701
    filters: dict[str, Callable[..., Any]] = environment.filters
    filters["tojson"] = _to_json
    return environment


def _to_json(value: object) -> str:
    """One line, readable; Jinja's own filter escapes what is common in code."""
    return json.dumps(value, ensure_ascii=False)


def _shrinking(view: View) -> Iterable[View]:
    """`view` and ever smaller ones."""
    yield view
    while view.excerpts:
        view = replace(view, excerpts=view.excerpts[: len(view.excerpts) // 2])
        yield view
    while view.symbols:
        view = replace(view, symbols=view.symbols[: len(view.symbols) // 2])
        yield view
    while len(view.files) > 50:
        view = replace(view, files=view.files[: len(view.files) // 2])
        yield view
    while len(view.body) > 2_000:
        view = replace(view, body=view.body[: len(view.body) // 2] + "\n[cut to fit]")
        yield view
    while len(view.failures) > 5:
        view = replace(view, failures=view.failures[: len(view.failures) // 2])
        yield view


def _variables(view: View, catalogue: Catalogue, nonce: str) -> Mapping[str, object]:
    return {
        "nonce": nonce,
        "task": {"title": view.title, "body": view.body},
        "guidance": [{"path": each.path, "text": each.text} for each in view.guidance],
        "files": list(view.files),
        "symbols": list(view.symbols),
        "excerpts": [{"path": path, "text": text} for path, text in view.excerpts],
        "nodes": [
            {"id": node.id, "title": node.title, "description": node.description}
            for node in catalogue.nodes.values()
            if node.plannable
        ],
        "checklist": list(lines_of(view.checklist)),
        "plan": {
            "summary": view.plan.summary if view.plan else "",
            "items": [_item(item) for item in _planned(view)],
        },
        "item": _item(view.item) if view.item else {},
        "completed": [
            {
                "key": done.item.key,
                "action": done.item.action,
                "title": done.item.title,
                "summary": done.summary,
                "files": list(done.files),
            }
            for done in view.completed
        ],
        "failures": [_failure(failure) for failure in view.failures],
        "base_failing": list(view.base_failing),
        "frozen_paths": list(view.frozen_paths),
        "limits": {"requests": view.requests_left, "checks": view.checks_left},
        "previous_problem": view.previous_problem,
        "analyser": view.analyser,
    }


def _planned(view: View) -> tuple[PlannedItem, ...]:
    return view.pending or (view.plan.items if view.plan else ())


def _item(item: PlannedItem) -> dict[str, object]:
    return {
        "key": item.key,
        "action": item.action,
        "title": item.title,
        "instructions": item.instructions,
        "inputs": list(item.inputs),
        "expected_files": list(item.expected_files),
        "postconditions": list(item.postconditions),
        "limitations": list(item.limitations),
    }


def _failure(failure: Failure) -> dict[str, object]:
    return {
        "source": failure.source,
        "category": failure.category,
        "tool": failure.tool,
        "rule": failure.rule,
        "path": failure.path,
        "line": failure.line,
        "test": failure.test,
        "message": failure.message[:MESSAGE_CHARACTERS],
    }
