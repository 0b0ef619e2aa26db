"""Versions of the catalogue and its policy: a run keeps the one that it began with, a new run gets the newest.

The newest is that of the default branch of the repository that holds the protocols, where there is one; else the one
that came with the program. Every version that a run was told is kept, so what it was told can always be seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.catalog import Policy, parse_catalogue, parse_policy
from bot.model.protocol import Catalogue
from bot.store import catalogues
from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class Knowledge:
    """One version: what its files say, and the files themselves."""

    catalogue: Catalogue
    policy: Policy
    files: Mapping[str, str] = field(repr=False)
    source: str = ""
    """The commit that it was read from; empty for the version that came with the program."""


def knowledge_of(files: Mapping[str, str], source: str = "") -> Knowledge:
    """Raises DataInvalid and DataMissing."""
    return Knowledge(parse_catalogue(files), parse_policy(files), dict(files), source)


class Library:
    """The versions that this process has read; `follow` learns of those that another worker has adopted."""

    def __init__(self, database: Database, packaged: Knowledge) -> None:
        self._database = database
        self._current = packaged
        self._known = {packaged.catalogue.digest: packaged}

    @property
    def current(self) -> Knowledge:
        return self._current

    async def keep(self, at: datetime) -> None:
        """Keep the version that came with the program, for the runs that begin with it: the next one has another."""
        current = self._current
        await self._database.transact(catalogues.keep_catalogue, current.catalogue.digest, current.files, at)

    async def follow(self) -> Knowledge:
        """The newest version that any worker has adopted."""
        newest = await self._database.transact(catalogues.current_catalogue)
        if newest is not None and newest.source_sha != self._current.source:
            self._current = await self._read(newest.digest, newest.source_sha) or self._current
        return self._current

    async def at(self, digest: str) -> Knowledge:
        """The version with this digest; the newest where nobody has kept that one."""
        known = self._known.get(digest)
        return known or await self._read(digest, "") or self._current

    async def adopt(self, knowledge: Knowledge, at: datetime) -> None:
        """New runs get this version from now on, on every worker."""
        await self._database.transact(
            catalogues.write_catalogue, knowledge.catalogue.digest, knowledge.files, knowledge.source, at
        )
        self._known[knowledge.catalogue.digest] = self._current = knowledge

    async def _read(self, digest: str, source: str) -> Knowledge | None:
        files = await self._database.transact(catalogues.read_catalogue, digest)
        if files is None:
            return None
        found = knowledge_of(files, source)
        self._known[digest] = found
        return found
