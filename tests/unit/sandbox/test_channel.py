"""Whatever the runner's channel carries, the host reads no more than it asked for and raises nothing."""

import asyncio
import json
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.command import Command, Limits
from bot.sandbox.channel import Refusal, Report, checked_paths, messages, program, read_report
from bot.sandbox.errors import UnsafePath

COMMAND = Command(("true",), limits=Limits(output_bytes=10), collect_bytes=10)
HONEST = {"exit": 0, "timed_out": False, "dropped": 0, "outputs": [2, 1], "files": [["a", 3]], "uncollected": ["b"]}


def told(report: object, blobs: bytes = b"") -> bytes:
    text = json.dumps(report).encode()
    return b"%d\n" % len(text) + text + blobs


async def read(content: bytes) -> Report | Refusal | None:
    stream = asyncio.StreamReader()
    stream.feed_data(content)
    stream.feed_eof()
    return await read_report(stream, COMMAND)


async def test_an_honest_report_is_read() -> None:
    report = await read(told(HONEST, b"ooeaaa"))

    assert report == Report(0, False, 0, b"oo", b"e", {"a": b"aaa"}, ("b",))


async def test_a_refusal_is_read() -> None:
    assert await read(told({"refused": "too big"})) == Refusal("too big")


@pytest.mark.parametrize(
    "change",
    [
        {"outputs": [11, 0]},
        {"outputs": [-1, 0]},
        {"files": [["a", 11]]},
        {"files": [["a", 6], ["b", 6]]},
        {"files": [["a", -6], ["b", 6]]},
        {"exit": 256},
        {"exit": "0"},
        {"extra": 1},
        {"dropped": -1},
        {"timed_out": "maybe"},
    ],
    ids=json.dumps,
)
async def test_what_cannot_be_is_no_report(change: dict[str, object]) -> None:
    assert await read(told(HONEST | change, b"x" * 100)) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"9" * 5000 + b"\n", b"-1\n", b"9999999999\n", b"5\n[1,2", b"x" * 200_000, told(HONEST, b"oo")],
    ids=["nothing", "no length", "long length", "negative", "huge", "cut off", "no newline", "short"],
)
async def test_broken_framing_is_no_report(content: bytes) -> None:
    assert await read(content) is None


@given(st.binary(max_size=300))
def test_no_bytes_raise(content: bytes) -> None:
    asyncio.run(read(content))


def test_the_plan_goes_first_and_the_files_follow_in_its_order() -> None:
    command = Command(("x",), files={PurePosixPath("b"): b"BB", PurePosixPath("a"): b"A"}, archive=b"TAR")

    length, plan, *rest = messages(command, work="/work", uid=None, outer_processes=None)

    assert int(length) == len(plan)
    assert json.loads(plan)["files"] == [["b", 2], ["a", 1]]
    assert json.loads(plan)["archive"] == 3
    assert rest == [b"TAR", b"BB", b"A"]


@pytest.mark.parametrize("path", ["", "/a", "..", "a/..", "a\0b"])
def test_unsafe_paths_are_refused(path: str) -> None:
    with pytest.raises(UnsafePath):
        checked_paths(Command(("x",), collect=(path,)))


def test_the_program_sent_inside_needs_nothing_but_itself() -> None:
    sent = program()

    compile(sent, "runner", "exec")
    assert "import pydantic" not in sent
    assert len(sent) < 100_000, "it must fit one argument of a command line"
