"""From a model's answer to a typed reply. This is the door: behind it nothing is validated again."""

import json
from collections.abc import Callable, Container
from typing import TypeVar, assert_never

from pydantic import BaseModel, ValidationError

from bot.agents.wire import (
    CheckCall,
    DecisionReply,
    DoneCall,
    EditCall,
    ExecutorReply,
    ListCall,
    PlanItem,
    PlanReply,
    ReadCall,
    SearchCall,
)
from bot.model.action import PlannedItem
from bot.model.change import Create, Delete, Edit, Rename, Replace
from bot.model.conversation import Agent, ModelAnswer
from bot.model.ids import ActionId, ItemKey
from bot.model.reply import (
    AddedPostcondition,
    Call,
    Check,
    Decided,
    Done,
    EditFile,
    ListFiles,
    Malformed,
    PlanProposed,
    Read,
    Reply,
    Search,
    ToolsCalled,
)

Wire = TypeVar("Wire", bound=BaseModel)
MAX_REPLY_CHARACTERS = 4_000_000


def read_reply(agent: Agent, answer: ModelAnswer, plannable: Container[str]) -> Reply:
    """What `answer` says, or what is wrong with it in words that help to write it again."""
    problem = _unusable(answer)
    if problem:
        return Malformed(problem)
    match agent:
        case "thinker":
            return _single(answer, PlanReply, lambda reply: _plan(reply, plannable))
        case "processor":
            return _single(answer, DecisionReply, _decision)
        case "executor":
            return _calls(answer)
        case _:
            assert_never(agent)


def _unusable(answer: ModelAnswer) -> str:
    if answer.finish == "refusal":
        return "the model refused to answer"
    if answer.finish == "length":
        return "the answer was cut off at the output limit; answer in smaller pieces"
    if not answer.calls:
        said = " ".join(answer.text.split())[:200]
        return f"the answer calls no tool; it says {said!r}" if said else "the answer is empty"
    if sum(len(call.arguments) for call in answer.calls) > MAX_REPLY_CHARACTERS:
        return f"the answer is longer than {MAX_REPLY_CHARACTERS} characters"
    return ""


class _Unreadable(Exception):
    """The arguments of a call cannot be used; the text says why."""


def _arguments(text: str) -> dict[str, object]:
    """The one JSON object in `text`; repeated keys are an error, because readers disagree about which one counts."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in pairs:
            if key in found:
                raise _Unreadable(f"the key {key[:100]!r} is given twice")
            found[key] = value
        return found

    try:
        data = json.loads(text or "{}", object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise _Unreadable(f"the arguments are not JSON: {str(error)[:200]}") from error
    if not isinstance(data, dict):
        raise _Unreadable("the arguments are not a JSON object")
    return data  # pyright: ignore[reportUnknownVariableType] - `unique` built it


def _single(answer: ModelAnswer, wire: type[Wire], use: Callable[[Wire], Reply]) -> Reply:
    match answer.calls:
        case (call,):
            pass
        case _:
            return Malformed("the answer calls more than one tool; one call is wanted")
    try:
        return use(wire.model_validate(_arguments(call.arguments)))
    except _Unreadable as error:
        return Malformed(str(error))
    except ValidationError as error:
        return Malformed(_first_problem(error))


def _calls(answer: ModelAnswer) -> Reply:
    try:
        calls = [{**_arguments(call.arguments), "tool": call.tool} for call in answer.calls]
        reply = ExecutorReply.model_validate({"calls": calls})
        return ToolsCalled(tuple(_call(call) for call in reply.calls))
    except _Unreadable as error:
        return Malformed(str(error))
    except ValidationError as error:
        return Malformed(_first_problem(error))


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "the reply"
    return f"{place[:200]}: {first['msg'][:200]}"


def _plan(reply: PlanReply, plannable: Container[str]) -> Reply:
    leaves = [leaf for item in reply.items for leaf in _leaves(item)]
    unknown = next((leaf.action for leaf in leaves if leaf.action not in plannable), None)
    if unknown is not None:
        return Malformed(f"{unknown!r} is no action item of the taxonomy")
    items = tuple(
        PlannedItem(
            key=ItemKey(str(number)),
            action=ActionId(leaf.action),
            title=leaf.title,
            instructions=leaf.instructions,
            inputs=tuple(leaf.inputs),
            expected_files=tuple(leaf.expected_files),
            postconditions=tuple(leaf.postconditions),
            limitations=tuple(leaf.limitations),
        )
        for number, leaf in enumerate(leaves, 1)
    )
    return PlanProposed(reply.summary, items, tuple(reply.questions))


def _leaves(item: PlanItem) -> list[PlanItem]:
    return [leaf for child in item.children for leaf in _leaves(child)] if item.children else [item]


def _decision(reply: DecisionReply) -> Reply:
    return Decided(
        note=reply.note,
        order=tuple(ItemKey(key) for key in reply.order),
        drop=tuple(ItemKey(key) for key in reply.drop),
        postconditions=tuple(AddedPostcondition(ItemKey(each.item), each.text) for each in reply.postconditions),
        retry=ItemKey(reply.retry) if reply.retry is not None else None,
        question=reply.question,
    )


def _call(call: ListCall | SearchCall | ReadCall | EditCall | CheckCall | DoneCall) -> Call:
    match call:
        case ListCall(pattern=pattern):
            return ListFiles(pattern)
        case SearchCall(text=text, pattern=pattern):
            return Search(text, pattern)
        case ReadCall(path=path, first_line=first, last_line=last):
            return Read(path, first, last)
        case EditCall():
            return EditFile(_edit(call))
        case CheckCall(level=level, tests=tests):
            return Check(1 if level == 1 else 2 if level == 2 else 3, tuple(tests))
        case DoneCall():
            return _done(call)
        case _:
            assert_never(call)


def _edit(call: EditCall) -> Edit:
    match (call.old, call.new, call.create, call.delete, call.rename):
        case (str(old), str(new), None, False, None):
            return Replace(call.path, old, new)
        case (None, None, str(content), False, None):
            return Create(call.path, content)
        case (None, None, None, True, None):
            return Delete(call.path)
        case (None, None, None, False, str(to)):
            return Rename(call.path, to)
        case _:
            raise _Unreadable(
                f"edit of {call.path[:200]!r}: give `old` and `new`, or `create`, or `delete`, or `rename`"
            )


def _done(call: DoneCall) -> Done:
    match (call.summary, call.nothing_to_do, call.blocked):
        case (str(text), None, None):
            return Done("summary", text)
        case (None, str(text), None):
            return Done("nothing_to_do", text)
        case (None, None, str(text)):
            return Done("blocked", text)
        case _:
            raise _Unreadable("done: give exactly one of `summary`, `nothing_to_do` and `blocked`")
