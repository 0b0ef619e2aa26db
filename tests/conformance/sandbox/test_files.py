"""An archive is laid out inside the work directory or refused whole."""

import tarfile
from pathlib import PurePosixPath

import pytest

from bot.model.command import Command, Limits
from bot.sandbox import Sandbox
from bot.sandbox.errors import FilesRefused
from tests.conformance.sandbox.trees import entry, tar_of


@pytest.mark.parametrize(
    ("archive", "complaint"),
    [
        (tar_of({"/etc/evil": b""}), "leaves the work directory"),
        (tar_of({"a/../../evil": b""}), "leaves the work directory"),
        (tar_of({"..": b""}), "leaves the work directory"),
        (tar_of({}, entry("out", tarfile.SYMTYPE, "/etc")), "points outside"),
        (tar_of({}, entry("out", tarfile.SYMTYPE, "../../etc")), "points outside"),
        (tar_of({}, entry("s", tarfile.SYMTYPE, "."), entry("t", tarfile.SYMTYPE, "s/..")), "points outside"),
        (tar_of({}, entry("hard", tarfile.LNKTYPE, "/etc/passwd")), "neither file"),
        (tar_of({}, entry("device", tarfile.CHRTYPE)), "neither file"),
        (tar_of({}, entry("pipe", tarfile.FIFOTYPE)), "neither file"),
        (b"not a tar" * 200, "ReadError"),
        (tar_of({"a": b"x" * 5000})[:2000], "ReadError"),
        (b"", "ReadError"),
    ],
    ids=[
        "absolute",
        "upwards",
        "parent",
        "link",
        "link up",
        "links",
        "hard link",
        "device",
        "pipe",
        "broken",
        "cut",
        "empty",
    ],
)
async def test_a_hostile_archive_is_refused(sandbox: Sandbox, archive: bytes, complaint: str) -> None:
    with pytest.raises(FilesRefused, match=complaint):
        await sandbox.run(Command(("true",), archive=archive))


async def test_nothing_is_written_through_a_link(sandbox: Sandbox) -> None:
    links = (entry("real", tarfile.DIRTYPE), entry("d", tarfile.SYMTYPE, "real"))
    command = Command(("true",), archive=tar_of({}, *links), files={PurePosixPath("d/evil"): b""})

    with pytest.raises(FilesRefused, match="no directory"):
        await sandbox.run(command)


async def test_a_link_inside_is_kept(sandbox: Sandbox) -> None:
    archive = tar_of({"docs/guide.txt": b"read me\n"}, entry("README", tarfile.SYMTYPE, "docs/guide.txt"))

    assert (await sandbox.run(Command(("cat", "README"), archive=archive))).stdout == b"read me\n"


async def test_more_than_fits_is_refused(sandbox: Sandbox) -> None:
    command = Command(("true",), archive=tar_of({"big": b"\0" * 3_000_000}), limits=Limits(scratch_bytes=1_000_000))

    with pytest.raises(FilesRefused, match="No space left"):
        await sandbox.run(command)
