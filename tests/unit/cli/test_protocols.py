"""`rmo protocols` and `rmo learning`: what is in force, and a person's word about it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.catalog import find_data
from bot.model.errors import NeedsHuman
from bot.model.rollout import ItemEvent
from bot.store.failures import write_evidence
from bot.store.rollouts import write_item_event
from tests.conformance.store.learning import HOUR, NOON, task
from tests.unit.cli.conftest import Rmo, rows

ITEM = "code-verify-names"


def state_of(run: Rmo, item: str = ITEM) -> str:
    return next(row[2] for row in rows(run("protocols", "list")) if row[0] == item)


def test_a_person_s_word_takes_effect(run: Rmo) -> None:
    told = run("protocols", "retire", ITEM, "--note", "no use\x1b", "--actor", "maintainer")
    assert told.stdout == f"{ITEM} is retired (retire)\n"
    assert run("protocols", "add", ITEM).stdout == f"{ITEM} is production (add)\n"
    assert run("protocols", "pin", ITEM).exit_code == 0
    assert state_of(run) == "production pinned"
    assert run("protocols", "unpin", ITEM).stdout == f"{ITEM} is production (unpin)\n"
    assert run("protocols", "ban", ITEM).stdout == f"{ITEM} is retired (ban)\n"
    shown = run("protocols", "show", ITEM).stdout
    assert "a person's word: banned" in shown
    assert "override by maintainer: retire: no use\\x1b" in shown
    assert "file: protocols/coding/implementation.yaml" in shown
    assert run("protocols", "unban", ITEM).exit_code == 0
    assert isinstance(run("protocols", "pin", "nothing").exception, NeedsHuman)


def test_an_item_is_shown_with_its_numbers(run: Rmo, store: Callable[..., None]) -> None:
    promoted = ItemEvent(ITEM, NOON, "production", "promote", "rmo", "e_target 25 >= 20", "replay", {"e_target": 25.0})
    store(write_item_event, promoted)
    assert "promote by rmo: e_target 25 >= 20  e_target 25" in run("protocols", "show", ITEM).stdout
    assert state_of(run) == "production (replay)"
    shown = json.loads(run("protocols", "show", ITEM, "--json").stdout)
    assert shown["events"][0]["numbers"] == {"e_target": 25.0}
    assert json.loads(run("protocols", "list", "--json").stdout)[0]["standing"]["state"]
    missing = run("protocols", "show", "nothing")
    assert (missing.exit_code, missing.stderr.count("\n")) == (1, 1)


def test_replays_are_approved_for_an_item_that_is_tested(run: Rmo, store: Callable[..., None]) -> None:
    assert isinstance(run("protocols", "replay", ITEM, "--approve", "2").exception, NeedsHuman)
    store(write_item_event, ItemEvent(ITEM, NOON, "testing", "file", "person", "", "", {}))
    assert "2.50 US dollars approved" in run("protocols", "replay", ITEM, "--approve", "2.5").stdout
    assert run("protocols", "replay", ITEM, "--approve", "-1").exit_code == 2


def test_purging_names_the_tasks_in_one_way(run: Rmo, store: Callable[..., None]) -> None:
    store(write_evidence, [task("a"), task("b", at=NOON + HOUR)])
    purged = run("protocols", "purge", "--since", f"{NOON + HOUR:%Y-%m-%dT%H:%M}")
    assert purged.stdout == "nothing is learned from 1 more tasks; 0 patterns are judged anew\n"
    assert "from 1 more tasks" in run("protocols", "purge", "--run", "a").stdout
    assert "from 0 more tasks" in run("protocols", "purge", "--actor", "somebody").stdout
    for wrong in ((), ("--run", "a", "--actor", "b"), ("--since", "yesterday")):
        assert isinstance(run("protocols", "purge", *wrong).exception, NeedsHuman)
    assert json.loads(run("learning", "status", "--json").stdout)["state"]["excluded"] == 2


def test_the_linter_holds_a_directory_to_the_rules(run: Rmo, tmp_path: Path) -> None:
    assert "are in order" in run("protocols", "lint").stdout
    broken = run("protocols", "lint", str(tmp_path))
    assert broken.exit_code == 1
    assert broken.stdout.startswith("protocols: invalid: ")


def test_the_linter_judges_a_change(run: Rmo, tmp_path: Path) -> None:
    root = find_data("protocols").parent
    for name in ("actions", "protocols"):
        shutil.copytree(root / name, tmp_path / name)
    git = ("git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e@x")
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "Begin"], check=True)
    assert run("protocols", "lint", str(tmp_path), "--base", "HEAD").exit_code == 0
    checklist = tmp_path / "protocols/coding/implementation.yaml"
    checklist.write_text(checklist.read_text().replace("Read the whole function", "Read half of the function"))
    assert run("protocols", "lint", str(tmp_path)).exit_code == 0
    changed = run("protocols", "lint", str(tmp_path), "--base", "HEAD")
    assert changed.exit_code == 1
    assert "protocols/coding/implementation.yaml: edited: " in changed.stdout


def test_the_table_says_who_understands_what(run: Rmo) -> None:
    printed = rows(run("protocols", "compatibility"))
    assert sorted({row[0] for row in printed if len(row) == 5}, reverse=True) == ["thinker", "processor", "executor"]
    assert json.loads(run("protocols", "compatibility", "--json").stdout)["checklists"]


def test_learning_is_switched_off_and_on(run: Rmo) -> None:
    assert "learning: on" in run("learning", "status").stdout
    assert run("learning", "off", "--note", "a bad day").stdout == "learning is off\n"
    status = run("learning", "status").stdout
    assert "learning: off" in status
    assert "why: a bad day" in status
    assert run("learning", "on").exit_code == 0
    assert "learning: on" in run("learning", "status").stdout


@pytest.mark.parametrize("answer", [None, "y\n"])
def test_a_reset_has_to_be_meant(run: Rmo, answer: str | None) -> None:
    refused = run("learning", "reset", stdin=answer)
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert json.loads(run("learning", "status", "--json").stdout)["state"]["reset_at"] is None
    assert run("learning", "reset", "--yes").exit_code == 0
    assert json.loads(run("learning", "status", "--json").stdout)["state"]["reset_at"] is not None
