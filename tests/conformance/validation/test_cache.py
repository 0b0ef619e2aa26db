"""What is kept of validations: read back as it was, never in the way, never larger than allowed."""

import os
from pathlib import Path

import pytest

from bot.jobs.validation import ValidationCache
from bot.jobs.validation.cache import MOST_ENTRY_BYTES, content_key
from bot.model.validation import TestEvidence

VALUE = TestEvidence((("a", "passed"), ("b", "failed")), 1, reported=True, source="sandbox")


async def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    cache = ValidationCache(tmp_path / "deep" / "validations")
    key = content_key("tests", 1, ["x"])

    assert await cache.read(key, TestEvidence) is None
    await cache.write(key, VALUE)

    assert await cache.read(key, TestEvidence) == VALUE
    assert await ValidationCache(cache.directory).read(content_key("tests", 1, ["y"]), TestEvidence) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'{"outcomes": 3}',
        b'{"outcomes": [["a", "vanished"]], "exit_code": 1}',
        b"\xff",
    ],
)
async def test_what_cannot_be_read_is_no_entry_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    cache = ValidationCache(tmp_path)
    (tmp_path / "key.json").write_bytes(content)

    assert await cache.read("key", TestEvidence) is None
    await cache.write("key", VALUE)
    assert await cache.read("key", TestEvidence) == VALUE


async def test_the_entries_that_were_used_longest_ago_make_room(tmp_path: Path) -> None:
    size = len(
        b'{"outcomes": [["a", "passed"], ["b", "failed"]], "exit_code": 1, "reported": true, "source": "sandbox"}'
    )
    cache = ValidationCache(tmp_path, most_bytes=4 * size)
    for number in range(4):
        await cache.write(str(number), VALUE)
        os.utime(tmp_path / f"{number}.json", (number, number))
    assert await cache.read("0", TestEvidence) == VALUE  # used now, so 1 is the oldest

    await cache.write("4", VALUE)

    assert sorted(os.listdir(tmp_path)) == ["0.json", "3.json", "4.json"]


async def test_what_is_too_large_or_has_no_place_is_not_kept(tmp_path: Path) -> None:
    large = TestEvidence((("a" * MOST_ENTRY_BYTES, "passed"),), 1, reported=True, source="sandbox")
    (tmp_path / "file").write_text("in the way")

    await ValidationCache(tmp_path).write("large", large)
    await ValidationCache(tmp_path / "file").write("key", VALUE)

    assert os.listdir(tmp_path) == ["file"]
