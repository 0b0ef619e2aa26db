"""Reports read in a real child process: the same findings as here, and an end to whatever does not end."""

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.ci.findings import collect
from bot.jobs.read_reports import LIMITS, read_reports
from bot.jobs.report_child import answered, packed, unpacked
from bot.model.check import Annotation
from bot.model.report import Findings
from bot.sandbox.child import run_module

JUNIT = (
    b'<testsuite name="pytest"><testcase classname="t" name="a"><failure>E   KeyError: 1</failure></testcase>'
    b'<testcase classname="t" name="b"/></testsuite>'
)
COVERAGE = b'<coverage line-rate="0.5"><class filename="a.py" line-rate="1"/></coverage>'
ANNOTATIONS = (Annotation("a\ud800.py", 1, "failure", "it broke"),)
LOGS = {"job": b"Killed\n"}
ARTIFACTS = {"junit.xml": JUNIT, "coverage.xml": COVERAGE, "torn.xml": b"<testsuite>"}


def children() -> set[str]:
    """Processes that run the child's module."""
    found: set[str] = set()
    for each in Path("/proc").iterdir():
        if each.name.isdigit() and each.name != str(os.getpid()):
            try:
                command = (each / "cmdline").read_bytes()
            except OSError:
                continue
            if b"bot.jobs.report_child" in command:
                found.add(each.name)
    return found


async def test_the_child_finds_what_would_be_found_here() -> None:
    expected = collect(ARTIFACTS, ANNOTATIONS, LOGS, "/checkout")
    assert await read_reports(ARTIFACTS, ANNOTATIONS, LOGS, "/checkout") == expected
    assert {one.rule for one in expected.lint} == {"OutOfMemory"}


def test_what_goes_through_the_pipes_comes_back() -> None:
    assert unpacked(answered(packed(ARTIFACTS, ANNOTATIONS, LOGS, ""))) == collect(ARTIFACTS, ANNOTATIONS, LOGS)


async def test_a_child_beyond_its_time_is_killed_and_its_reports_are_named() -> None:
    found = await read_reports(ARTIFACTS, ANNOTATIONS, LOGS, limits=replace(LIMITS, wall=timedelta(milliseconds=20)))
    assert found == Findings(
        (), (), None, (), (), ("3 artifacts: not read within 0 s", "annotations and logs: not read within 0 s")
    )


async def test_a_child_beyond_its_memory_is_ended() -> None:
    """What an artifact takes does not cost what annotations and logs say."""
    hungry = {str(number): b"x" * 30 * 1024**2 for number in range(6)}
    found = await read_reports(hungry, ANNOTATIONS, LOGS, limits=replace(LIMITS, address_space_bytes=280 * 1024**2))
    assert found.unread == ("6 artifacts: not read within 293601280 bytes of memory",)
    assert found.remarks
    assert found.log_ends


async def test_a_child_that_says_too_much_or_dies_is_told() -> None:
    found = await read_reports({}, (), LOGS, limits=replace(LIMITS, output_bytes=10))
    assert found.unread == ("annotations and logs: not read, because they say more than 10 bytes",)
    found = await read_reports({}, (), LOGS, limits=replace(LIMITS, address_space_bytes=10 * 1024**2))
    assert len(found.unread) == 1
    assert found.unread[0].startswith("annotations and logs: not read")


async def test_what_is_too_large_is_not_handed_over() -> None:
    huge = {"huge.zip": b"x" * (33 * 1024**2), "junit.xml": JUNIT}
    found = await read_reports(huge, (), {})
    assert found.unread == ("huge.zip: larger than 33554432 bytes",)
    assert len(found.tests) == 2


async def test_no_process_is_left_after_a_cancellation() -> None:
    before = children()
    task = asyncio.create_task(read_reports(ARTIFACTS, (), {}))
    async with asyncio.timeout(20):
        while not children() - before:  # noqa: ASYNC110 - another process gives no event
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() <= before


async def test_a_module_that_fails_says_why() -> None:
    done = await run_module("bot.jobs.no_such_module", b"", LIMITS)
    assert done.exit_code == 1
    assert b"no_such_module" in done.stderr
