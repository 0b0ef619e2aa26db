"""What another system recorded of a failure: a traceback, an online judge's answer, the output of a command.

The texts are those of logs and data sets that were made long before this program saw them, so a traceback may be cut,
upside down (as LeetCode shows it) or nothing but the `repr` of its exception.
"""

import re
from collections.abc import Mapping

from bot.ci.reports.place import repository_path
from bot.ci.reports.traceback import FRAMES, Traceback, read_traceback, split_exception
from bot.model.report import Frame, TestResult, report_text

RECORD_CHARACTERS = 64 * 1024
"""How much of one text is read: its end, because output is cut at its beginning."""
LINES = 2000

_UPSIDE_DOWN = re.compile(r"Line (\d{1,9}) in (\S{1,200}) \(([^()]{1,200})\)")
_SHOWN = re.compile(r"([A-Z]\w{0,99})\((?:'(.*)'|\"(.*)\"|),?\)")
_CLASS = re.compile(r"[A-Za-z_]\w{0,99}")
_CASES = re.compile(r" \(\d{1,9}/\d{1,9} test cases\)")
_TOOLS: Mapping[str, str] = {
    **dict.fromkeys(("WrongAnswer", "TimeLimitExceeded", "MemoryLimitExceeded", "OutputLimitExceeded"), "judge"),
    **dict.fromkeys(("EmptyOutput", "AgentFormatError"), "model"),
    **dict.fromkeys(("NonZeroExit", "NoSuchFile", "CommandNotFound"), "command"),
}
"""Who found it, where it was no test that ended with an exception."""


def read_recorded(text: str, kind: str = "", test: str = "") -> TestResult:
    """The failed attempt that `text` tells of; `kind` is what its recorder called it and counts where it is silent.

    No text raises; the time is linear in its length.
    """
    text = report_text(text[-RECORD_CHARACTERS:], RECORD_CHARACTERS)
    told = read_traceback(text)
    if not told.exception:
        told = _without_traceback(text.split("\n", LINES)[:LINES], kind)
    return TestResult(
        id=test,
        outcome="failed",
        exception=told.exception,
        message=told.message,
        traceback_end=told.end,
        seconds=0.0,
        frames=told.frames,
        tool=_TOOLS.get(told.exception, "pytest"),
    )


def _without_traceback(lines: list[str], kind: str) -> Traceback:
    said = [line.strip() for line in lines if line.strip()]
    first = said[0] if said else ""
    exception, message = split_exception(first)
    if kind not in _TOOLS and (shown := _SHOWN.fullmatch(first)):
        exception, message = shown[1], shown[2] or shown[3] or ""
    elif kind == "WrongAnswer":
        exception, message = kind, _judged(said)
    elif not exception or exception != kind:
        exception = kind if _CLASS.fullmatch(kind) else "TestFailure" if kind else ""
        message = said[-1] if said and _TOOLS.get(kind) == "command" else first
    frames = [
        Frame(repository_path(place[3]), int(place[1]), place[2])
        for place in map(_UPSIDE_DOWN.fullmatch, reversed(said))
        if place is not None
    ]
    return Traceback(exception, report_text(message), "\n".join(said)[-RECORD_CHARACTERS:], tuple(frames[-FRAMES:]))


def _judged(said: list[str]) -> str:
    """`Wrong answer: <arguments> -> <what came>, expected <what was wanted>`, so that masks leave the types of each.

    LeetCode says `Wrong Answer: input '1\\n2' expected '3' got '4' (5/6 test cases)`; others say each on a line.
    """
    first = said[0] if said else ""
    head, _, got = _CASES.sub("", first).removesuffix("'").rpartition("' got '")
    head, _, expected = head.rpartition("' expected '")
    given = head.partition("input '")[2].replace("\\n", ", ")
    if not head:
        of = {name: rest.strip() for name, _, rest in (line.partition(":") for line in said) if name in _PARTS}
        given, expected, got = (of.get(name, "") for name in _PARTS)
    if not (given or expected or got):
        return first
    return f"Wrong answer: ({_typed(given)}) -> {_typed(got)}, expected {_typed(expected)}"


_PARTS = ("input", "expected", "got")
_WORDS: Mapping[str, str] = {"true": "True", "false": "False", "null": "None", "": "nothing"}
_CUT = "...(truncated)"


def _typed(text: str) -> str:
    """A value as Python would write one of its kind: a line of numbers is a list of them, other words are a text."""
    if text.startswith(("[", "{", '"', "'")):
        return text if _CUT not in text else "[]"
    words = text.split()
    numbers = all(word.lstrip("-").replace(".", "", 1).isdigit() for word in words)
    if len(words) > 1 or _CUT in text:
        return "[]" if numbers or _CUT in text else "''"
    return text if numbers and text else _WORDS.get(text, text if text in ("True", "False", "None") else "''")
