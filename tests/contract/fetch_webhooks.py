"""Fetch the official examples of webhooks: 329 payloads that GitHub sent at some time, too many to be committed.

    python -m tests.contract.fetch_webhooks     # says where they are

They are kept outside the repository, for all checkouts of a machine: in the folder that `RMO_TEST_CACHE` names, else
among the temporary files. A fetched package is checked by npm against the registry's own digest.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

NAME: Final = "@octokit/webhooks-examples"
VERSION: Final = "7.6.1"
MEMBER: Final = "package/api.github.com/index.json"
FETCH_SECONDS: Final = 60


class NoExamples(Exception):
    """The examples are neither here nor to be had; the message says why."""


@dataclass(frozen=True, slots=True)
class Example:
    """One payload, and the event whose deliveries carry such."""

    event: str
    payload: dict[str, Any]


def kept_at() -> Path:
    """The file that holds all examples, once they were fetched."""
    root = os.environ.get("RMO_TEST_CACHE") or Path(tempfile.gettempdir()) / "rmo-test-environments"
    return Path(root) / f"webhooks-examples-{VERSION}.json"


def fetch() -> Path:
    """`kept_at()`, fetched where it is missing; raises NoExamples where that can't be done."""
    kept = kept_at()
    if kept.is_file():
        return kept
    with tempfile.TemporaryDirectory() as folder:
        asked = ["npm", "pack", f"{NAME}@{VERSION}", "--silent", "--pack-destination", folder]
        try:
            subprocess.run(asked, check=True, capture_output=True, timeout=FETCH_SECONDS, cwd=folder)
        except (OSError, subprocess.SubprocessError) as error:
            raise NoExamples(f"npm can't fetch {NAME}@{VERSION}: {error}") from error
        (packed,) = Path(folder).glob("*.tgz")
        with tarfile.open(packed) as archive:
            member = archive.extractfile(MEMBER)
            if member is None:
                raise NoExamples(f"{NAME}@{VERSION} holds no file {MEMBER!r}")
            content = member.read()
    kept.parent.mkdir(parents=True, exist_ok=True)
    # Other processes may fetch at the same moment, and none may read half a file.
    unfinished = kept.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(kept)
    return kept


def examples() -> tuple[Example, ...]:
    """Every example, in the package's order; raises NoExamples where they can't be had."""
    return tuple(_read(json.loads(fetch().read_bytes())))


def _read(index: list[dict[str, object]]) -> Iterator[Example]:
    for entry in index:
        for payload in cast("list[dict[str, Any]]", entry["examples"]):
            yield Example(cast("str", entry["name"]), payload)


if __name__ == "__main__":
    sys.stdout.write(f"{len(examples())} examples in {fetch()}\n")
