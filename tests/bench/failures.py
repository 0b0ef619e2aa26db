"""What the fingerprints are worth on recorded attempts of real models, and how fast they are made.

The records are not part of the project: they are read where they lie, beside it or under RMO_DATA.
"""

import gc
import gzip
import os
import resource
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.ci.reports.recorded import read_recorded
from bot.failures.fingerprint import scope_of, shape
from bot.failures.history import historic_evidence, historic_failure, read_record
from bot.model.history import HistoricRecord
from bot.model.report import Unreadable
from tests.bench.growth import report_growth
from tests.bench.table import show_facts

NAME = "failures.jsonl.gz"
OUTCOME_OF_A_COMMAND = " step"
"""Sources whose `code` is a command and not the code under test: what it says depends on the files at that moment."""
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Measures:
    records: int
    unreadable: int
    failures: int
    fingerprints: int
    reference_fingerprints: int
    purity: float
    """Share of failures whose error type is the commonest one of their fingerprint."""
    groups: int
    """Of failures with the same task and code, more than one each."""
    broken_groups: int
    """Those with more than one fingerprint."""
    command_groups: int
    broken_command_groups: int
    reference_broken_command_groups: int
    assertions: int
    told: int
    """Assertions whose fingerprint holds the call or the names that were compared, not only types of values."""
    reference_told: int


def data_file() -> Path | None:
    """The records, where they are."""
    root = Path(os.environ.get("RMO_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
    return root / NAME if (root / NAME).is_file() else None


def measure(path: Path) -> Measures:
    """Every record read and fingerprinted once."""
    records = unreadable = assertions = told = reference_told = 0
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    references: set[object] = set()
    groups: dict[tuple[bool, str, object], list[tuple[str, object]]] = defaultdict(list)
    for line in lines(path):
        record = read_record(line)
        if isinstance(record, Unreadable):
            unreadable += 1
            continue
        records += 1
        if record.passed:
            continue
        result = read_recorded(record.error_text, record.error_kind)
        print_ = historic_failure(record, result).fingerprint
        reference = record.extras.get("fp_ref")
        kinds[print_][record.error_kind] += 1
        references.add(reference)
        if record.extras.get("code_sha1"):
            command = record.source.endswith(OUTCOME_OF_A_COMMAND)
            groups[command, record.task, record.extras["code_sha1"]].append((print_, reference))
        if record.error_kind == "AssertionError":
            assertions += 1
            told += says_more(f"{shape(result.exception, result.message)} {scope_of(result.frames)}")
            reference_told += says_more(str(reference).replace("AssertionError", ""))
    failures = sum(kind.total() for kind in kinds.values())
    many = {key: group for key, group in groups.items() if len(group) > 1}
    of_code = [group for (command, *_), group in many.items() if not command]
    of_commands = [group for (command, *_), group in many.items() if command]
    return Measures(
        records=records,
        unreadable=unreadable,
        failures=failures,
        fingerprints=len(kinds),
        reference_fingerprints=len(references),
        purity=sum(max(kind.values()) for kind in kinds.values()) / failures,
        groups=len(of_code),
        broken_groups=sum(len({each for each, _ in group}) > 1 for group in of_code),
        command_groups=len(of_commands),
        broken_command_groups=sum(len({each for each, _ in group}) > 1 for group in of_commands),
        reference_broken_command_groups=sum(len({each for _, each in group}) > 1 for group in of_commands),
        assertions=assertions,
        told=told,
        reference_told=reference_told,
    )


_SAYS_NOTHING = frozenset(
    {
        *("assert", "where", "and", "not", "in", "is", "or", "None", "True", "False", "Test", "test", "Error"),
        *("int", "float", "str", "bytes", "list", "dict", "set", "tuple", "hex", "date", "N", "S"),
    }
)


def says_more(said: str) -> bool:
    """Whether a shape holds a name, and not only kinds of values and operators as `assert N == N` does."""
    words = "".join(each if each.isalnum() or each == "_" else " " for each in said).split()
    return any(word not in _SAYS_NOTHING and not word.isdigit() for word in words)


def lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        yield from file


def evidence(path: Path, times: int) -> Iterator[object]:
    """All that an import makes of the records, `times` times over, one at a time."""
    for _ in range(times):
        for line in lines(path):
            record = read_record(line)
            assert isinstance(record, HistoricRecord)
            failure = None
            if not record.passed:
                failure = historic_failure(record, read_recorded(record.error_text, record.error_kind))
            yield historic_evidence(record, failure, occurrence=0, at=_ANY_TIME, salt="bench")


def records_a_second(path: Path) -> float:
    """On one core, in processor time, from the packed line to evidence; the best of three."""
    rates: list[float] = []
    for _ in range(3):
        gc.collect()
        started = time.process_time()
        count = sum(1 for _ in evidence(path, 1))
        rates.append(count / (time.process_time() - started))
    return max(rates)


def peak_megabytes(path: Path, times: int) -> float:
    """Of a fresh process that reads the records that often."""
    arguments = [sys.executable, "-m", "tests.bench.failures", str(path), str(times)]
    done = subprocess.run(arguments, check=True, capture_output=True, text=True)
    return float(done.stdout)


def report() -> None:
    """One table, or that there is nothing to measure on."""
    report_growth()
    path = data_file()
    if path is None:
        sys.stdout.write("Fingerprints on recorded failures: not run: no data\n")
        return
    found = measure(path)
    once, often = peak_megabytes(path, 1), peak_megabytes(path, 4)
    show_facts(
        "Fingerprints on recorded failures",
        [
            ("records read", f"{found.records} of {found.records + found.unreadable}", "all"),
            ("failures", str(found.failures), ""),
            ("fingerprints", f"{found.fingerprints} (baseline {found.reference_fingerprints})", ""),
            ("purity by error type", f"{found.purity:.4f}", "at least 0.99"),
            ("same code and task, one fingerprint", _share(found.groups - found.broken_groups, found.groups), "all"),
            (
                "the same of commands on changing files",
                f"{_share(found.command_groups - found.broken_command_groups, found.command_groups)}; baseline "
                f"{found.command_groups - found.reference_broken_command_groups}",
                "",
            ),
            (
                "assertions that say more than `assert N == N`",
                f"{_share(found.told, found.assertions)}; baseline {_share(found.reference_told, found.assertions)}",
                "",
            ),
            ("records a second, one core", f"{records_a_second(path):.0f}", "at least 5,000"),
            ("peak memory, records once and 4 times", f"{once:.0f} MB, {often:.0f} MB", "the same"),
        ],
    )


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})"


if __name__ == "__main__":
    for _ in evidence(Path(sys.argv[1]), int(sys.argv[2])):
        pass
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}\n")
