"""The protocol linter: what has to hold of every change of the protocols before a person is asked to merge it.

Two questions. Is the catalogue sound as it stands: that is the loader's own judgement, rule by rule and kind by kind.
And is the change one that can be reviewed: one item, added or moved on in its state, in the words of the catalogue,
with nothing else along the way.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

from bot.catalog.catalogue import parse_catalogue
from bot.catalog.errors import DataInvalid, DataMissing
from bot.catalog.files import read_files
from bot.catalog.policy import parse_policy
from bot.catalog.yaml_text import parse_yaml
from bot.model.protocol import Catalogue, ItemState

Rule = Literal["invalid", "one-item", "edited", "removed", "state", "wording", "evidence", "scope", "rewritten"]

LEGAL: Final[Mapping[ItemState, frozenset[ItemState]]] = {
    "draft": frozenset({"testing", "staged", "production", "retired", "rolled_back"}),
    "testing": frozenset({"staged", "production", "retired", "rolled_back"}),
    "staged": frozenset({"testing", "production", "retired", "rolled_back"}),
    "production": frozenset({"testing", "staged", "retired", "rolled_back"}),
    "retired": frozenset({"testing"}),
    "rolled_back": frozenset({"testing", "retired"}),
}
"""To where a state may move on in a file. It may lag behind what is in force, so steps can be left out; but what was
taken out comes back by another trial alone."""
_OUT: Final[frozenset[ItemState]] = frozenset({"retired", "rolled_back"})
_PATTERN: Final = re.compile(r"[0-9a-f]{12}")
_CHECKLIST: Final = re.compile(r"protocols/[a-z_]+/[a-z_]+\.yaml")
_EXAMPLE: Final = re.compile(r"protocols/[a-z_]+/examples/[0-9a-f]{64}\.py")
_Rows = dict[str, dict[str, Any]]
"""Item's id -> its row, with its file as `path`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that has to be put right before a merge."""

    rule: Rule
    path: str
    message: str
    """What is wrong and what to do, in one line."""


def lint_tree(
    root: Path, before: Mapping[str, str] | None = None, touched: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Lint the catalogue under `root`, the directory that holds `actions/` and `protocols/`; see `lint`."""
    try:
        files = read_files(root)
    except (DataMissing, DataInvalid) as error:
        return (Finding("invalid", "protocols", str(error)),)
    return lint(before, files, touched)


def lint(
    before: Mapping[str, str] | None, after: Mapping[str, str], touched: Collection[str] = ()
) -> tuple[Finding, ...]:
    """What is wrong with a catalogue (path -> text), and with the change that made it of the one `before`.

    Without `before` only the catalogue as it stands is judged. `touched` are all paths that the change touches, outside
    of the catalogue too. A change that touches no item is held to the loader's rules alone.
    """
    try:
        catalogue = parse_catalogue(after)
        parse_policy(after)
    except (DataInvalid, DataMissing) as error:
        where = error.where if isinstance(error, DataInvalid) else "protocols"
        return (Finding("invalid", where, str(error)),)
    return tuple(_change(before, after, catalogue, touched)) if before is not None else ()


def _change(
    before: Mapping[str, str], after: Mapping[str, str], catalogue: Catalogue, touched: Collection[str]
) -> Iterator[Finding]:
    old, new = _rows(before), _rows(after)
    concerned = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    if not concerned:
        return
    if len(concerned) > 1:
        yield Finding("one-item", _path(concerned[1], old, new), f"changes the items {concerned!r}: one a pull request")
    for name in concerned:
        path = _path(name, old, new)
        if name not in old:
            yield from _added(new[name], path, catalogue)
        elif name not in new:
            yield from _removed(old[name], path)
        else:
            yield from _altered(old[name], new[name], path)
    yield from _scope({_path(name, old, new) for name in concerned}, before, after, touched)
    for path in sorted({_path(name, old, new) for name in concerned if name in new}):
        yield from _rewritten(path, before.get(path, ""), after.get(path, ""))


def _added(row: Mapping[str, Any], path: str, catalogue: Catalogue) -> Iterator[Finding]:
    if row["evidence"] == "human":
        return
    if not _PATTERN.fullmatch(row["evidence"]):
        yield Finding("evidence", path, f"{row['id']!r} names {row['evidence']!r} as its evidence: name a pattern's id")
    if row["state"] not in ("draft", "testing"):
        yield Finding("state", path, f"{row['id']!r} begins as {row['state']!r}: what was learned begins as a draft")
    item = next(each for each in catalogue.items if each.id == row["id"])
    if not any((remedy.kind, remedy.text) == (item.kind, item.text) for remedy in catalogue.remedies):
        yield Finding("wording", path, f"{row['id']!r} says what no remedy says: take its wording from remedies.yaml")


def _removed(row: Mapping[str, Any], path: str) -> Iterator[Finding]:
    if row.get("state") not in _OUT:
        yield Finding("removed", path, f"{row['id']!r} is {row.get('state')!r}: retire it first, and remove it later")


def _altered(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Finding]:
    others = sorted(key for key in {*old, *new} - {"state"} if old.get(key) != new.get(key))
    if others:
        yield Finding("edited", path, f"{new['id']!r} has other {others!r}: trials refer to it, so add another item")
    if old.get("state") != new["state"] and new["state"] not in LEGAL.get(old.get("state", "draft"), ()):
        yield Finding(
            "state", path, f"{new['id']!r} goes from {old.get('state')!r} to {new['state']!r}: try it anew first"
        )


def _scope(
    paths: set[str], before: Mapping[str, str], after: Mapping[str, str], touched: Collection[str]
) -> Iterator[Finding]:
    """A change of items brings nothing else, but an example that a person adds."""
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    examples = {path for path in after if _EXAMPLE.fullmatch(path) and path not in before}
    for path in sorted({*changed, *touched} - paths - examples):
        yield Finding("scope", path, f"{path!r} is changed along with an item: make it a pull request of its own")


def _rewritten(path: str, old: str, new: str) -> Iterator[Finding]:
    """Lines of the file are added, or one says another state; nothing is written anew beside that."""
    lines = old.splitlines()
    matcher = difflib.SequenceMatcher(None, lines, new.splitlines(), autojunk=False)
    gone = [line for tag, start, end, _, _ in matcher.get_opcodes() if tag != "equal" for line in lines[start:end]]
    if any(not line.strip().startswith(("state:", "- state:")) for line in gone):
        yield Finding("rewritten", path, "lines are rewritten beside the item: leave all others as they are")


def _rows(files: Mapping[str, str]) -> _Rows:
    """The items by their plain form, also of a catalogue that this program would not load."""
    found: _Rows = {}
    for path in files:
        if not _CHECKLIST.fullmatch(path):
            continue
        try:
            document = parse_yaml(files[path], path)
        except DataInvalid:
            continue
        items = document.get("items") if isinstance(document, dict) else None
        for row in items if isinstance(items, list) else []:
            if isinstance(row, dict) and isinstance(row.get("id"), str):
                found[cast("str", row["id"])] = {**row, "path": path}
    return found


def _path(name: str, old: _Rows, new: _Rows) -> str:
    return cast("str", (new.get(name) or old[name])["path"])
