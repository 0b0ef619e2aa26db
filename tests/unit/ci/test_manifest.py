"""The validation action's manifest is read as it is written; whatever else comes is refused, never raised."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ground_truth.processes import Ran
from ground_truth.record import Record
from hypothesis import given
from hypothesis import strategies as st

from bot.ci.reports.junit import ID_CHARACTERS
from bot.ci.reports.manifest import MARK, read_manifest
from bot.ci.reports.markup import REPORT_BYTES
from bot.model.manifest import Manifest, NotRun, SecondLook
from bot.model.report import Unreadable

SHA = "0123456789abcdef0123456789abcdef01234567"


def written(directory: Path) -> bytes:
    """A manifest from the program that writes them."""
    record = Record(directory, SHA, None)
    record.tests = {"tests/test_a.py::test_a[\x1b[2K]": "passed", "tests/test_a.py::test_b": "failed"}
    record.second_pass = {"tests/test_a.py::test_b": "passed"}
    record.ran("pytest", Ran(("python", "-m", "pytest"), None, 1.234, "ended after 2 s"), "broken", note="why")
    record.skip("mutation", "not asked for")
    record.save(complete=True)
    return (directory / "manifest.json").read_bytes()


def test_what_the_action_writes_is_what_is_read(tmp_path: Path) -> None:
    content = written(tmp_path)
    manifest = read_manifest(content)

    assert MARK in content[:100]
    assert isinstance(manifest, Manifest)
    assert (manifest.complete, manifest.commit, manifest.base) == (True, SHA, "")
    (tool,) = manifest.tools
    assert (tool.tool, tool.exit_code, tool.seconds, tool.status) == ("pytest", None, 1.23, "broken")
    assert (tool.command, tool.note, tool.report) == (("python", "-m", "pytest"), "why; ended after 2 s", "")
    assert manifest.tests == (("]", "passed"), ("tests/test_a.py::test_b", "failed"))
    assert manifest.second_pass == (SecondLook("tests/test_a.py::test_b", "passed"),)
    assert manifest.not_run == (NotRun("mutation", "not asked for"),)
    assert manifest.tests_left_out == 0


def test_tests_without_number_are_counted_and_the_manifest_stays_readable(tmp_path: Path) -> None:
    record = Record(tmp_path, SHA, SHA)
    record.tests = {f"tests/test_{number}.py::{'x' * 400}": "passed" for number in range(20_000)}
    record.save(complete=False)
    content = (tmp_path / "manifest.json").read_bytes()
    manifest = read_manifest(content)

    assert len(content) < REPORT_BYTES
    assert isinstance(manifest, Manifest)
    assert manifest.base == SHA
    assert not manifest.complete
    assert len(manifest.tests) + manifest.tests_left_out == 20_000
    assert manifest.tests_left_out > 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("schema", "something/else"),
        ("version", 2),
        ("commit", "HEAD"),
        ("tests", [{"id": "a", "outcome": "great"}]),
        ("tests", [None] * 90_000),
        ("tests_left_out", -1),
        ("second_pass", [{"id": "a", "outcome": "passed"}] * 101),
        ("tools", [{"tool": "pytest"}]),
        ("not_run", None),
    ],
)
def test_what_differs_from_the_form_is_refused_with_a_reason(field: str, value: object, tmp_path: Path) -> None:
    content: dict[str, Any] = json.loads(written(tmp_path))
    refused = read_manifest(json.dumps({**content, field: value}).encode())
    assert isinstance(refused, Unreadable)
    assert refused.reason


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    content = written(tmp_path)
    assert isinstance(read_manifest(content.replace(b"1.23", b"NaN")), Unreadable)
    assert isinstance(read_manifest(content.replace(b"1.23", b"1e999")), Unreadable)
    assert isinstance(read_manifest(content + b" " * REPORT_BYTES), Unreadable)


@given(st.binary(max_size=500) | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(repr).map(str.encode))
def test_no_bytes_raise(content: bytes) -> None:
    assert isinstance(read_manifest(content), Unreadable)


@given(st.text(), st.sampled_from(["passed", "failed", "error", "skipped", "absent"]))
def test_ids_are_plain_and_short_whatever_they_were(text: str, outcome: str) -> None:
    content = {
        **dict.fromkeys(("tools", "second_pass", "not_run"), ()),
        **{"schema": "fractal-rmo/validation", "version": 1, "complete": True, "commit": "", "base": text},
        **{"python": text, "tests": [{"id": text * 100, "outcome": outcome}], "tests_left_out": 0},
    }
    manifest = read_manifest(json.dumps(content).encode())
    if isinstance(manifest, Manifest):
        ((test, seen),) = manifest.tests
        assert seen == outcome
        assert len(test) <= ID_CHARACTERS
        assert not any(ord(character) < 32 and character not in "\t\n" for character in test)
        assert replace(manifest) == manifest
    else:
        assert any(0xD800 <= ord(character) < 0xE000 for character in text)
