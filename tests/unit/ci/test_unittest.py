"""Failures of unittest, as its own runner prints them."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ci.findings import collect
from bot.ci.reports.unittest import FAILURES, read_unittest
from bot.model.report import TestResult

TESTS = """import unittest


def add(a, b):
    return a - b


class TestAdd(unittest.TestCase):
    def test_sum(self):
        \"\"\"Adds.\"\"\"
        self.assertEqual(add(1, 2), 3)

    def test_parts(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertTrue(number == 1, "odd")

    def test_key(self):
        {}["k"]

    def test_good(self):
        pass
"""


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    place = tmp_path_factory.mktemp("unittest")
    (place / "test_add.py").write_text(TESTS)
    (place / "test_gone.py").write_text("import nosuchmodule\n")
    command = [sys.executable, "-m", "unittest", "test_add", "test_gone"]
    return subprocess.run(command, cwd=place, capture_output=True, check=False).stderr


def by_name(output: bytes) -> dict[str, TestResult]:
    return {test.id: test for test in read_unittest(output.decode().split("\n"))}


def test_each_failed_test_once(output: bytes) -> None:
    found = by_name(output)
    assert {name: test.outcome for name, test in found.items()} == {
        "test_add.py::TestAdd::test_key": "error",
        "test_add.py::TestAdd::test_sum": "failed",
        "test_add.py::TestAdd::test_parts": "failed",
        "test_gone.py": "error",
    }
    assert {test.tool for test in found.values()} == {"unittest"}


def test_an_assertion_is_told_by_its_statement(output: bytes) -> None:
    found = by_name(output)
    summed = found["test_add.py::TestAdd::test_sum"]
    assert (summed.exception, summed.message) == ("AssertionError", "-1 != 3\n> self.assertEqual(add(1, 2), 3)")
    assert found["test_add.py::TestAdd::test_key"].message == "'k'"
    gone = found["test_gone.py"]
    assert (gone.exception, gone.message) == ("ModuleNotFoundError", "No module named 'nosuchmodule'")


def test_output_in_a_file_or_a_log(output: bytes) -> None:
    ids = {test.id for test in collect({"out.txt": output}, (), {}).tests}
    assert ids == set(by_name(output))
    assert {test.id for test in collect({}, (), {"job": output}).tests} == ids


def test_the_form_of_older_interpreters() -> None:
    lines = ["=====", "FAIL: test_a (tests.test_m.TestM)", "-----", "Traceback (most recent call last):"]
    lines += ['  File "m.py", line 1, in f', "    assert x", "AssertionError"]
    (found,) = read_unittest(lines)
    assert (found.id, found.message) == ("tests/test_m.py::TestM::test_a", "> assert x")


def test_the_number_of_failures_is_capped() -> None:
    lines = [line for n in range(FAILURES + 9) for line in ("=====", f"FAIL: test_{n} (m.T)", "-----", "KeyError: 1")]
    assert len(read_unittest(lines)) == FAILURES


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["=====", "-----", "FAIL: t (m.C.t)", "ERROR: t (m.C)", "E   x", "Ran 1 test in 0.1s"]))
)
def test_law_no_order_of_lines_raises(lines: list[str]) -> None:
    for test in read_unittest(lines):
        assert test.outcome in ("failed", "error")
