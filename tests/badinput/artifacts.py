"""AR: artifacts and reports that attack whoever opens them, each built here, with the reason that must be given."""

import stat
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from random import Random

MEGABYTE = 1024**2
MOST_BYTES = 5 * MEGABYTE
"""Of one report."""


@dataclass(frozen=True)
class Trick:
    """An artifact, and what is said of it."""

    content: Callable[[], bytes]
    reason: str
    """Part of the remark that must be made; empty where it is read."""
    name: str = "junit.xml"
    tests: tuple[str, ...] = ()
    """What it may tell of nevertheless."""


def archive(*members: tuple[str | zipfile.ZipInfo, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", packed) as written:
        for name, content in members:
            written.writestr(name, content)
    return buffer.getvalue()


def junit(*names: str) -> bytes:
    """A report of tests that passed."""
    cases = "".join(f'<testcase classname="t" name="{name}"/>' for name in names)
    return f'<testsuite name="pytest">{cases}</testsuite>'.encode()


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def declared(content: bytes, size: int) -> bytes:
    """The first member claims to be `size` bytes long once it is unpacked, in both of its headers."""
    changed = bytearray(content)
    struct.pack_into("<I", changed, content.index(b"PK\x03\x04") + 22, size)
    struct.pack_into("<I", changed, content.index(b"PK\x01\x02") + 24, size)
    return bytes(changed)


def flagged(content: bytes, flag: int) -> bytes:
    changed = bytearray(content)
    struct.pack_into("<H", changed, content.index(b"PK\x03\x04") + 6, flag)
    struct.pack_into("<H", changed, content.index(b"PK\x01\x02") + 8, flag)
    return bytes(changed)


def placed(content: bytes, last: int) -> bytes:
    """The last member claims to begin at that byte."""
    changed = bytearray(content)
    struct.pack_into("<I", changed, content.rindex(b"PK\x01\x02") + 42, last)
    return bytes(changed)


def nameless() -> bytes:
    """A member whose name is cut to nothing in both of its headers."""
    content = archive(("a", b""), packed=zipfile.ZIP_STORED)
    local, central, end = (content.index(mark) for mark in (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"))
    changed = bytearray(content)
    struct.pack_into("<H", changed, local + 26, 0)
    struct.pack_into("<H", changed, central + 28, 0)
    struct.pack_into("<I", changed, end + 12, end - central - 1)
    struct.pack_into("<I", changed, end + 16, central - 1)
    del changed[central + 46]
    del changed[local + 30]
    return bytes(changed)


def crowd() -> bytes:
    """Many names for one and the same member (the overlap of David Fifield's "A better zip bomb")."""
    content = archive(*((f"{number:04}", bytes(4 * MEGABYTE)) for number in range(1)), packed=zipfile.ZIP_DEFLATED)
    central, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    one = bytearray(content[central:end])
    many = bytearray()
    for number in range(300):
        one[46:50] = f"{number:04}".encode()
        struct.pack_into("<I", one, 20, 50_000)
        many += one
    tail = bytearray(content[end:])
    struct.pack_into("<HHI", tail, 8, 300, 300, len(many))
    return bytes(content[:central] + bytes(many) + tail)


def quine() -> bytes:
    """As deep as one looks: an archive in an archive, a hundred times."""
    content = archive(("end", b"x"))
    for _ in range(100):
        content = archive(("again.zip", content))
    return content


def large() -> bytes:
    """Just below a report's size and compressing less than a hundred times."""
    return Random(0).randbytes(400_000) + bytes(3_600_000)


def laughs() -> str:
    names = "abcdefghij"
    entities = "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in pairwise(names))
    return f'<!DOCTYPE t [<!ENTITY a "lol">{entities}]><testsuite><testcase name="&j;"/></testsuite>'


def quadratic() -> str:
    """Eight million characters once expanded, where expat does not look yet, from twenty thousand."""
    return f'<!DOCTYPE t [<!ENTITY a "{"x" * 20_000}">]><testsuite><testcase name="{"&a;" * 400}"/></testsuite>'


def external(place: str) -> str:
    return f'<!DOCTYPE t [<!ENTITY a SYSTEM "{place}">]><testsuite><testcase name="&a;"/></testsuite>'


def padded(content: bytes, size: int) -> bytes:
    return content + b" " * (size - len(content))


HONEST = archive((entry("deep/", stat.S_IFDIR), b""), ("deep/junit.xml", junit("honest")), ("blank", bytes(60_000)))
CLIMBS, FOREIGN = "path leaves its place", "absolute or foreign path"
NO_DTD = "XML with a DTD, which no report needs"

TRICKS: Mapping[str, Mapping[str, Trick]] = {
    "AR-1": {
        "zip slip": Trick(lambda: archive(("../../evil", b"x")), CLIMBS),
        "through a directory": Trick(lambda: archive(("a/../../evil", b"x")), CLIMBS),
        "in place": Trick(lambda: archive(("a/./b", b"x")), CLIMBS),
        "twice divided": Trick(lambda: archive(("a//b", b"x")), CLIMBS),
        "backslashes": Trick(lambda: archive(("..\\evil", b"x")), FOREIGN),
        "beside an honest member": Trick(lambda: archive(("junit.xml", junit("t")), ("../evil", b"x")), CLIMBS),
    },
    "AR-2": {
        "root": Trick(lambda: archive(("/etc/cron.d/evil", b"x")), FOREIGN),
        "drive": Trick(lambda: archive(("C:/evil", b"x")), FOREIGN),
        "share": Trick(lambda: archive(("\\\\host\\evil", b"x")), FOREIGN),
    },
    "AR-3": {
        "link": Trick(lambda: archive((entry("junit.xml", stat.S_IFLNK | 0o777), b"/etc/passwd")), "link or a device"),
        "device": Trick(lambda: archive((entry("junit.xml", stat.S_IFBLK | 0o777), b"")), "link or a device"),
    },
    "AR-4": {
        "two hundred times": Trick(lambda: archive(("junit.xml", bytes(4 * MEGABYTE))), "grows more than 100 times"),
        "210 MB from 200 kB": Trick(lambda: archive(("junit.xml", bytes(210 * MEGABYTE))), "grows more than 100 times"),
        "many just below": Trick(lambda: archive(*((str(number), large()) for number in range(17))), "bytes together"),
        "beyond a report": Trick(
            lambda: archive(("junit.xml", Random(0).randbytes(6 * MEGABYTE))), f"junit.xml: larger than {MOST_BYTES}"
        ),
        "beyond all reports, beside an honest one": Trick(
            lambda: archive(
                ("junit.xml", junit("t")), ("result.xml", Random(0).randbytes(MEGABYTE) + bytes(70 * MEGABYTE))
            ),
            f"result.xml: larger than {MOST_BYTES}",
            tests=("t.py::t",),
        ),
        "many members": Trick(
            lambda: archive(*((str(number), b"") for number in range(5_001))), "more than 5000 members"
        ),
        "a large archive": Trick(lambda: b"PK\x03\x04" + bytes(33 * MEGABYTE), "larger than 33554432 bytes"),
        "packed otherwise": Trick(lambda: archive(("a", bytes(MEGABYTE)), packed=zipfile.ZIP_BZIP2), "unusual way"),
    },
    "AR-5": {
        "one in another": Trick(
            lambda: archive(("junit.xml", archive(("junit.xml", junit("inner"))))), "an archive inside an archive"
        ),
        "a hundred deep": Trick(quine, "an archive inside an archive"),
    },
    "AR-6": {
        "smaller": Trick(lambda: declared(archive(("junit.xml", junit("t"))), 20), "damaged archive"),
        "a little larger": Trick(lambda: declared(archive(("junit.xml", junit("t"))), 1_000), "damaged archive"),
        "two gigabytes": Trick(lambda: declared(archive(("a", b"x" * 100)), 2**31), "grows more than 100 times"),
        "a bomb that says it is small": Trick(
            lambda: declared(archive(("junit.xml", bytes(210 * MEGABYTE))), 1_000), "damaged archive"
        ),
    },
    "AR-7": {
        "two": Trick(lambda: placed(archive(("aa", b"x" * 99), ("bb", b"y" * 99), packed=0), 4), "overlap"),
        "three hundred": Trick(crowd, "bytes together"),
        "beyond the end": Trick(lambda: placed(archive(("aa", b"x" * 10), packed=0), 1_000), "beyond the end"),
    },
    "AR-8": {
        "encrypted": Trick(lambda: flagged(archive(("junit.xml", junit("t"))), 0x1), "encrypted"),
        "encrypted strongly": Trick(lambda: flagged(archive(("junit.xml", junit("t"))), 0x41), "encrypted"),
        "two of one name": Trick(
            lambda: archive(("a_xml", junit("t")), ("b_xml", junit("u"))).replace(b"b_xml", b"a_xml"), "one name"
        ),
        "two of one name elsewhere": Trick(
            lambda: archive(("a_xml", junit("t")), ("b_xml", junit("u"))).replace(b"b_xml", b"A_XML"), "one name"
        ),
        "a name that ends early": Trick(lambda: archive(("a_b", b"x")).replace(b"a_b", b"a\0b"), "unprintable"),
        "a name of lines": Trick(lambda: archive(("a\nb", b"x")), "unprintable"),
        "a long name": Trick(lambda: archive(("n" * 400, b"x")), "overlong"),
        "no name": Trick(nameless, "empty"),
    },
    "AR-9": {
        "plain": Trick(lambda: laughs().encode(), NO_DTD),
        "in an archive": Trick(lambda: archive(("junit.xml", laughs().encode())), NO_DTD),
        "coverage": Trick(lambda: laughs().replace("testsuite", "coverage").encode(), NO_DTD, "coverage.xml"),
    },
    "AR-10": {"plain": Trick(lambda: quadratic().encode(), NO_DTD)},
    "AR-11": {
        "file": Trick(lambda: external("file:///etc/passwd").encode(), NO_DTD),
        "address": Trick(lambda: external("http://127.0.0.1:1/x").encode(), NO_DTD),
        "document type elsewhere": Trick(
            lambda: b'<!DOCTYPE t SYSTEM "file:///etc/passwd"><testsuite/>',
            NO_DTD,
        ),
    },
    "AR-12": {
        "tests": Trick(lambda: b"<testsuite>" * 200_000, "nested more than 64 deep"),
        "coverage": Trick(lambda: b"<coverage>" * 200_000, "nested more than 64 deep", "coverage.xml"),
        "JSON": Trick(lambda: b'{"results": ' + b"[" * 200_000 + b'"errors"', "not as the tool writes it", "ruff.json"),
    },
    "AR-13": {
        "UTF-7": Trick(
            lambda: (
                b'<?xml version="1.0" encoding="UTF-7"?><testsuite>+ADw-testcase name=+ACI-t+ACI-/+AD4-</testsuite>'
            ),
            "",
        ),
        "UTF-16": Trick(lambda: junit("t").decode().encode("utf-16"), "not a report that is known here"),
        "UTF-16 behind a plain beginning": Trick(
            lambda: b"<testsuite>" + junit("t").decode().encode("utf-16"), "not UTF-8"
        ),
        "Latin-1": Trick(
            lambda: '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite name="é"/>'.encode("latin-1"), "not UTF-8"
        ),
    },
    "AR-14": {
        "five million": Trick(lambda: b"<testsuite>" + b"<testcase/>" * 5_000_000, "larger than"),
        "five million in an archive": Trick(
            lambda: archive(("junit.xml", b"<testsuite>" + b"<testcase/>" * 5_000_000)), "grows more than 100 times"
        ),
        "as many as fit": Trick(
            lambda: b"<testsuite>" + b"<testcase/>" * 300_000 + b"</testsuite>", "more than 100000 test cases"
        ),
        "as many elements as fit": Trick(
            lambda: b"<testsuite>" + b"<t/>" * 450_000 + b"</testsuite>", "more than 400000 elements"
        ),
        "as many files as fit": Trick(
            lambda: b'<coverage line-rate="1">' + b'<class line-rate="1"/>' * 25_000 + b"</coverage>",
            "more than 20000 files",
            "coverage.xml",
        ),
    },
}
