"""Read-only views of one commit in a bare repository: its files, their contents, an archive.

Links and submodules are listed and never followed, and nothing is checked out. Every view takes the repository's
git directory and the commit, so it shows the same thing whenever it is asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.git.command import GitLimits, Invocation, run_git
from bot.git.diagnosis import require
from bot.git.errors import BadName, TooLarge
from bot.git.names import commit_sha
from bot.model.ids import CommitSha

SYMLINK = "120000"
SUBMODULE = "160000"
_REGULAR = frozenset({"100644", "100755"})
_PATHS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One entry of a commit's tree."""

    path: str
    """Bytes that are no UTF-8 are shown as `\\xNN`; such a file can be seen but not asked for."""
    mode: str
    """Git's octal mode: 100644, 100755, 120000 for a symbolic link, 160000 for a submodule."""
    size: int
    """Bytes; 0 for a submodule."""
    blob: str
    """SHA of the content; for a submodule, of the commit it points at."""

    @property
    def is_regular(self) -> bool:
        """Neither a link nor a submodule: something that can be read."""
        return self.mode in _REGULAR


async def list_files(repository: Path, sha: CommitSha) -> tuple[FileEntry, ...]:
    """Every entry of the commit's tree, in git's order.

    Raises MissingCommit, and TooLarge beyond 64 MiB of listing.
    """
    arguments = ("ls-tree", "-r", "-l", "-z", "--full-tree", commit_sha(sha))
    output = await run_git(Invocation(arguments, git_directory=repository))
    return tuple(_entries(require(output, f"list the files of {sha}")))


async def read_file(repository: Path, sha: CommitSha, path: str, max_bytes: int) -> bytes | None:
    """The content of one regular file; None where there is none of that name or it is larger than `max_bytes`.

    Raises MissingCommit, BadName.
    """
    return (await read_files(repository, sha, (path,), max_bytes)).get(path)


async def read_files(
    repository: Path, sha: CommitSha, paths: Sequence[str], max_bytes: int, *, total_bytes: int = 64 * 1024**2
) -> Mapping[str, bytes]:
    """The contents of the regular files among `paths` that are no larger than `max_bytes` each.

    Raises MissingCommit, BadName, and TooLarge where they are together larger than `total_bytes`.
    """
    found: dict[str, FileEntry] = {}
    for start in range(0, len(paths), _PATHS_AT_ONCE):
        chunk = [_askable(path) for path in paths[start : start + _PATHS_AT_ONCE]]
        arguments = ("--literal-pathspecs", "ls-tree", "-l", "-z", "--full-tree", commit_sha(sha), "--", *chunk)
        output = await run_git(Invocation(arguments, git_directory=repository))
        for entry in _entries(require(output, f"look up files of {sha}")):
            if entry.path in chunk and entry.is_regular and entry.size <= max_bytes:
                found[entry.path] = entry
    total = sum(entry.size for entry in found.values())
    if total > total_bytes:
        raise TooLarge(f"{len(found)} files of {sha} hold {total} bytes, more than {total_bytes}; ask for fewer")
    if not found:
        return {}
    contents = await _read_blobs(repository, {entry.blob: entry.size for entry in found.values()})
    return {path: contents[entry.blob] for path, entry in found.items()}


async def archive(repository: Path, sha: CommitSha, *, max_bytes: int = 512 * 1024**2) -> bytes:
    """The whole commit as a tar, every file byte for byte; links are in it as links, submodules as empty directories.

    Raises MissingCommit, TooLarge, GitTimedOut.
    """
    limits = GitLimits(wall=timedelta(minutes=2), output_bytes=max_bytes)
    arguments = ("-c", "tar.umask=0022", "archive", "--format=tar", commit_sha(sha))
    output = await run_git(Invocation(arguments, git_directory=repository, limits=limits))
    return require(output, f"archive {sha}")


async def merge_base(repository: Path, one: CommitSha, other: CommitSha) -> CommitSha | None:
    """The best common ancestor that the fetched history shows; None where it shows none.

    A commit fetched at depth 1 has no visible ancestors. Raises MissingCommit.
    """
    arguments = ("merge-base", commit_sha(one), commit_sha(other))
    output = await run_git(Invocation(arguments, git_directory=repository))
    if output.exit_code == 1 and not output.stdout:
        return None
    return commit_sha(require(output, f"find the merge base of {one} and {other}").decode().strip())


def _askable(path: str) -> str:
    # A trailing slash would make git list a directory's children, a NUL would end the argument.
    parts = path.split("/")
    if "" in parts or ".." in parts or "\0" in path or any("\ud800" <= letter <= "\udfff" for letter in path):
        raise BadName(f"not a path inside a repository: {path!r}; pass one that the listing shows")
    return path


def _entries(listing: bytes) -> Iterator[FileEntry]:
    for line in listing.split(b"\0"):
        if line:
            facts, _, path = line.partition(b"\t")
            mode, _, blob, size = facts.decode("ascii").split()
            yield FileEntry(path.decode("utf-8", "backslashreplace"), mode, 0 if size == "-" else int(size), blob)


async def _read_blobs(repository: Path, sizes: Mapping[str, int]) -> dict[str, bytes]:
    """Blob -> content; `sizes` bounds what git may write."""
    request = "".join(f"{blob}\n" for blob in sizes).encode()
    limits = GitLimits(output_bytes=sum(sizes.values()) + 128 * len(sizes))
    output = await run_git(Invocation(("cat-file", "--batch"), git_directory=repository, stdin=request, limits=limits))
    stream = require(output, f"read {len(sizes)} blobs")
    contents: dict[str, bytes] = {}
    at = 0
    for blob in sizes:
        end_of_header = stream.index(b"\n", at)
        size = int(stream[at:end_of_header].split()[2])
        contents[blob] = stream[end_of_header + 1 : end_of_header + 1 + size]
        at = end_of_header + size + 2
    return contents
