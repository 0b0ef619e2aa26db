"""The rules that keep an item advice: nothing in it can pass for an order to a machine.

The word list is a tripwire, not the control. The control is that wording is written or reviewed by people, and that no
text of a failure, an issue or a model ever becomes one.
"""

import ast
import hashlib
import re
from typing import Final

EXAMPLE_LINES: Final = 40

_UNPRINTABLE: Final = re.compile(r"[^A-Za-z0-9 .,;:()'\"/_%+=*-]")
_LINK: Final = re.compile(r"(?i)://|\bwww\.")
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/=_-]{24,}")
_DENIED: Final = re.compile(
    r"(?i)\b(?:ignore|previous|above|system|prompt|assistant|token|secret|password|credential|curl|wget|shell|sudo|"
    r"disable|bypass|skip|approve|execute|eval|exec|tool|obey|override|instead of the rules)s?\b"
)
_REACHES_OUT: Final = frozenset(
    {
        *("os", "sys", "subprocess", "socket", "ssl", "http", "urllib", "requests", "httpx", "aiohttp", "ftplib"),
        *("smtplib", "shutil", "ctypes", "multiprocessing", "importlib", "pickle", "builtins"),
        *("eval", "exec", "compile", "open", "__import__", "system", "popen", "input", "breakpoint"),
    }
)


def instruction_problem(text: str) -> str | None:
    """Why `text` cannot be a checklist line, or None: plain words only, no link, no code, no order to a machine."""
    if found := _UNPRINTABLE.search(text):
        return f"the character {found[0]!r} is not allowed in an instruction"
    if found := _LINK.search(text) or _ENCODED.search(text):
        return f"{found[0]!r} looks like a link or encoded data"
    if found := _DENIED.search(text):
        return f"the word {found[0]!r} is not allowed in an instruction: say it in other words"
    return None


def example_problem(name: str, text: str) -> str | None:
    """Why `text` cannot be the example stored as `name`, or None: the reviewed bytes, short, and pure Python."""
    if hashlib.sha256(text.encode()).hexdigest() != name:
        return f"the file is not what its name says: rename it to {hashlib.sha256(text.encode()).hexdigest()}.py"
    if len(text.splitlines()) > EXAMPLE_LINES:
        return f"the example has more than {EXAMPLE_LINES} lines"
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        return f"the example does not parse in line {error.lineno}"
    for name in sorted(_names(tree)):
        if name in _REACHES_OUT:
            return f"the example uses {name!r}, which reaches out of the program"
    return None


def _names(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name):
                names.add(name)
            case ast.Attribute(attr=name):
                names.add(name)
            case ast.Import(names=aliases):
                names.update(part for alias in aliases for part in alias.name.split("."))
            case ast.ImportFrom(module=module, names=aliases):
                names.update((module or "").split("."))
                names.update(alias.name for alias in aliases)
            case _:
                pass
    return names
