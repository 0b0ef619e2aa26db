"""Archives of the zip tool, and archives that lie."""

import stat
import struct
import zipfile
from io import BytesIO
from random import Random

import pytest

from bot.ci.reports.archive import Members, Refused, is_archive, read_archive

LOCAL_SIZES = 18
CENTRAL_SIZES = 20


def archive(*members: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as written:
        for name, content in members:
            written.writestr(name, content)
    return buffer.getvalue()


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def renamed(content: bytes, old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    return content.replace(old, new)


def with_declared_size(content: bytes, size: int) -> bytes:
    """The first member claims to be `size` bytes long once unpacked, in both of its headers."""
    changed = bytearray(content)
    local, central = content.index(b"PK\x03\x04"), content.index(b"PK\x01\x02")
    struct.pack_into("<I", changed, local + LOCAL_SIZES + 4, size)
    struct.pack_into("<I", changed, central + CENTRAL_SIZES + 4, size)
    return bytes(changed)


def with_flag(content: bytes, flag: int) -> bytes:
    changed = bytearray(content)
    struct.pack_into("<H", changed, content.index(b"PK\x03\x04") + 6, flag)
    struct.pack_into("<H", changed, content.index(b"PK\x01\x02") + 8, flag)
    return bytes(changed)


def reason(content: bytes) -> str:
    refused = read_archive(content)
    assert isinstance(refused, Refused), refused
    return refused.reason


def test_members_are_read() -> None:
    content = archive(("junit.xml", b"<testsuite/>"), ("a/b.json", b"[]"), (entry("a/", stat.S_IFDIR), b""))
    assert is_archive(content)
    assert read_archive(content) == Members({"junit.xml": b"<testsuite/>", "a/b.json": b"[]"}, ())


def test_an_empty_archive_is_one() -> None:
    assert is_archive(archive())
    assert read_archive(archive()) == Members({}, ())


def test_a_member_larger_than_a_report_is_named_and_not_unpacked() -> None:
    large = bytes(range(256)) * (6 * 1024**2 // 256)
    assert read_archive(archive(("wheel", large), ("a", b"x"), compression=zipfile.ZIP_STORED)) == Members(
        {"a": b"x"}, ("wheel",)
    )


def test_an_archive_inside_is_not_opened() -> None:
    inner = archive(("a", b"x"))
    assert read_archive(archive(("inner.zip", inner))) == Members({"inner.zip": inner}, ())


def overlapping() -> bytes:
    content = bytearray(archive(("aa", b"x" * 10), ("bb", b"y" * 10), compression=zipfile.ZIP_STORED))
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    struct.pack_into("<I", content, second + 42, 4)
    return bytes(content)


def beyond() -> bytes:
    content = bytearray(archive(("aa", b"x" * 10), compression=zipfile.ZIP_STORED))
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 42, 1_000)
    return bytes(content)


def twice() -> bytes:
    return renamed(archive(("aa", b"x"), ("bb", b"y")), b"bb", b"AA")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(archive(("../../evil", b"x")), "path leaves its place", id="AR-1"),
        pytest.param(archive(("a/./b", b"x")), "path leaves its place", id="AR-1 dot"),
        pytest.param(archive(("a//b", b"x")), "path leaves its place", id="AR-1 empty part"),
        pytest.param(archive(("/etc/passwd", b"x")), "absolute", id="AR-2"),
        pytest.param(archive(("C:/x", b"x")), "absolute", id="AR-2 drive"),
        pytest.param(archive(("a\\b", b"x")), "absolute", id="AR-2 backslash"),
        pytest.param(archive((entry("link", stat.S_IFLNK | 0o777), b"/etc")), "link or a device", id="AR-3"),
        pytest.param(archive(("bomb", b"\0" * 4_000_000)), "grows more than", id="AR-4"),
        pytest.param(archive(("bomb", b"\0" * 220_000_000)), "grows more than", id="AR-4 large"),
        pytest.param(with_declared_size(archive(("a", b"x" * 100)), 20), "damaged", id="AR-6 small"),
        pytest.param(with_declared_size(archive(("a", b"x" * 100)), 120), "damaged", id="AR-6 a little larger"),
        pytest.param(with_declared_size(archive(("a", b"x" * 100)), 2**31), "grows more than", id="AR-6 large"),
        pytest.param(overlapping(), "overlap", id="AR-7"),
        pytest.param(beyond(), "beyond the end", id="AR-7 beyond"),
        pytest.param(with_flag(archive(("a", b"x")), 1), "encrypted", id="AR-8 encrypted"),
        pytest.param(twice(), "two members of one name", id="AR-8 duplicate"),
        pytest.param(renamed(archive(("a_b", b"x")), b"a_b", b"a\0b"), "unprintable", id="NUL"),
        pytest.param(archive(("a\nb", b"x")), "unprintable", id="newline"),
        pytest.param(archive(("n" * 400, b"x")), "overlong", id="long name"),
        pytest.param(archive(("a", b"x" * 99), compression=zipfile.ZIP_BZIP2), "unusual way", id="bzip2"),
        pytest.param(archive(*((str(n), b"") for n in range(5_001))), "more than 5000 members", id="members"),
        pytest.param(b"PK\x03\x04" + b"\0" * 50, "damaged", id="no directory"),
        pytest.param(b"PK\x03\x04" + b"\0" * (32 * 1024**2), "archive larger", id="size"),
    ],
)
def test_archives_that_are_refused(content: bytes, expected: str) -> None:
    assert expected in reason(content)


def test_together_members_may_not_be_too_large() -> None:
    honest = Random(0).randbytes(400_000) + b"\0" * 3_600_000
    assert "bytes together" in reason(archive(*((str(number), honest) for number in range(17))))
