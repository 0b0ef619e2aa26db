"""The fingerprint: what makes two failures the same one.

Whose it is (tool), what kind (rule or exception class), where (module and function, never a line) and what it says
(masked). The recipe has a version, so that old failures never move to other groups when it changes.
"""

import hashlib
from collections.abc import Sequence

from bot.failures.masks import mask, mask_callee
from bot.model.ids import Fingerprint
from bot.model.report import Frame, report_text

VERSION = "v1"
LENGTH = 16
SHAPE_LINES = 8
"""How many lines a failed assertion's explanation contributes."""

_LIBRARIES = ("site-packages", "dist-packages", "_pytest", "lib-dynload")
_TEST_DIRECTORIES = ("test", "tests", "testing")
_SYNTAX_ERRORS = ("SyntaxError", "IndentationError", "TabError")


def fingerprint(tool: str, rule: str, message: str = "", scope: str = "") -> Fingerprint:
    """The same for every occurrence of one failure, whatever its time, place on a disk, commit or line number."""
    return _of_masked(tool, rule, mask(message), scope)


def exception_fingerprint(tool: str, exception: str, message: str, frames: Sequence[Frame]) -> Fingerprint:
    """Of a failed test: its exception, what that says in masked form, and the last own function it went through.

    Where the source does not parse, neither place nor test matters: every test that imports it fails alike.
    """
    scope = "" if exception in _SYNTAX_ERRORS else scope_of(frames)
    return _of_masked(tool, exception, shape(exception, message), scope)


def _of_masked(tool: str, rule: str, masked: str, scope: str) -> Fingerprint:
    parts = [VERSION, *(report_text(part).replace("|", "") for part in (tool, rule, scope)), masked]
    return Fingerprint(hashlib.sha256("|".join(parts).encode()).hexdigest()[:LENGTH])


def shape(exception: str, message: str) -> str:
    """What of an exception's message tells failures apart, masked; `mask` leaves it as it is.

    Of a failed assertion that is the compared expression with its operator, the types of its operands and the calls
    that they came from: pytest's `assert` line and the `where` lines below it, or the statement itself where nothing
    explains it. Of any other exception it is the first line.
    """
    first, *others = (line.strip() for line in report_text(message).split("\n"))
    if exception == "TypeError":
        return mask(mask_callee(first)).strip()
    if exception != "AssertionError":
        return mask(first).strip()
    explained = [line for line in others if line.startswith(("assert ", "> ")) or _is_origin(line)]
    return mask("\n".join([first, *explained][:SHAPE_LINES])).strip()


def _is_origin(line: str) -> bool:
    """Lines such as `+  where -1 = add(1, 2)`, which say where an operand came from."""
    return line.startswith("+ ") and line[1:].lstrip().startswith(("where ", "and "))


def own_frame(frames: Sequence[Frame]) -> Frame | None:
    """The last frame inside the checkout and outside its tests; None where the traceback has none."""
    own = [frame for frame in frames if is_own(frame.path) and not is_test(frame.path) and _has_name(frame)]
    return own[-1] if own else None


def scope_of(frames: Sequence[Frame]) -> str:
    """`module:function` of `own_frame`, the same however the report writes the path; empty where there is none."""
    frame = own_frame(frames)
    if frame is None:
        return ""
    *directories, name = frame.path.lower().replace("\\", "/").split("/")
    module = name.removesuffix(".py")
    if module == "__init__" and directories:
        module = directories[-1]
    return f"{module}:{frame.function}"


def is_own(path: str) -> bool:
    """Whether a path lies in the checkout, as far as it tells: no library, no interpreter, no generated code."""
    parts = path.replace("\\", "/").split("/")
    if path.startswith("<") or any(part in _LIBRARIES for part in parts):
        return False
    return not any(
        directory in ("lib", "Lib") and (after.startswith("python") or before.lower().startswith(("python", "x64")))
        for before, directory, after in zip(["", *parts], parts, [*parts[1:], ""], strict=False)
    )


def is_test(path: str) -> bool:
    *directories, name = path.replace("\\", "/").split("/")
    named = name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
    return named or any(directory in _TEST_DIRECTORIES for directory in directories)


def _has_name(frame: Frame) -> bool:
    """Comprehensions and lambdas have no name of their own, and in newer interpreters often no frame either."""
    return bool(frame.function) and not (frame.function.startswith("<") and frame.function != "<module>")
