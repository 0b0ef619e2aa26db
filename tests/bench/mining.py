"""How fast failures are mined, beside the least that it could take: side by side in one run, each in its own process.

The floor is numpy alone: the rows' integer codes in memory, and for every set of up to three of twelve columns one
`bincount` of tasks with and without the failure. The peer is pyfim's fpgrowth (C), which counts itemsets of up to three
items without the failure; it is an optional group of dependencies. Ours is the whole count step: from the rows in the
file of counts to sums in that file, for every context and signature.
"""

import importlib
import importlib.util
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIZES = (40, 16, 12, 8, 6, 6, 5, 4, 4, 3, 3, 2)
ROWS = (100_000, 1_000_000)
DAY = 2_740
RUNS = 3
LITERALS = 3
SUPPORT = 0.002
_START = datetime(2026, 1, 1, tzinfo=UTC)

Codes = NDArray[np.uint8]


def make(directory: Path, rows: int) -> None:
    """Twelve columns of a few values, the first of each the commonest, and a failure that two of them make common."""
    generator = np.random.default_rng(7)
    columns: list[Codes] = []
    for size in SIZES:
        weights = 1 / np.arange(1, size + 1)
        columns.append(generator.choice(size, rows, p=weights / weights.sum()).astype(np.uint8))
    codes = np.array(columns, np.uint8)
    rate = np.where((codes[0] == 2) & (codes[5] == 1), 0.4, 0.05)
    np.save(directory / "codes.npy", codes)
    np.save(directory / "failed.npy", (generator.random(rows) < rate).astype(np.uint8))


def floor(directory: Path) -> int:
    """Contexts of at least the least support; all 298 tables of tasks by failure are made."""
    codes, failed = np.load(directory / "codes.npy"), np.load(directory / "failed.npy")
    least = SUPPORT * len(failed)
    common = 0

    def table(key: NDArray[np.uint32], cells: int) -> int:
        return int((np.bincount(key, minlength=cells).reshape(-1, 2).sum(axis=1) >= least).sum())

    for first, size in enumerate(SIZES):
        one = failed + np.uint32(2) * codes[first]
        common += table(one, 2 * size)
        for second in range(first + 1, len(SIZES)):
            two = one + np.uint32(2 * size) * codes[second]
            common += table(two, 2 * size * SIZES[second])
            for third in range(second + 1, len(SIZES)):
                three = two + np.uint32(2 * size * SIZES[second]) * codes[third]
                common += table(three, 2 * size * SIZES[second] * SIZES[third])
    return common


def peer(directory: Path) -> int:
    """The same contexts as itemsets, without the failure."""
    fim: Any = importlib.import_module("fim")
    codes = np.load(directory / "codes.npy")
    starts = np.cumsum([0, *SIZES[:-1]])
    rows = (codes.T + starts).tolist()
    return len(fim.fpgrowth(rows, target="s", supp=100 * SUPPORT, zmin=1, zmax=LITERALS, report="a"))


def engine(directory: Path) -> int:
    """What the embedded engine takes to be there."""
    connection: Any = importlib.import_module("duckdb").connect(str(directory / "empty.duckdb"))
    return int(connection.execute("SELECT 1").fetchone()[0])


def count(directory: Path) -> int:
    """Rows that have arrived in the file, to sums in the file."""
    from bot.mining.miner import Miner

    miner = Miner(directory / "counts.duckdb")
    miner.count()
    miner.close()
    return 0


def whole(directory: Path) -> int:
    """From rows to candidates."""
    from bot.mining.miner import Miner

    miner = Miner(directory / "counts.duckdb")
    found = _screened(miner)
    miner.close()
    assert found
    return found


def day(directory: Path) -> int:
    """One more day on top of all that is counted: taken in, counted, screened."""
    from bot.mining.miner import Miner

    miner = Miner(directory / "counts.duckdb")
    assert miner.add(_units(directory, DAY, ROWS[-1])) == DAY
    found = _screened(miner)
    miner.close()
    return found


def take_in(directory: Path) -> int:
    """All units of the data, in the file but not counted."""
    from bot.mining.miner import Miner

    miner = Miner(directory / "counts.duckdb")
    rows = np.load(directory / "failed.npy").shape[0]
    for first in range(0, rows, 20_000):
        miner.add(_units(directory, min(20_000, rows - first), first))
    miner.close()
    return rows


def _screened(miner: Any) -> int:
    from bot.learning.screen import candidates
    from tests.unit.learning.screened import PROPOSE, SCREEN

    return len(candidates(miner.counts(), SCREEN, PROPOSE))


