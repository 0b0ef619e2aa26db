"""`rmo patterns` and `rmo mine`: every number is there, for people and for programs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.model.errors import NeedsHuman
from bot.model.pattern import PatternEvent
from bot.store.failures import write_evidence
from bot.store.patterns import write_pattern_event, write_point, write_registrations
from tests.conformance.store.learning import HOUR, NOON, point, registration, task
from tests.unit.cli.conftest import Rmo, rows

FIRST, SECOND = registration(), registration("ruff:B006", at=NOON + HOUR)
CROSSED = PatternEvent(SECOND.id, NOON + 2 * HOUR, "crossed", "rmo", "\x1b[2Kenough", {})


@pytest.fixture
def filled(store: Callable[..., None]) -> None:
    store(write_registrations, [FIRST, SECOND])
    store(write_point, point(FIRST.id, 1))
    store(write_pattern_event, CROSSED)


@pytest.mark.usefixtures("filled")
def test_patterns_are_listed(run: Rmo) -> None:
    second, first = rows(run("patterns", "list"))
    assert first[:4] == [FIRST.id, "watched", "6/10", "1"]
    assert first[4].startswith("5.00 (")
    assert (first[5], first[6], first[8]) == ("2.5", "200", "model=big -> ruff:F821")
    assert first[7].isdigit() or first[7] == "many"
    assert (second[0], second[1], second[4], second[7]) == (SECOND.id, "crossed", "", "")
    assert [row[0] for row in rows(run("patterns", "list", "--status", "crossed"))] == [SECOND.id]
    found = json.loads(run("patterns", "list", "--json").stdout)
    assert [each["id"] for each in found] == [SECOND.id, FIRST.id]


@pytest.mark.usefixtures("filled")
def test_one_pattern_is_shown(run: Rmo) -> None:
    shown = run("patterns", "show", FIRST.id)
    assert shown.exit_code == 0
    for line in ("pattern: model=big -> ruff:F821", "e-value: 2.5 of 200", "history: ▂", "seen in: 1 repositories"):
        assert line in shown.stdout
    assert "6/10 tasks in its context failed so, 2/20 outside" in shown.stdout
    assert "\\x1b[2Kenough" in run("patterns", "show", SECOND.id).stdout


@pytest.mark.usefixtures("filled")
def test_the_evidence_is_drawn(run: Rmo, tmp_path: Path) -> None:
    drawn = tmp_path / "evidence.png"
    assert run("patterns", "show", FIRST.id, "--plot", str(drawn)).exit_code == 0
    assert drawn.read_bytes().startswith(b"\x89PNG")
    nowhere = run("patterns", "show", FIRST.id, "--plot", str(tmp_path / "missing" / "a.png"))
    assert isinstance(nowhere.exception, NeedsHuman)


def test_what_is_not_there_is_said_in_one_line(run: Rmo) -> None:
    assert run("patterns", "list").stdout == "no pattern is registered; `rmo mine` looks for some\n"
    missing = run("patterns", "show", "no\x1b")
    assert missing.exit_code == 1
    assert missing.stderr == "rmo: there is no pattern 'no\\\\x1b'; `rmo patterns list` shows which there are\n"
    refused = run("patterns", "list", "--status", "good")
    assert isinstance(refused.exception, NeedsHuman)


def test_mining_says_what_it_read_and_found(run: Rmo, store: Callable[..., None]) -> None:
    store(write_evidence, [task(f"t{number}", issue=number) for number in range(3)])
    assert run("mine").stdout.startswith("3 new units, 3 tasks, 0 stand out\n")
    again = json.loads(run("mine", "--extent", "everything", "--json").stdout)
    assert (again["units"], again["tasks"], again["registered"], again["blocks"]) == (3, 3, [], 0)
    assert isinstance(run("mine", "--extent", "all").exception, NeedsHuman)
