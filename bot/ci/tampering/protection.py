"""Files by their place: what people alone change, what would be imported instead of the tools, what cannot be read."""

import sys
from collections.abc import Iterator

from bot.ci.tampering.change import Change
from bot.ci.tampering.places import is_configuration, is_python, is_recorded_result, is_test, module_of
from bot.ci.tampering.sections import settings_of
from bot.ci.tampering.source import FILE_CHARACTERS, Uninspectable
from bot.model.validation import TamperFinding

_TOOLS = frozenset({"pytest", "_pytest", "pluggy", "iniconfig", "coverage", "hypothesis", "xdist", "pytest_cov", "py"})
_IMPORTED_FROM = frozenset({"", "src", "lib", "tests", "test"})
"""Directories that test runs put on the path of imports."""


def protected_paths(change: Change) -> Iterator[TamperFinding]:
    """Files that decide how work is judged."""
    for file in change.files:
        reason = None if file.path in change.allowed.paths else change.protected(file.path)
        if reason is not None:
            yield TamperFinding("path-protected", file.path, None, reason)


def shadowed_modules(change: Change) -> Iterator[TamperFinding]:
    """New modules that are named like one of the standard library, or of the tools that run the tests."""
    for file in change.files:
        if file.base is not None or file.head is None or not is_python(file.path) or file.path in change.allowed.paths:
            continue
        directory, module = module_of(file.path)
        if directory in _IMPORTED_FROM and module in sys.stdlib_module_names | _TOOLS:
            detail = f"{module!r} can be imported instead of the module of that name which the tools use"
            yield TamperFinding("module-shadowed", file.path, None, detail)


def uninspected_files(change: Change) -> Iterator[TamperFinding]:
    """Files of which nothing can be said: a finding where they were part of the judge before, else a suspicion."""
    for file in change.files:
        if file.head is None:
            continue
        reason = _unread(file.path, file.head, file.head_source)
        if reason is None or file.path in change.allowed.paths or change.allowed.may_change(file.path):
            continue
        judging = file.base is not None and (is_test(file.path) or is_configuration(file.path))
        yield TamperFinding("not-inspected", file.path, None, f"not inspected: {reason}", suspicion=not judging)


def _unread(path: str, head: str, source: object) -> str | None:
    if isinstance(source, Uninspectable):
        return source.reason
    if not is_configuration(path):
        too_long = len(head) > FILE_CHARACTERS and not is_recorded_result(path)
        return f"it is longer than {FILE_CHARACTERS} characters" if too_long else None
    found = settings_of(path, head)
    return found.reason if isinstance(found, Uninspectable) else None
