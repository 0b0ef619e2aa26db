"""What was validated before, by the content that was validated: unchanged code is not validated twice.

One JSON file an entry. It is a convenience: an entry that can't be read is no entry, a full disk is no error, and the
oldest entries make room.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cattrs.errors import BaseValidationError

from bot.model.codec import decode, encode

Value = TypeVar("Value")

MOST_BYTES = 64 * 1024**2
MOST_ENTRY_BYTES = 8 * 1024**2
_LEFT_AFTER_PRUNING = 0.75
_SUFFIX = ".json"


def content_key(*facts: object) -> str:
    """A name for everything that decides a result; equal for equal facts (JSON values), different for all others."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ValidationCache:
    """A directory of results; several processes may share it."""

    directory: Path
    most_bytes: int = MOST_BYTES

    async def read(self, key: str, as_type: type[Value]) -> Value | None:
        """The value that was kept under `key`; None where there is none that can be read."""
        return await asyncio.to_thread(self._read, key, as_type)

    async def write(self, key: str, value: object) -> None:
        """Keep a value of the language; beyond the size limit the entries that were used longest ago go."""
        await asyncio.to_thread(self._write, key, value)

    def _read(self, key: str, as_type: type[Value]) -> Value | None:
        place = self.directory / f"{key}{_SUFFIX}"
        try:
            found = decode(json.loads(place.read_bytes()), as_type)
            os.utime(place)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, BaseValidationError):
            return None
        return found

    def _write(self, key: str, value: object) -> None:
        content = json.dumps(encode(value)).encode()
        if len(content) > min(MOST_ENTRY_BYTES, self.most_bytes):
            return
        with contextlib.suppress(OSError):
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(dir=self.directory, suffix=".new", delete=False) as file:
                file.write(content)
            os.replace(file.name, self.directory / f"{key}{_SUFFIX}")
            self._prune()

    def _prune(self) -> None:
        entries: list[tuple[int, int, Path]] = []
        for place in self.directory.iterdir():
            with contextlib.suppress(FileNotFoundError):
                facts = place.stat()
                entries.append((facts.st_mtime_ns, facts.st_size, place))
        total = sum(size for _, size, _ in entries)
        if total <= self.most_bytes:
            return
        for _, size, place in sorted(entries):
            place.unlink(missing_ok=True)
            total -= size
            if total <= self.most_bytes * _LEFT_AFTER_PRUNING:
                return
