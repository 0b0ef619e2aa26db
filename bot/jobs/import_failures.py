"""Taking in a file of another system's records: read as a stream, stored in batches, the same however often.

A record's key is made of its own text, so an import that was interrupted is simply started again. Lines that are no
record are counted and named; the good ones stay.
"""

import asyncio
import gzip
import secrets
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from bot.ci.reports.recorded import read_recorded
from bot.failures.history import LINE_BYTES, TASK_PREFIX, UNCLASSIFIED, historic_evidence, historic_failure, read_record
from bot.model.errors import NeedsHuman
from bot.model.evidence import Evidence
from bot.model.history import HistoricRecord
from bot.model.ids import ActionId
from bot.model.report import Unreadable
from bot.store.database import Database
from bot.store.failure_salt import read_salt
from bot.store.failures import write_evidence
from bot.store.imports import ImportedCounts, count_imported

BATCH: Final = 500
BAD_LINES: Final = 20
"""How many of the lines that are no record are told by number."""
WINDOW: Final = 10_000
"""Two equal records further apart than this count as one, so that memory does not grow with the file."""
_GZIP = b"\x1f\x8b"


class FileUnusable(NeedsHuman):
    """The file of records can't be opened."""


@dataclass(frozen=True, slots=True)
class BadLine:
    number: int
    """Counted from 1."""
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    records: int
    """Lines that are records, whether they were stored before or not."""
    passed: int
    failed: int
    added: ImportedCounts
    """What was not in the store yet; another import at the same time is counted too."""
    bad: int
    bad_lines: tuple[BadLine, ...]
    """The first of them."""


async def import_failures(
    path: Path,
    database: Database,
    *,
    now: Callable[[], datetime],
    action: ActionId = UNCLASSIFIED,
    progress: Callable[[int], None] = lambda _: None,
) -> ImportReport:
    """Store every record of `path`, JSON lines, plain or packed with gzip; a second time nothing is added.

    `progress` hears the number of records after each batch. Raises FileUnusable where the file can't be opened, and
    what `Database.transact` raises; what was stored until then stays.
    """
    salt = await database.transact(read_salt, secrets.token_hex(32))
    before = await database.transact(count_imported, TASK_PREFIX)
    records = _Records(started=now(), salt=salt, action=action)
    with _opened(path) as file:
        evidence = records.read(file)
        while batch := await asyncio.to_thread(lambda: tuple(islice(evidence, BATCH))):
            await database.transact(_store, batch)
            progress(records.count)
    after = await database.transact(count_imported, TASK_PREFIX)
    return ImportReport(
        records=records.count,
        passed=records.count - records.failed,
        failed=records.failed,
        added=ImportedCounts(after.tasks - before.tasks, after.tries - before.tries, after.failures - before.failures),
        bad=records.bad,
        bad_lines=tuple(records.bad_lines),
    )


def _store(connection: Connection, batch: tuple[Evidence, ...]) -> None:
    write_evidence(connection, batch)


class _Records:
    """Reads a file's records in order, and counts."""

    def __init__(self, *, started: datetime, salt: str, action: ActionId) -> None:
        self.count = 0
        self.failed = 0
        self.bad = 0
        self.bad_lines: list[BadLine] = []
        self._started = started
        self._salt = salt
        self._action = action
        self._seen: OrderedDict[str, int] = OrderedDict()

    def read(self, file: gzip.GzipFile | BufferedReader) -> Iterator[Evidence]:
        number = 0
        try:
            for number, line in enumerate(_lines(file), 1):
                if not line.strip():
                    continue
                record = read_record(line)
                if isinstance(record, Unreadable):
                    self._refuse(number, record.reason)
                else:
                    yield self._evidence(record)
        except (EOFError, zlib.error, OSError) as error:
            self._refuse(number + 1, f"the file can't be read from here on: {error}")

    def _refuse(self, number: int, reason: str) -> None:
        self.bad += 1
        if len(self.bad_lines) < BAD_LINES:
            self.bad_lines.append(BadLine(number, reason))

    def _evidence(self, record: HistoricRecord) -> Evidence:
        failure = None
        if not record.passed:
            failure = historic_failure(record, read_recorded(record.error_text, record.error_kind))
        self.count += 1
        self.failed += not record.passed
        return historic_evidence(
            record,
            failure,
            occurrence=self._occurrence(record.digest),
            # Their own times are not recorded, their order is.
            at=self._started + timedelta(microseconds=self.count),
            salt=self._salt,
            action=self._action,
        )

    def _occurrence(self, digest: str) -> int:
        occurrence = self._seen.pop(digest, -1) + 1
        self._seen[digest] = occurrence
        if len(self._seen) > WINDOW:
            self._seen.popitem(last=False)
        return occurrence


def _opened(path: Path) -> gzip.GzipFile | BufferedReader:
    try:
        with path.open("rb") as file:
            packed = file.read(len(_GZIP)) == _GZIP
        return gzip.open(path, "rb") if packed else path.open("rb")
    except OSError as error:
        raise FileUnusable(
            f"{str(path)!r} can't be read ({error.strerror}); give a file of JSON lines, plain or packed with gzip"
        ) from error


def _lines(file: gzip.GzipFile | BufferedReader) -> Iterator[bytes]:
    """Lines, each cut a little beyond what a record may have, so that one without an end does not fill the memory."""
    while line := file.readline(LINE_BYTES + 1):
        end = line
        while not end.endswith(b"\n") and (end := file.readline(LINE_BYTES + 1)):
            pass
        yield line
