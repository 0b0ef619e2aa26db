"""What a traceback says, in each of the styles that pytest writes: its exception, its message, its frames.

Of a chain of exceptions the innermost *cause* counts (`raise … from error`): that is where things went wrong. An
exception that merely came up while another was handled stands for itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.ci.reports.place import repository_path
from bot.model.report import MESSAGE_CHARACTERS, Frame, report_text

END_CHARACTERS = 4000
FRAMES = 30
STATEMENT_CHARACTERS = 300
"""How much of the source line of an assertion is kept."""

_CAUSE = "The above exception was the direct cause of the following exception:"
_CONTEXT = "During handling of the above exception, another exception occurred:"

_NATIVE_FRAME = re.compile(r'File "([^"]++)", line (\d{1,9})(?:, in (.*))?')
_FRAME = re.compile(r"""([^\s:'"<>|=](?:[^:'"<>|=]|:(?=[\\/]))*+):(\d{1,9}): ?(in .*|[A-Za-z_]\w*+|)""")
_DEFINITION = re.compile(r"(?:async )?def (\w++)")
_EXCEPTION = re.compile(r"((?:[A-Za-z_]\w*+\.)*+)([A-Za-z_]\w*+)(?::(?: (.*))?)?", re.DOTALL)
_RULERS = ("===", "----", "____")
_SYNTAX_ERRORS = ("SyntaxError: ", "IndentationError: ", "TabError: ")


@dataclass(frozen=True, slots=True)
class Traceback:
    exception: str
    message: str
    end: str
    frames: tuple[Frame, ...]


def read_traceback(text: str, checkout: str = "") -> Traceback:
    """The innermost cause that `text` tells of; empty parts where it says nothing of them."""
    block = _innermost_cause([line[: 2 * MESSAGE_CHARACTERS] for line in report_text(text, len(text)).split("\n")])
    frames, located = _frames(block, checkout)
    said = _said(block)
    exception, message = split_exception(said)
    if not exception and (located or said.startswith("assert")):
        exception = located or "AssertionError"
    if exception == "AssertionError" and not any(line.startswith("assert ") for line in message.split("\n")):
        message = _with_statement(message, block)
    return Traceback(
        exception=exception,
        message=message.strip()[:MESSAGE_CHARACTERS],
        end="\n".join(block).strip("\n")[-END_CHARACTERS:],
        frames=frames[-FRAMES:],
    )


def split_exception(said: str) -> tuple[str, str]:
    """`pkg.Error: what` as (`Error`, `what`); no class where none is named, as in the `assert 1 == 2` of pytest.

    Built-in classes start with a capital, and all others are written with their module.
    """
    first, newline, rest = said.partition("\n")
    match = _EXCEPTION.fullmatch(first)
    if match is None or not (match[1] or match[2][0].isupper()):
        return "", said
    return match[2][:100], (match[3] or "") + newline + rest


def _innermost_cause(lines: list[str]) -> list[str]:
    end = len(lines)
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index].strip(" |")
        if line == _CONTEXT:
            return lines[index + 1 : end]
        if line == _CAUSE:
            end = index
    return lines[:end]


def _frames(block: Sequence[str], checkout: str) -> tuple[tuple[Frame, ...], str]:
    """The frames in order, and the class that the last place names, as `tests/test_a.py:4: KeyError` does."""
    frames: list[Frame] = []
    located = defined = ""
    for line in block:
        if native := _NATIVE_FRAME.match(line.lstrip(" |E")):
            path, number, function = native.groups()
            frames.append(Frame(repository_path(path, checkout), int(number), function or ""))
        elif place := _FRAME.fullmatch(line):
            path, number, said = place.groups()
            function = said.removeprefix("in ") if said.startswith("in ") else defined
            located = "" if said.startswith("in ") else said
            frames.append(Frame(repository_path(path, checkout), int(number), function))
            defined = ""
        elif not defined and (definition := _DEFINITION.match(line.lstrip("> "))):
            defined = definition[1]
    return tuple(_without_repeats(frames)), located[:100]


def _without_repeats(frames: Sequence[Frame]) -> list[Frame]:
    """pytest tells of the last frame twice where it shows its source: in passing, and then at length."""
    kept: list[Frame] = []
    for frame in frames:
        if kept and (kept[-1].path, kept[-1].line) == (frame.path, frame.line) and not frame.function:
            continue
        kept.append(frame)
    return kept


def _with_statement(message: str, block: Sequence[str]) -> str:
    """An assertion that nothing explains (no rewriting, or `self.assertEqual`) is told by its own source line.

    It stands below the last place, or is marked where pytest shows the whole function.
    """
    statement = ""
    for index, line in enumerate(block):
        if line.startswith(">"):
            statement = line[1:].strip()
        elif _is_place(line) and index + 1 < len(block) and _is_source(block[index + 1]):
            statement = block[index + 1].strip(" |")
    kept = message.strip()[: MESSAGE_CHARACTERS - STATEMENT_CHARACTERS]
    return f"{kept}\n> {statement[: STATEMENT_CHARACTERS - 3]}" if statement else message


def _is_place(line: str) -> bool:
    return _NATIVE_FRAME.match(line.lstrip(" |")) is not None or _FRAME.fullmatch(line) is not None


def _is_source(line: str) -> bool:
    return line.strip(" |") != "" and line.lstrip("|")[:1] == " "


def _said(block: Sequence[str]) -> str:
    """What the exception says, with its class where that is named."""
    marked = _last_marked(block)
    if marked:
        for line in marked:
            if line.strip().startswith(_SYNTAX_ERRORS):
                return line.strip()
        margin = len(marked[0]) - len(marked[0].lstrip())
        return "\n".join(line[margin:] if line[:margin].isspace() else line.strip() for line in marked)
    native = [index for index, line in enumerate(block) if _NATIVE_FRAME.match(line.lstrip(" |"))]
    for index in range(native[-1] + 1 if native else len(block), len(block)):
        line = block[index].removeprefix("  | ")
        if line and not line[0].isspace() and (found := _EXCEPTION.fullmatch(line)):
            # Without a message there is none below either: that is what the runner says next.
            return "\n".join([line, *_message_below(block[index + 1 :])]) if found[3] is not None else line
    return ""


def _message_below(lines: Sequence[str]) -> Sequence[str]:
    """The other lines of a message, up to the ruler with which a runner begins anew."""
    end = next((index for index, line in enumerate(lines) if line.startswith(_RULERS)), len(lines))
    return lines[:end]


def _last_marked(block: Sequence[str]) -> list[str]:
    """The last run of lines that pytest marks with an E: output of several tests holds several."""
    end = next((index for index in range(len(block), 0, -1) if _is_marked(block[index - 1])), 0)
    start = end
    while start and _is_marked(block[start - 1]):
        start -= 1
    return [line[1:] for line in block[start:end]]


def _is_marked(line: str) -> bool:
    return line == "E" or line.startswith("E ")
