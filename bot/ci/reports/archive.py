"""Members of a zip archive from a hostile place, read in memory and never laid on a disk.

What an archive says of itself (sizes, names, offsets) was written by code that nobody has reviewed. Everything that
is looked at is bounded before it is unpacked, and a whole archive is refused for one member that is no honest file.
"""

import stat
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from bot.ci.reports.markup import REPORT_BYTES

ARCHIVE_BYTES = 32 * 1024**2
MEMBERS = 5_000
TOTAL_BYTES = 64 * 1024**2
RATIO = 100
"""Reports compress to a twentieth at best; a bomb to a thousandth."""
RATIO_FREE_BYTES = 64 * 1024
"""A member this small is never refused for its ratio: a few kilobytes of blanks are no bomb."""
NAME_CHARACTERS = 300

_ENTRY = b"PK\x01\x02"
_START = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_LOCAL_HEADER_BYTES = 30


@dataclass(frozen=True, slots=True)
class Members:
    contents: Mapping[str, bytes]
    """By name; an archive inside the archive is a member like any other and is not opened."""
    too_large: tuple[str, ...]
    """Names of members beyond the size of a report, which were not unpacked."""


@dataclass(frozen=True, slots=True)
class Refused:
    reason: str


def is_archive(content: bytes) -> bool:
    return content.startswith(_START)


def read_archive(content: bytes) -> Members | Refused:
    """All regular members up to a report's size, or why nothing of the archive is believed."""
    if len(content) > ARCHIVE_BYTES:
        return Refused(f"archive larger than {ARCHIVE_BYTES} bytes")
    if content.count(_ENTRY) > MEMBERS:
        return Refused(f"archive with more than {MEMBERS} members")
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
            reason = _refusal(archive.infolist(), len(content))
            if reason is not None:
                return Refused(reason)
            small = [entry for entry in entries if entry.file_size <= REPORT_BYTES]
            contents = {entry.filename: _unpacked(archive, entry) for entry in small}
    except (BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        return Refused(f"damaged archive: {type(error).__name__}")
    names = {entry.filename for entry in entries}
    return Members(contents, tuple(sorted(names - contents.keys())))


def _unpacked(archive: ZipFile, entry: ZipInfo) -> bytes:
    """Never more than the declared size: zipfile stops there, and its checksum then tells that the size was a lie.

    Of a size that was declared too large only the bytes tell; raises BadZipFile for either lie.
    """
    with archive.open(entry) as member:
        content = member.read(REPORT_BYTES)
    if len(content) != entry.file_size:
        raise BadZipFile("fewer bytes than declared")
    return content


def _refusal(entries: Sequence[ZipInfo], size: int) -> str | None:
    seen: set[str] = set()
    for entry in entries:
        if (reason := _name_refusal(entry)) or (reason := _content_refusal(entry)):
            return f"{reason}: {entry.orig_filename[:100]!a}"
        if entry.filename.casefold() in seen:
            return f"two members of one name: {entry.filename[:100]!a}"
        seen.add(entry.filename.casefold())
    if sum(entry.file_size for entry in entries if entry.file_size <= REPORT_BYTES) > TOTAL_BYTES:
        return f"members of more than {TOTAL_BYTES} bytes together"
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            return f"members that overlap: {entry.filename[:100]!a}"
        end = entry.header_offset + _LOCAL_HEADER_BYTES + entry.compress_size
    return "members beyond the end of the archive" if end > size else None


def _name_refusal(entry: ZipInfo) -> str | None:
    name = entry.orig_filename
    if not name.isprintable() or not name or len(name) > NAME_CHARACTERS:
        return "member with an empty, overlong or unprintable name"
    if name.startswith("/") or "\\" in name or name[1:2] == ":":
        return "member with an absolute or foreign path"
    if any(part in ("", ".", "..") for part in name.removesuffix("/").split("/")):
        return "member whose path leaves its place"
    return None


def _content_refusal(entry: ZipInfo) -> str | None:
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "member that is a link or a device"
    if entry.flag_bits & _ENCRYPTED:
        return "encrypted member"
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "member packed in an unusual way"
    if entry.file_size > max(RATIO_FREE_BYTES, RATIO * entry.compress_size):
        return f"member that grows more than {RATIO} times"
    return None
