"""A model's answer without the credentials in it: it is kept, and read as code, only without them.

A model that writes a credential has it from what it was trained on or was told it by somebody; either way the answer
is given back with the reason, so that it can write code which reads the value from its surroundings instead.
"""

import json
from dataclasses import replace
from typing import Any, cast

from bot.model.conversation import ModelAnswer, ToolCall
from bot.secrets.kinds import Kind
from bot.secrets.scan import redact_certain, redact_certain_all, scan_certain


def without_secrets(answer: ModelAnswer) -> tuple[ModelAnswer, tuple[Kind, ...]]:
    """The answer with its credentials redacted, and their kinds in the order in which they stand."""
    found: list[Kind] = [secret.kind for secret in scan_certain(answer.text)]
    calls: list[ToolCall] = []
    for call in answer.calls:
        clean, kinds = _arguments(call.arguments)
        calls.append(call if not kinds else replace(call, arguments=clean))
        found += kinds
    if not found:
        return answer, ()
    return replace(answer, calls=tuple(calls), text=redact_certain(answer.text)), tuple(found)


def problem_of(kinds: tuple[Kind, ...]) -> str:
    """What the model is told of it."""
    named = ", ".join(dict.fromkeys(kinds))
    return (
        f"the answer holds what looks like a credential ({named}); write none, not even an invented one: let the code "
        "read it from its surroundings"
    )


def _arguments(text: str) -> tuple[str, list[Kind]]:
    # The JSON text is looked at as well, for it may be none, and for what only the two together show
    kinds: list[Kind] = [secret.kind for secret in scan_certain(text)]
    try:
        said: Any = json.loads(text)
    except (ValueError, RecursionError):
        return redact_certain(text), kinds
    inside: list[Kind] = [secret.kind for value in _texts(said) for secret in scan_certain(value)]
    if not inside and not kinds:
        return text, []
    return redact_certain(json.dumps(redact_certain_all(said), ensure_ascii=False)), inside or kinds


def _texts(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            entries = cast(dict[str, Any], value)
            return [text for name, entry in entries.items() for text in (name, *_texts(entry))]
        case list():
            return [text for entry in cast(list[Any], value) for text in _texts(entry)]
        case _:
            return []