def _units(directory: Path, rows: int, first: int) -> Iterator[Any]:
    """Of tasks that have one unit each; beyond the end of the data it begins again."""
    from bot.model.evidence import TaskId
    from bot.model.ids import ItemKey
    from bot.model.pattern import Signature, Unit

    codes: Codes = np.load(directory / "codes.npy")
    failed: Codes = np.load(directory / "failed.npy")
    start = first % codes.shape[1]
    names = ["action_item", *(f"f{number}" for number in range(1, len(SIZES)))]
    found = (frozenset[Signature](), frozenset({Signature("category", "syntax")}))
    for place, row in enumerate(codes[:, start : start + rows].T.tolist()):
        position = first + place
        yield Unit(
            task=TaskId(f"run-{position}"),
            item=ItemKey("1"),
            assigned_at=_START + timedelta(minutes=position),
            position=position,
            cluster=f"issue-{position}",
            labeller="someone",
            context={name: f"v{code}" for name, code in zip(names, row, strict=True)},
            signatures=found[int(failed[start + place])],
        )


_STEPS = {each.__name__: each for each in (floor, engine, peer, count, whole, day, take_in)}


def measured(step: str, directory: Path) -> tuple[float, float, int]:
    """(CPU seconds after the imports, peak megabytes, what it found), in a process of its own."""
    arguments = [sys.executable, "-m", "tests.bench.mining", step, str(directory)]
    done = subprocess.run(arguments, check=True, capture_output=True, text=True)
    seconds, megabytes, found = done.stdout.split()
    return float(seconds), float(megabytes), int(found)


def report() -> None:
    """One table: medians, and ratios to the floor of the same run."""
    # Not in the processes that are measured
    from tests.bench.table import show_facts

    assert len([0 for size in (1, 2, 3) for _ in combinations(SIZES, size)]) == 298
    has_peer = importlib.util.find_spec("fim") is not None
    rows: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory() as name:
        for size in ROWS:
            source = Path(name) / str(size)
            source.mkdir()
            make(source, size)
            rows.append((f"{size:,} units taken in", _told(measured("take_in", source)), ""))
            found: dict[str, list[tuple[float, float, int]]] = {
                step: [] for step in ("floor", "engine", "count", "whole", "day", "peer")
            }
            for _ in range(RUNS):
                for step, before in (
                    ("floor", None),
                    ("engine", None),
                    ("count", source),
                    ("whole", source),
                    ("day", None),
                    ("peer", None),
                ):
                    if (step == "peer" and not has_peer) or (step == "day" and size != ROWS[-1]):
                        continue
                    work = Path(name) / "work"
                    if before is not None:
                        shutil.rmtree(work, ignore_errors=True)
                        shutil.copytree(before, work)
                    found[step].append(measured(step, work if (work / "counts.duckdb").exists() else source))
            medians = {step: _median(runs) for step, runs in found.items() if runs}
            least = medians["floor"]
            for step, label, wanted in (
                ("floor", "floor: numpy bincount", ""),
                ("engine", "the engine, doing nothing", ""),
                ("count", "count step", "at most 1.5 of the floor"),
                ("whole", "whole run, screen included", "ahead of pyfim"),
                ("day", f"a day of {DAY:,} units more, whole run", "under 2 s"),
                ("peer", "peer: pyfim", ""),
            ):
                if step in medians:
                    ours = medians[step]
                    ratio = f"; {ours[0] / least[0]:.2f} and {ours[1] / least[1]:.2f} of the floor"
                    rows.append((f"{size:,}: {label}", _told(ours) + ratio * (step != "floor"), wanted))
                elif step == "peer":
                    rows.append((f"{size:,}: {label}", "not run: pyfim is not installed", ""))
    show_facts(f"Mining, {len(SIZES)} columns to depth {LITERALS}; medians of {RUNS}", rows)


def _median(runs: list[tuple[float, float, int]]) -> tuple[float, float, int]:
    seconds, megabytes, found = zip(*runs, strict=True)
    return statistics.median(seconds), statistics.median(megabytes), found[0]


def _told(figures: tuple[float, float, int]) -> str:
    return f"{figures[0]:.2f} CPU s, {figures[1]:.0f} MB"


if __name__ == "__main__":
    if len(sys.argv) == 1:
        report()
    else:
        chosen = _STEPS[sys.argv[1]]
        # What is loaded is not what is measured
        for module in ("bot.mining.miner",) * (chosen not in (floor, engine, peer)) + ("bot.learning.screen",) * (
            chosen in (whole, day)
        ):
            importlib.import_module(module)
        started = time.process_time()
        answer = chosen(Path(sys.argv[2]))
        used = time.process_time() - started
        sys.stdout.write(f"{used} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024} {answer}\n")
