"""`rmo failures` as a person runs it, over a real database: what it shows, and what it refuses in one line."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.catalog import find_data
from bot.model.evidence import Evidence, FoundFailure, OpenedTask, TaskId
from bot.model.failure import Failure
from bot.model.ids import Fingerprint, ItemKey
from bot.model.run import RecordedFailure
from bot.store.database import Database
from bot.store.failures import delete_texts, write_evidence
from bot.store.migrate import upgrade
from tests.badinput.command import Said, rmo

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def evidence(number: int, fingerprint: str) -> Evidence:
    message = "assert 1 == 2\n\u202e\x1b]0;owned\x07[red]"
    failure = Failure("ci", "logic", "pytest", "ValueError", message, "a\x1b[2K.py", 1, "", Fingerprint(fingerprint))
    found = FoundFailure(RecordedFailure(1, "fix_defect", 1, failure), ItemKey("1"), "executor", "ci", "ValueError", {})
    opened = OpenedTask("octo/tally", number, "m", "p", NOON)
    return Evidence(TaskId(f"t{number}"), 1, NOON, opened=opened, failures=(found,))


@pytest.fixture
def url(tmp_path: Path) -> str:
    database = Database(f"sqlite:///{tmp_path / 'rmo.db'}")
    upgrade(database, find_data("migrations"))
    with database.engine.begin() as connection:
        write_evidence(connection, [evidence(1, "aa"), evidence(2, "aa"), evidence(3, "bb")])
    database.close()
    return f"sqlite:///{tmp_path / 'rmo.db'}"


def failures(home: Path, url: str, *arguments: str) -> Said:
    return rmo("failures", *arguments, home=home, DATABASE_URL=url)


def test_lists_tops_and_single_failures_are_shown(tmp_path: Path, url: str) -> None:
    listed = failures(tmp_path, url, "list", "--repository", "octo/tally", "--limit", "2")
    assert listed.code == 0
    assert [line.split("\t")[0] for line in listed.out.splitlines()] == ["3", "2"]
    assert "a\\x1b[2K.py" in listed.out
    assert "--before 2" in listed.err
    page = json.loads(failures(tmp_path, url, "list", "--json", "--before", "2").out)
    assert [each["task"] for each in page["failures"]] == ["t1"]
    top = failures(tmp_path, url, "top")
    assert top.out.splitlines()[0].split("\t") == ["2/3", "66.7%", "2", "logic", "pytest", "ValueError", "aa", "2"]
    assert json.loads(failures(tmp_path, url, "top", "--by", "category", "--json").out)["groups"][0]["tasks"] == 3
    shown = failures(tmp_path, url, "show", "1")
    assert "  assert 1 == 2\n  \\u202e\\x1b]0;owned\\x07[red]\n" in shown.out
    assert json.loads(failures(tmp_path, url, "show", "1", "--json").out)["failure"]["group"] == "aa"


def test_a_text_whose_time_is_over_is_said_to_be_deleted(tmp_path: Path, url: str) -> None:
    database = Database(url)
    with database.engine.begin() as connection:
        delete_texts(connection, datetime.now(UTC))
    database.close()
    shown = failures(tmp_path, url, "show", "1")
    assert shown.code == 0
    assert "message: deleted" in shown.out


@pytest.mark.full
def test_groups_are_merged_split_and_parted(tmp_path: Path, url: str) -> None:
    assert "counts as aa" in failures(tmp_path, url, "merge", "bb", "aa", "--note", "the same").out
    assert json.loads(failures(tmp_path, url, "top", "--json").out)["groups"][0]["tasks"] == 3
    assert failures(tmp_path, url, "split", "aa", "--by", "path").code == 0
    assert json.loads(failures(tmp_path, url, "top", "--json").out)["groups"][0]["group"] == "aa/none"
    assert failures(tmp_path, url, "part", "aa").code == failures(tmp_path, url, "part", "bb").code == 0
    assert json.loads(failures(tmp_path, url, "top", "--json").out)["groups"][0]["tasks"] == 2


def test_an_empty_store_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert (listed := failures(tmp_path, url, "list")).code == 0
    assert listed.out == "no failure matches\n"
    assert failures(tmp_path, url, "top").out == "no failure matches; 0 tasks\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "99"), 1, "no failure 99"),
        (("show", "x"), 2, "'x'"),
        (("list", "--limit", "100000"), 2, "1 to 200"),
        (("list", "--before=-1"), 2, "'-1'"),
        (("list", "--category", "nope"), 2, "'nope'"),
        (("top", "--since", "soon"), 2, "2026-01-31"),
        (("merge", "aa", "zz"), 2, "'zz'"),
        (("merge", "aa", "\udcff"), 2, "no failure has"),
        (("merge", "aa", "aa"), 2, "one already"),
        (("split", "aa", "--by", "message"), 2, "'message'"),
        (("part", "aa"), 2, "neither merged nor split"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    tmp_path: Path, url: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    answer = failures(tmp_path, url, *arguments)
    assert answer.code == code
    (line,) = answer.err.strip().splitlines()
    assert line.startswith("rmo: ")
    assert said in line
    assert answer.out == ""


def test_a_database_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_text("no database" * 1000)
    answer = failures(tmp_path, f"sqlite:///{tmp_path / 'broken.db'}", "list")
    assert (answer.code, len(answer.err.strip().splitlines())) == (2, 1)
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(tmp_path / "broken.db").execute("select 1 from run")
