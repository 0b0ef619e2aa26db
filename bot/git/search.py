"""Finding lines in a commit: git's own search, fenced in because the pattern is a language model's.

A pattern may be written to be slow or to swallow memory, so what the regular expressions may hold is limited
before git sees them, and the time and the output are limited after.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from bot.git.command import GitLimits, Invocation, run_git
from bot.git.diagnosis import require
from bot.git.errors import GitTimedOut
from bot.git.names import commit_sha
from bot.model.ids import CommitSha

_MAX_PATTERN = 300
_MAX_TEXT = 400
_COUNTED = re.compile(r"\{\s*(\d*)\s*(?:,\s*(\d*)\s*)?\}")
_PATTERN_COMPLAINTS = ("fatal: command line, ", "fatal: -e option, ")
_BACK_REFERENCE = re.compile(r"\\[1-9]")


@dataclass(frozen=True, slots=True)
class Match:
    """One line that matched."""

    path: str
    line: int
    text: str
    """The line, cut after 400 characters; bytes that are no UTF-8 are replaced."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought; `cut` says that there is more than was asked for."""

    matches: tuple[Match, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class SearchRefused:
    """Why a pattern was not searched for, in words that help its author."""

    reason: str


async def search(
    repository: Path,
    sha: CommitSha,
    pattern: str,
    *,
    kind: Literal["literal", "regex"] = "literal",
    glob: str = "",
    limit: int = 200,
    wall: timedelta = timedelta(seconds=10),
) -> Found | SearchRefused:
    """Lines of the commit's text files that hold the pattern, at most `limit`, in the order of their paths.

    A regex is POSIX extended. `glob` narrows the paths: `*` stays inside a directory, `**` crosses them, and a glob
    without a slash is sought in every directory. Raises MissingCommit.
    """
    refused = _refusal(pattern, kind, glob)
    if refused is not None:
        return SearchRefused(refused)
    arguments = (
        "-c",
        "grep.threads=1",
        "grep",
        "-n",
        "-I",
        "-z",
        "--no-color",
        "--full-name",
        f"--max-count={limit + 1}",
        "-F" if kind == "literal" else "-E",
        "-e",
        pattern,
        commit_sha(sha),
        "--",
        *((f":(top,glob){glob if '/' in glob else f'**/{glob}'}",) if glob else ()),
    )
    invocation = Invocation(
        arguments, git_directory=repository, overflow="cut", limits=GitLimits(wall=wall, output_bytes=4 * 1024**2)
    )
    try:
        output = await run_git(invocation)
    except GitTimedOut:
        return SearchRefused(f"the search took longer than {wall.total_seconds():.0f} s; use a simpler pattern")
    if output.exit_code == 1 and not output.stderr:
        return Found((), cut=False)
    if output.stderr.startswith(_PATTERN_COMPLAINTS):
        complaint = output.stderr.splitlines()[0].partition("': ")[2]
        return SearchRefused(f"not a POSIX extended regular expression: {complaint or 'unreadable'}")
    lines = require(output, f"search {sha}").split(b"\n")
    if output.cut:
        lines = lines[:-1]
    matches = tuple(match for line in lines if (match := _match(line)) is not None)
    return Found(matches[:limit], cut=output.cut or len(matches) > limit)


def _refusal(pattern: str, kind: Literal["literal", "regex"], glob: str) -> str | None:
    if not pattern:
        return "an empty pattern matches everything; say what to look for"
    if len(pattern) > _MAX_PATTERN or len(glob) > _MAX_PATTERN:
        return f"the pattern is longer than {_MAX_PATTERN} characters; look for a part of it"
    if not _is_one_line(pattern) or not _is_one_line(glob):
        return "a pattern is one line without control characters; look for one of its lines"
    if glob.startswith(("/", "../")) or "/../" in glob:
        return "a glob is relative to the top of the repository; start it with a directory or '**'"
    if kind == "literal":
        return None
    if _BACK_REFERENCE.search(pattern):
        return "back references are not searched for; write the words out"
    # Nested or large counts are unrolled by the matcher and can fill the memory.
    counts = _COUNTED.findall(pattern)
    if len(counts) > 2 or any(int(number) > 50 for count in counts for number in count if number):
        return "at most two counted repetitions of at most 50 are searched for; use '*' or '+'"
    return None


def _is_one_line(text: str) -> bool:
    return text.replace("\t", " ").isprintable()


def _match(line: bytes) -> Match | None:
    parts = line.split(b"\0", 2)
    if len(parts) != 3 or not parts[1].isdigit():
        return None
    # The path is led by the commit and a colon.
    path = parts[0].partition(b":")[2]
    text = parts[2].decode("utf-8", "replace").rstrip("\r")
    return Match(path.decode("utf-8", "backslashreplace"), int(parts[1]), text[:_MAX_TEXT])
