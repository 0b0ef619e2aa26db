"""Counts of tasks by context and signature, kept in a file that grows by what is new.

`add` costs what the units that are added cost, and what it takes to look for other units of their tasks; `counts` reads
the sums. Nothing is ever counted anew, except after `clear`: the weekly full pass over the failure store.
"""

from collections.abc import Collection, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

import duckdb

from bot.mining.arrivals import take, unknown
from bot.mining.counting import LEAST, Batches, compact, count, tasks_by_signature
from bot.mining.file import LEAN, append, create_tables, open_counts, within
from bot.mining.memory import restored
from bot.mining.once import EVERY
from bot.mining.reading import counts_of, witnesses_of
from bot.model.counts import Counts, Witnesses
from bot.model.pattern import Hypothesis, PatternId, Unit

_COMPACT_FROM = 20_000
"""Rows: fewer are not worth adding up."""


class Miner:
    """One process at a time writes to a file of counts, and one thread at a time uses a Miner.

    `path` of None keeps the counts in memory. Raises CountsInUse where another process has the file open.
    """

    def __init__(self, path: Path | None) -> None:
        self._connection = open_counts(path)
        self._memory = restored(self._connection)

    def close(self) -> None:
        self._connection.close()

    @property
    def cursor(self) -> int:
        """How far the failure store has been read, in the caller's own terms; 0 in a new, rebuilt or cleared file."""
        return self._meta("cursor")

    def clear(self) -> None:
        """Forgets everything, the cursor too."""
        with self._writing():
            create_tables(self._connection)
        self._memory = restored(self._connection)

    def add(self, units: Iterable[Unit], *, cursor: int | None = None) -> int:
        """The number of `units` that are new; a unit is known by its task and item, and counts once.

        With `cursor`, that is kept in the same transaction: either both are in the file or neither.
        """
        by_key = {(unit.task, unit.item): unit for unit in units}
        with self._writing():
            arriving = unknown(self._connection, list(by_key.values())) if by_key else []
            if arriving:
                batch = self._meta("batch") + 1
                take(self._connection, self._memory, arriving, batch)
                self._set_meta("batch", batch)
            if cursor is not None:
                self._set_meta("cursor", cursor)
        return len(arriving)

    def count(self) -> None:
        """Counts what has been added since the last time."""
        try:
            with within(self._connection, LEAN), self._writing():
                self._count()
        except duckdb.OutOfMemoryException:
            with self._writing():
                self._count()

    def counts(self, least: int = LEAST) -> Counts:
        """Contexts of at least `least` tasks, and signatures that at least so many tasks in a context have.

        Signatures of fewer than `LEAST` tasks altogether are in no count. What has been added since the last time is
        counted first.
        """
        self.count()
        return counts_of(self._connection, self._memory, least)

    def witnesses(self, hypotheses: Collection[Hypothesis]) -> dict[PatternId, Witnesses]:
        """How many repositories, days and labellers speak for each; reads the units, so ask for the few that matter."""
        return {each.id: witnesses_of(self._connection, self._memory, each) for each in hypotheses}

    def _count(self) -> None:
        batch, counted = self._meta("batch"), self._meta("counted")
        if batch == counted:
            return
        effects = list(self._memory.effects)
        totals = tasks_by_signature(self._connection, effects, len(self._memory.vocabulary.signatures))
        tracked = {number for (number,) in self._connection.execute("SELECT signature FROM tracked").fetchall()}
        # Once counted, always counted: a task that is overtaken by an earlier one of its cluster may take a count back
        come = {number for number in range(1, len(totals)) if totals[number] >= LEAST} - tracked
        if come:
            append(self._connection, "tracked", {"signature": sorted(come)})
            if counted:
                count(self._connection, self._memory.vocabulary, effects, Batches(0, counted), come)
        everything = {EVERY} | tracked | come
        count(self._connection, self._memory.vocabulary, effects, Batches(counted, batch), everything)
        self._set_meta("counted", batch)
        rows = self._rows()
        if not counted:
            # All of them different
            self._set_meta("compacted", rows)
        elif rows > _COMPACT_FROM + 2 * self._meta("compacted"):
            compact(self._connection)
            self._set_meta("compacted", self._rows())

    def _rows(self) -> int:
        [rows] = self._connection.execute("SELECT COUNT(*) FROM tally").fetchall()
        return int(rows[0])

    def _meta(self, name: str) -> int:
        [row] = self._connection.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchall()
        return int(row[0])

    def _set_meta(self, name: str, value: int) -> None:
        self._connection.execute("UPDATE meta SET value = ? WHERE name = ?", [value, name])

    @contextmanager
    def _writing(self) -> Generator[None]:
        """All of it is in the file afterwards, or nothing."""
        self._connection.execute("BEGIN TRANSACTION")
        ended = False
        try:
            yield
            self._connection.execute("COMMIT")
            ended = True
        finally:
            if not ended:
                self._connection.execute("ROLLBACK")
                self._memory = restored(self._connection)
