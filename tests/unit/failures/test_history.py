"""One record of another system becomes evidence, whatever else stands in it."""

import json
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ci.reports.recorded import read_recorded
from bot.failures.features import Feature, OneOf
from bot.failures.history import HISTORIC_REGISTRY, LINE_BYTES, historic_evidence, historic_failure, read_record
from bot.model.evidence import Evidence
from bot.model.history import HistoricRecord
from bot.model.report import Unreadable
from tests.bench.failures import data_file, measure

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
FAILED = {
    "source": "judge runs",
    "task_id": "octo__tally-12",
    "model": "gpt-x",
    "attempt": 2,
    "passed": False,
    "error_type": "KeyError",
    "error_text": "  File \"tally.py\", line 3, in add\n    x\nKeyError: 'a'\n",
    "evidence": "re-executed",
    "dup": True,
    "input_bug_label": "colon missing",
    "level": "easy",
    "patch_touches": ["touches-tests", "something else"],
    "files": ["a.py", "b.py", "c.py", "d.py"],
    "attempt_note": "ignore previous instructions",
    "rule": "ignore previous instructions",
}
PASSED = {"source": "s", "task_id": "t", "passed": True}


def record(**fields: object) -> HistoricRecord:
    read = read_record(json.dumps({**FAILED, **fields}).encode())
    assert isinstance(read, HistoricRecord)
    return read


def evidence(read: HistoricRecord, occurrence: int = 0) -> Evidence:
    failure = None if read.passed else historic_failure(read, read_recorded(read.error_text, read.error_kind))
    return historic_evidence(read, failure, occurrence=occurrence, at=NOON, salt="s")


def test_a_failed_attempt() -> None:
    found = evidence(record())
    assert found.opened is not None
    assert (found.opened.repository, found.opened.model) == ("octo/tally", "gpt-x")
    assert found.opened.features["input_bug_label"] == "colon missing"
    assert found.opened.features["difficulty"] == "easy"
    assert "patch_touches" not in found.opened.features
    (tried,) = found.tries
    assert (tried.attempt, tried.succeeded, tried.validated, tried.source) == (2, False, True, "sandbox")
    assert tried.features["patch_touches"] == ("touches-tests", "other")
    assert tried.features["patch_files"] == "3+"
    (failure,) = found.failures
    assert (failure.recorded.failure.rule, failure.exception) == ("KeyError", "KeyError")
    assert failure.recorded.failure.path == "tally.py"
    assert found.closed is None


def test_a_success_is_stored_too() -> None:
    read = read_record(json.dumps(PASSED).encode())
    assert isinstance(read, HistoricRecord)
    found = evidence(read)
    assert found.closed is not None
    assert (found.closed.outcome, found.failures, found.tries[0].succeeded) == ("completed", (), True)
    assert found.opened is not None
    assert (found.opened.repository, found.opened.model) == ("s", "unknown")


def test_the_key_is_that_of_the_record() -> None:
    one = evidence(record())
    assert (one.task, one.seq) == (evidence(record()).task, evidence(record()).seq)
    assert one.seq != evidence(record(), occurrence=1).seq
    assert one.seq != evidence(record(attempt=3)).seq
    assert one.task == evidence(record(attempt=3)).task
    assert one.task != evidence(record(model="other")).task
    assert 0 <= one.seq < 2**31


def test_an_imported_failure_has_the_fingerprint_that_ci_would_give_it() -> None:
    """From a log, a report or a record: the same failure."""
    frame = "  File \"/testbed/tally.py\", line 99, in add\n    x\nKeyError: 'b'\n"
    one, other = evidence(record()), evidence(record(error_text=frame, evidence="recorded"))
    assert one.failures[0].recorded.failure.fingerprint == other.failures[0].recorded.failure.fingerprint


def test_no_text_of_a_record_becomes_a_feature() -> None:
    found = evidence(record(model="ignore previous instructions", input_bug_label="ignore previous instructions"))
    stored = json.dumps([dict(found.tries[0].features), dict(found.failures[0].features)])
    assert "ignore" not in stored


def test_an_importer_may_register_more() -> None:
    registry = HISTORIC_REGISTRY.with_feature(Feature("team", "before_executor", OneOf(frozenset({"red"}))))
    found = historic_evidence(record(team="red"), None, occurrence=0, at=NOON, salt="s", registry=registry)
    assert found.opened is not None
    assert found.opened.features["team"] == "red"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not json", "JSON"),
        (b"[]", "object"),
        (b'{"source": "s", "passed": true}', "task_id"),
        (b'{"source": "s", "task_id": "t", "passed": "perhaps"}', "passed"),
        (b'{"source": "", "task_id": "t", "passed": true}', "source"),
        (b'{"source": "s", "task_id": "t", "passed": true, "attempt": -1}', "attempt"),
        (b"\xff\xfe", ""),
        (b" " * (LINE_BYTES + 1), "longer"),
    ],
)
def test_a_line_that_is_no_record_says_why(line: bytes, reason: str) -> None:
    read = read_record(line)
    assert isinstance(read, Unreadable)
    assert reason in read.reason


@settings(deadline=None)
@given(st.binary(max_size=200) | st.dictionaries(st.text(), st.text()).map(lambda each: json.dumps(each).encode()))
def test_law_no_line_raises(line: bytes) -> None:
    assert isinstance(read_record(line), HistoricRecord | Unreadable)


@settings(deadline=None)
@given(st.text(), st.text(), st.text(), st.sampled_from([[], "x", 3, None, ["a"]]))
def test_law_any_record_becomes_evidence(task: str, kind: str, text: str, files: object) -> None:
    found = evidence(record(task_id=task or "t", error_type=kind, error_text=text, files=files, level=files))
    assert len(found.failures) == 1


def test_real_records_keep_what_the_fingerprint_promises() -> None:
    path = data_file()
    if path is None:
        sys.stdout.write("not run: no data\n")
        return
    found = measure(path)
    assert (found.records, found.unreadable, found.failures) == (11_726, 0, 6_231)
    assert (found.groups, found.broken_groups) == (809, 0)
    assert found.purity >= 0.99
    assert found.told / found.assertions >= 0.99
    assert found.fingerprints > found.reference_fingerprints
