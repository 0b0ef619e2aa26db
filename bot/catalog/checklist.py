"""Checklist items, and the rules that keep them advice: nothing in an item can pass for an order to a machine.

The word list is a tripwire, not the control. The control is that items are written or reviewed by people, and that no
text of a failure, an issue or a model ever becomes one.
"""

import ast
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final, NotRequired, TypedDict

from bot.catalog.errors import DataInvalid
from bot.catalog.files import required
from bot.catalog.schema import Schema
from bot.model.ids import ActionId
from bot.model.protocol import ChecklistItem, ItemKind, ItemState

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


class _Check(TypedDict):
    tool: str
    rule: str


class _Item(TypedDict):
    id: str
    kind: ItemKind
    text: NotRequired[str]
    example: NotRequired[str]
    check: NotRequired[_Check]
    actions: list[str]
    targets: list[str]
    reason: str
    state: ItemState
    evidence: str


class _ChecklistFile(TypedDict):
    domain: str
    level: str
    items: list[_Item]


def parse_checklists(
    files: Mapping[str, str], actions: Iterable[ActionId], failure_modes: frozenset[str]
) -> tuple[ChecklistItem, ...]:
    """Every item of `protocols/<domain>/<level>.yaml`, in the order of files and lines.

    Raises DataInvalid, DataMissing. The text of an example is the example itself; that of a check is `tool:rule`.
    """
    schema = Schema[_ChecklistFile](required(files, "protocols/schema.json"), "checklist_file")
    known = frozenset(actions)
    items: dict[str, ChecklistItem] = {}
    for path in _checklist_files(files):
        document = schema.read(files[path], path)
        expected = f"protocols/{document['domain']}/{document['level']}.yaml"
        if path != expected:
            raise DataInvalid(path, f"holds domain {document['domain']!r} and level {document['level']!r}: {expected}")
        for row in document["items"]:
            if row["id"] in items:
                raise DataInvalid(path, f"the item {row['id']!r} stands twice: keep one")
            _check_known(path, row, "actions", row["actions"], known)
            _check_known(path, row, "failure modes", row["targets"], failure_modes)
            items[row["id"]] = ChecklistItem(
                id=row["id"],
                kind=row["kind"],
                text=_text(row, path, files),
                actions=tuple(ActionId(action) for action in row["actions"]),
                state=row["state"],
                evidence=row["evidence"],
            )
    return tuple(items.values())


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


def _checklist_files(files: Mapping[str, str]) -> list[str]:
    return [path for path in files if re.fullmatch(r"protocols/[a-z_]+/[a-z_]+\.yaml", path)]


def _check_known(path: str, row: _Item, noun: str, named: Iterable[str], known: frozenset[str]) -> None:
    unknown = sorted(set(named) - known)
    if unknown:
        raise DataInvalid(path, f"the item {row['id']!r} names unknown {noun} {unknown!r}")


def _text(row: _Item, path: str, files: Mapping[str, str]) -> str:
    if "check" in row:
        return f"{row['check']['tool']}:{row['check']['rule']}"
    if "example" in row:
        text = required(files, f"{path.rsplit('/', 1)[0]}/examples/{row['example']}.py")
        problem = example_problem(row["example"], text)
    else:
        text = row.get("text", "")
        problem = instruction_problem(text)
    if problem:
        raise DataInvalid(path, f"the item {row['id']!r}: {problem}")
    return text


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
