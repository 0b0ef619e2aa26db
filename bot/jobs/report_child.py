"""What runs in the limited child: reports in by standard input, findings out by standard output, both as JSON.

The input is one line of JSON (names, sizes, annotations) and then the bytes of every report, so that nothing has to be
encoded; the output is what `collect` found, without the credentials that somebody's log or report may show.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.ci.findings import collect
from bot.model.check import Annotation
from bot.model.codec import decode, encode
from bot.model.report import Findings
from bot.secrets.scan import redact_all


@dataclass(frozen=True, slots=True)
class Header:
    artifacts: tuple[tuple[str, int], ...]
    """Name and number of bytes, in the order in which they follow."""
    logs: tuple[tuple[str, int], ...]
    annotations: tuple[Annotation, ...]
    checkout: str


def packed(
    artifacts: Mapping[str, bytes], annotations: Sequence[Annotation], logs: Mapping[str, bytes], checkout: str
) -> bytes:
    """The child's input."""
    header = Header(
        artifacts=tuple((name, len(content)) for name, content in artifacts.items()),
        logs=tuple((name, len(content)) for name, content in logs.items()),
        annotations=tuple(annotations),
        checkout=checkout,
    )
    return b"".join((json.dumps(encode(header)).encode("ascii"), b"\n", *artifacts.values(), *logs.values()))


def answered(content: bytes) -> bytes:
    """The child's output for its input."""
    line, _, rest = content.partition(b"\n")
    header = decode(json.loads(line), Header)
    reports = _cut(rest, (*header.artifacts, *header.logs))
    artifacts = dict(next(reports) for _ in header.artifacts)
    findings = collect(artifacts, header.annotations, dict(reports), header.checkout)
    return json.dumps(redact_all(encode(findings))).encode("ascii")


def unpacked(output: bytes) -> Findings:
    """The findings in the child's output; raises ValueError or cattrs' own errors where it is none."""
    return decode(json.loads(output), Findings)


def _cut(content: bytes, sizes: Sequence[tuple[str, int]]) -> Iterator[tuple[str, bytes]]:
    start = 0
    for name, size in sizes:
        yield name, content[start : start + size]
        start += size


if __name__ == "__main__":
    sys.stdout.buffer.write(answered(sys.stdin.buffer.read()))
