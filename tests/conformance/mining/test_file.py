"""The file of counts: what it keeps, what it does with a damaged one, and that one process writes."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from bot.mining.errors import CountsInUse
from bot.mining.miner import Miner
from bot.model.pattern import ContextLiteral, Hypothesis, Signature, Unit
from tests.conformance.mining.oracle import SIGNATURES, ancestors, by_hand, told, unit

SYNTAX = SIGNATURES[0]


def some(first: int, last: int) -> list[Unit]:
    return [
        unit(
            position,
            {
                "model": "ab"[position % 2],
                "repository": f"r{position % 3}",
                "action_item": "fix",
                "ancestors": ancestors("fix"),
            },
            SIGNATURES[: position % 4],
            labeller=("", "x", "y")[position % 3],
        )
        for position in range(first, last)
    ]


def test_it_keeps_counts_units_and_cursor(tmp_path: Path) -> None:
    path = tmp_path / "below" / "counts.duckdb"
    for first in (0, 8, 16):
        miner = Miner(path)
        assert miner.cursor == first
        assert miner.add(some(first, first + 8), cursor=first + 8) == 8
        miner.count()
        miner.close()
    miner = Miner(path)
    assert miner.add(some(0, 24)) == 0
    assert miner.add([], cursor=30) == 0
    assert miner.cursor == 30
    assert told(miner.counts()) == by_hand(some(0, 24), 3, 3)


def test_clear_forgets_everything(tmp_path: Path) -> None:
    miner = Miner(tmp_path / "counts.duckdb")
    miner.add(some(0, 8), cursor=8)
    miner.count()
    miner.clear()
    assert miner.cursor == 0
    assert (miner.counts().tasks, len(miner.counts().context)) == (0, 0)
    assert miner.add(some(0, 12)) == 12
    assert told(miner.counts()) == by_hand(some(0, 12), 3, 3)


@pytest.mark.parametrize("damage", ["text", "cut", "older", "foreign"])
def test_a_file_that_cannot_be_used_is_built_again(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "counts.duckdb"
    miner = Miner(path)
    miner.add(some(0, 200), cursor=200)
    miner.count()
    miner.close()
    match damage:
        case "text":
            path.write_text("not a database" * 1000)
        case "cut":
            path.write_bytes(path.read_bytes()[:5000])
        case "older":
            with duckdb.connect(str(path)) as connection:
                connection.execute("UPDATE meta SET value = 0 WHERE name = 'schema'")
        case _:
            path.unlink()
            with duckdb.connect(str(path)) as connection:
                connection.execute("CREATE TABLE something (else_ INTEGER)")
    miner = Miner(path)
    assert miner.cursor == 0
    assert miner.add(some(0, 12)) == 12
    assert told(miner.counts()) == by_hand(some(0, 12), 3, 3)


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    miner = Miner(tmp_path / "counts.duckdb")
    miner.add(some(0, 8), cursor=8)
    broken = replace(unit(99, {"new": "feature"}, [Signature("rule", "new:rule")]), position=2**40)
    # A position that no column can hold, found out in the middle of writing
    with pytest.raises(duckdb.Error):
        miner.add([broken], cursor=9)
    assert miner.cursor == 8
    assert miner.add(some(0, 12)) == 4
    assert told(miner.counts()) == by_hand(some(0, 12), 3, 3)


def test_only_one_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "counts.duckdb"
    holding = (
        "import duckdb, sys\n"
        "connection = duckdb.connect(sys.argv[1])\n"
        "print('held', flush=True)\n"
        "sys.stdin.readline()\n"
    )
    arguments = [sys.executable, "-c", holding, str(path)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(CountsInUse, match=r"counts\.duckdb"):
            Miner(path)
        process.stdin.write("\n")
        process.stdin.flush()
    Miner(path).close()


def test_witnesses_are_those_inside_with_the_failure() -> None:
    miner = Miner(None)
    miner.add(some(0, 48))
    # The same issue once more: no further witness
    miner.add([unit(100, {"model": "b", "repository": "r9"}, [SYNTAX], cluster="issue-1", labeller="z")])
    inside = Hypothesis("rule", (ContextLiteral("model", "b"),), SYNTAX)
    unheard = Hypothesis("rule", (ContextLiteral("model", "z"),), SYNTAX)
    unseen = Hypothesis("rule", (ContextLiteral("model", "b"),), Signature("rule", "ruff:E999"))
    found = miner.witnesses([inside, unheard, unseen])
    assert (found[inside.id].repositories, found[inside.id].days, found[inside.id].labellers) == (3, 2, 2)
    for other in (unheard, unseen):
        assert (found[other.id].repositories, found[other.id].days, found[other.id].labellers) == (0, 0, 0)


def test_counts_stay_the_same_when_their_rows_are_added_up() -> None:
    many, once = Miner(None), Miner(None)
    for first in range(0, 200, 40):
        many.add(wide(first, first + 40))
        many.count()
    once.add(wide(0, 200))
    assert told(many.counts()) == told(once.counts())


def wide(first: int, last: int) -> list[Unit]:
    """Units of many columns, so that their counts are many rows."""
    return [
        unit(position, {f"f{column}": f"v{position * (column + 1) % 13}" for column in range(13)}, [SYNTAX])
        for position in range(first, last)
    ]
