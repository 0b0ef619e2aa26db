"""Changes to a tree of files, as an agent asks for them and as a commit records them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Replace:
    """`old` occurs exactly once in the file and becomes `new`."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Create:
    path: str
    content: str


@dataclass(frozen=True, slots=True)
class Delete:
    path: str


@dataclass(frozen=True, slots=True)
class Rename:
    path: str
    to: str


Edit = Replace | Create | Delete | Rename

Overlay = Mapping[str, str | None]
"""Path -> the file's whole text, or None where it is deleted, over a commit's tree."""


@dataclass(frozen=True, slots=True)
class Applied:
    path: str
    overlay: Overlay


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why an edit was not applied, in words that help its author."""

    path: str
    reason: str
