"""The Executor's dialogue as the next request sends it: complete where it matters, shortened where it is old.

Without this the input of a long item grows with the square of its requests. Older results shrink to a line that says
how to get them again; calls and the newest results stay whole.
"""

from collections.abc import Sequence
from typing import assert_never

from bot.model.conversation import Answered, Asked, Message, ToolResults

RECENT = 6
"""How many of the newest messages are never touched."""
SHORT = 200
"""Characters that are left of an old result."""


def shortened(messages: Sequence[Message], max_characters: int) -> tuple[Message, ...]:
    """`messages` within `max_characters`, as far as shortening old results can bring them there; oldest first."""
    kept = list(messages)
    excess = sum(_size(message) for message in kept) - max_characters
    for place, message in enumerate(kept[: max(0, len(kept) - RECENT)]):
        if excess <= 0:
            break
        if isinstance(message, ToolResults):
            smaller = ToolResults(tuple(_short(text) for text in message.texts))
            excess -= _size(message) - _size(smaller)
            kept[place] = smaller
    return tuple(kept)


def _short(text: str) -> str:
    if len(text) <= SHORT + 80:
        return text
    return f"{text[:SHORT]}\n[{len(text) - SHORT} more characters were shown here; ask again if you need them]"


def _size(message: Message) -> int:
    match message:
        case Asked(text=text):
            return len(text)
        case Answered(calls=calls, text=text):
            return len(text) + sum(len(call.arguments) + len(call.tool) for call in calls)
        case ToolResults(texts=texts):
            return sum(len(text) for text in texts)
        case _ as unreachable:
            assert_never(unreachable)
