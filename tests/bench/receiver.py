"""How many webhooks the receiver takes, how long GitHub waits for its answer, and that nothing acknowledged is lost.

Held against Probot, on the same signed bodies of 12 KB, in rounds in which both take their turn, so that whatever else
the machine does hurts both. Ours has committed each delivery with `synchronous=FULL` before it answers; Probot keeps
nothing. The sender and the receiver share the processors.
"""

import sqlite3
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import uvloop

from tests.bench.receivers import NotHere, Running, ours, probot
from tests.bench.sender import Answers, burst, labelled
from tests.bench.table import show_facts

CONCURRENCIES = (1, 16, 64)
WANTED = {1: "", 16: "1.24 times Probot's", 64: "1.53 times Probot's"}
ROUNDS = 5
NUMBER = 3_000
WARM = 500
BURST = 10_000


@dataclass(frozen=True, slots=True)
class Measured:
    """One turn of one receiver."""

    answers: Answers
    cpu: float
    """Seconds of processor that one request took."""


def report() -> None:
    """The burst first, then the rounds."""
    with tempfile.TemporaryDirectory() as folder:
        _report_burst(Path(folder))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        running = {"ours": stack.enter_context(ours(_made(Path(folder) / "ours")))}
        try:
            running["Probot"] = stack.enter_context(probot(_made(Path(folder) / "probot")))
        except NotHere as error:
            sys.stdout.write(f"Probot: not run: {error}\n")
        for concurrency in CONCURRENCIES:
            _report_rounds(concurrency, uvloop.run(_rounds(running, concurrency)))


async def _rounds(running: Mapping[str, Running], concurrency: int) -> Mapping[str, Sequence[Measured]]:
    body = labelled()
    turns: dict[str, list[Measured]] = defaultdict(list)
    for receiver in running.values():
        await burst(receiver.url, WARM, concurrency, body)
    for number in range(ROUNDS):
        for name, receiver in list(running.items())[:: 1 if number % 2 else -1]:
            before = receiver.cpu_seconds()
            answers = await burst(receiver.url, NUMBER, concurrency, body)
            assert set(answers.statuses) <= {200, 202}, (name, answers.statuses)
            turns[name].append(Measured(answers, (receiver.cpu_seconds() - before) / NUMBER))
    return turns


def _report_rounds(concurrency: int, turns: Mapping[str, Sequence[Measured]]) -> None:
    rows: list[tuple[str, str, str]] = []
    for name, measured in turns.items():
        rates = [each.answers.rate for each in measured]
        waits = [1_000 * each.answers.quantile(0.99) for each in measured]
        work = [1_000_000 * each.cpu for each in measured]
        rows += [
            (f"{name}: requests a second", _spread(rates, "0"), ""),
            (f"{name}: 99 % within", f"{_spread(waits, '1')} ms", "under 1 s" if name == "ours" else ""),
            (f"{name}: processor for one", f"{_spread(work, '0')} us", ""),
        ]
    if "Probot" in turns:
        pairs = list(zip(turns["ours"], turns["Probot"], strict=True))
        rates = [own.answers.rate / other.answers.rate for own, other in pairs]
        work = [own.cpu / other.cpu for own, other in pairs if other.cpu]
        rows += [
            ("requests a second, ours to Probot's", _spread(rates, "2"), WANTED[concurrency]),
            (
                "processor for one, ours to Probot's",
                _spread(work, "2"),
                "" if concurrency == 1 else "0.6 times Probot's",
            ),
        ]
    show_facts(f"Webhooks, {concurrency} at a time ({ROUNDS} rounds of {NUMBER:,}, 12 KB each)", rows)


def _report_burst(folder: Path) -> None:
    with ours(folder) as receiver:
        uvloop.run(burst(receiver.url, BURST // 10, 64, labelled()))
        before = receiver.resident_bytes()
        answers = uvloop.run(burst(receiver.url, BURST, 64, labelled()))
        grown = receiver.resident_bytes() - before
    # It was killed with the last answer, so what is in its database is what a crash leaves.
    acknowledged = answers.statuses[202]
    with sqlite3.connect(folder / "rmo.db") as connection:
        (kept,) = connection.execute("SELECT count(*) FROM delivery").fetchone()
    show_facts(
        f"A burst of {BURST:,} webhooks, then a crash",
        [
            ("acknowledged", f"{acknowledged:,}", f"{BURST:,}"),
            ("acknowledged and lost", str(acknowledged + BURST // 10 - kept), "0"),
            ("requests a second", f"{answers.rate:.0f}", ""),
            ("99 % within", f"{1_000 * answers.quantile(0.99):.1f} ms", "under 1 s"),
            ("memory, more than before", f"{grown / 1e6:.1f} MB", "flat"),
        ],
    )


def _spread(numbers: Sequence[float], digits: str) -> str:
    low, high, middle = min(numbers), max(numbers), statistics.median(numbers)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    report()
