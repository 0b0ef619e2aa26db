"""Commands in a comment: lines that begin with `/rmo`, as a reader of the rendered comment sees them.

What a comment merely shows does nothing: quotes, code, and whatever GitHub hides. Wishes that stop something are read
leniently, those that start or change something strictly; what is no command becomes `Misunderstood`, so that nobody
waits for an answer in vain.
"""

import difflib
import re
from collections.abc import Callable, Iterator
from typing import Final

from bot.intake.text import INVISIBLE, clean
from bot.model.ids import MicroDollars
from bot.model.steering import (
    Approve,
    ChangeBudget,
    Explain,
    Help,
    Misunderstood,
    Retry,
    Rollback,
    ShowPlan,
    ShowStatus,
    Steer,
    StopRun,
)

MAX_COMMANDS: Final = 5
"""Commands that are read from one comment."""

_COMMAND = re.compile(r" {0,3}/rmo(?P<rest>[ \t].*)?")
_FENCE = re.compile(r" {0,3}(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]{1,4}){0,4}(?P<fence>`{3,}(?=[^`]*\Z)|~{3,})")
_QUOTE = re.compile(r" {0,3}>")
_STEP = re.compile(r"#?(?P<step>[0-9]{1,4})")
_AMOUNT = re.compile(r"\$?(?P<dollars>[0-9]{1,5})(?:\.(?P<cents>[0-9]{1,2}))?\$?")
_CURRENCY = frozenset({"$", "usd", "dollar", "dollars"})
_UNREADABLE = "\ufffd"
_ENDINGS = f".,;:!{_UNREADABLE}"
_SAID_CHARACTERS = 200
_WORD_CHARACTERS = 40


def parse_commands(text: str) -> tuple[Steer, ...]:
    """What the comment `text` asks for, in its order, each wish once, at most `MAX_COMMANDS` of them.

    A command is a line that begins with `/rmo`, outside of fenced and indented code, quotes (with the lines that go on
    with one) and HTML comments. Empty where there is none. Linear in the length of `text`.
    """
    if "/rmo" not in text:
        return ()
    # A character that shows nothing may stand there to keep the line from being a command: quoted text has such
    _, visible, _ = clean("", INVISIBLE.sub(_UNREADABLE, text))
    wanted = dict.fromkeys(_parse(line) for line in _spoken(visible) if _COMMAND.fullmatch(line))
    return tuple(wanted)[:MAX_COMMANDS]


def _spoken(text: str) -> Iterator[str]:
    """The lines that are neither code nor quoted; indented code cannot begin a command anyway."""
    fence = ""
    quoted = False
    for line in text.split("\n"):
        if fence:
            mark = line.strip()
            closes = mark.startswith(fence) and not mark.strip(fence[0])
            fence = "" if closes else fence
        elif (opening := _FENCE.match(line)) is not None:
            fence, quoted = opening["fence"], False
        elif _QUOTE.match(line) is not None:
            quoted = True
        elif not line.strip():
            quoted = False
        elif not quoted:
            yield line


def _parse(line: str) -> Steer:
    words = [word.rstrip(_ENDINGS) for word in line.split()[1:]]
    if not words:
        return Help()
    read = _READERS.get(words[0].lower())
    steer = _no_such_command(words[0]) if read is None else read([word.lower() for word in words[1:]])
    return steer if not isinstance(steer, str) else Misunderstood(line.strip()[:_SAID_CHARACTERS], steer)


def _no_such_command(word: str) -> str:
    near = difflib.get_close_matches(word[:_WORD_CHARACTERS].lower(), list(_READERS), n=1)
    hint = f"; did you mean `/rmo {near[0]}`?" if near else ""
    return f"there is no such command{hint}"


def _alone(name: str, steer: Steer) -> Callable[[list[str]], Steer | str]:
    def read(words: list[str]) -> Steer | str:
        return f"`/rmo {name}` stands alone on its line" if words else steer

    return read


def _stop(_: list[str]) -> Steer:
    return StopRun()


def _rollback(words: list[str]) -> Steer | str:
    said = words[1:] if words[:1] == ["step"] else words
    found = _STEP.fullmatch(said[0]) if len(said) == 1 else None
    if found is None or int(found["step"]) == 0:
        return "it needs the number of a step, from 1 on, such as `/rmo rollback 3`"
    return Rollback(int(found["step"]))


def _budget(words: list[str]) -> Steer | str:
    said = words[:-1] if words[-1:] and words[-1] in _CURRENCY else words
    found = _AMOUNT.fullmatch(said[0]) if len(said) == 1 else None
    if found is None:
        return "it needs an amount in US dollars, such as `/rmo budget 7.50`"
    cents = int(found["dollars"]) * 100 + int((found["cents"] or "").ljust(2, "0"))
    if cents == 0:
        return "a budget is more than nothing; `/rmo stop` ends the run"
    return ChangeBudget(MicroDollars(cents * 10_000))


_READERS: Final[dict[str, Callable[[list[str]], Steer | str]]] = {
    "help": _alone("help", Help()),
    "plan": _alone("plan", ShowPlan()),
    "approve": _alone("approve", Approve()),
    "stop": _stop,
    "retry": _alone("retry", Retry()),
    "rollback": _rollback,
    "status": _alone("status", ShowStatus()),
    "explain": _alone("explain", Explain()),
    "budget": _budget,
}
