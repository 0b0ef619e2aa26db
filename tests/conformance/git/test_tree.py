"""Views of real commits, friendly and hostile."""

import io
import tarfile
from pathlib import Path

import pytest

from bot.git.cache import RepositoryCache
from bot.git.errors import BadName, MissingCommit, TooLarge
from bot.git.tree import SUBMODULE, SYMLINK, FileEntry, archive, list_files, read_file, read_files
from bot.model.ids import CommitSha, RepositoryId
from tests.conformance.git.served import TOKEN, GitServer, Workshop


async def cached(tmp_path: Path, server: GitServer, sha: str) -> Path:
    cache = RepositoryCache(tmp_path / "caches")
    await cache.fetch(server.url("work"), TOKEN, RepositoryId(1), (sha,))
    return cache.location(RepositoryId(1))


async def test_every_kind_of_entry_is_listed(workshop: Workshop) -> None:
    (workshop.path / "link").symlink_to("/etc/passwd")
    workshop.write({"run.sh": "#!/bin/sh\n", "deep/er/é b.py": "x\n", "tab\tand\nline.txt": ""})
    (workshop.path / "run.sh").chmod(0o755)
    inner = workshop.commit({"a.py": "one\n"})
    workshop.git("update-index", "--add", "--cacheinfo", f"{SUBMODULE},{inner},vendored")
    workshop.git("commit", "--quiet", "--message", "submodule")
    sha = CommitSha(workshop.git("rev-parse", "HEAD"))
    entries = {entry.path: entry for entry in await list_files(workshop.git_directory, sha)}
    assert {path: (entry.mode, entry.size) for path, entry in entries.items()} == {
        "a.py": ("100644", 4),
        "deep/er/é b.py": ("100644", 2),
        "link": (SYMLINK, len("/etc/passwd")),
        "run.sh": ("100755", 10),
        "tab\tand\nline.txt": ("100644", 0),
        "vendored": (SUBMODULE, 0),
    }
    assert [path for path, entry in entries.items() if not entry.is_regular] == ["link", "vendored"]
    assert entries["vendored"] == FileEntry("vendored", SUBMODULE, 0, inner)


async def test_links_directories_and_strangers_are_not_read(workshop: Workshop) -> None:
    (workshop.path / "link").symlink_to("a.py")
    (workshop.path / "folder").symlink_to("real")
    sha = CommitSha(workshop.commit({"a.py": "one\n", "real/b.py": "two\n", ":(top)odd*": "three\n"}))
    wanted = ("a.py", "link", "folder/b.py", "real", "nothing", "real/b.py", ":(top)odd*")
    assert await read_files(workshop.git_directory, sha, wanted, 100) == {
        "a.py": b"one\n",
        "real/b.py": b"two\n",
        ":(top)odd*": b"three\n",
    }


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "real/../a.py", "real/", "a\0b", "\ud800"])
async def test_paths_that_leave_the_tree_are_refused(workshop: Workshop, path: str) -> None:
    sha = CommitSha(workshop.commit({"a.py": "one\n", "real/b.py": "two\n"}))
    with pytest.raises(BadName):
        await read_file(workshop.git_directory, sha, path, 100)


async def test_contents_come_back_byte_for_byte(workshop: Workshop) -> None:
    contents: dict[str, str | bytes] = {
        "empty": b"",
        "twin": b"",
        "no-newline": b"abc",
        "crlf": b"a\r\nb\r\n",
        "binary": bytes(range(256)) * 300,
        "like-a-header": b"1" * 40 + b" blob 3\nabc\n",
    }
    sha = CommitSha(workshop.commit(contents))
    assert await read_files(workshop.git_directory, sha, tuple(contents), 100_000) == contents


async def test_sizes_are_limited_each_and_together(workshop: Workshop) -> None:
    sha = CommitSha(workshop.commit({"small": "x" * 10, "large": "x" * 11, "more": "y" * 10}))
    at = workshop.git_directory
    assert await read_file(at, sha, "large", 10) is None
    assert set(await read_files(at, sha, ("small", "large", "more"), 10)) == {"small", "more"}
    with pytest.raises(TooLarge):
        await read_files(at, sha, ("small", "more"), 10, total_bytes=19)


async def test_many_files_at_once(workshop: Workshop) -> None:
    files: dict[str, str | bytes] = {f"d{n % 7}/f{n}.txt": f"{n}\n" for n in range(450)}
    sha = CommitSha(workshop.commit(files))
    found = await read_files(workshop.git_directory, sha, tuple(files), 100)
    assert {path: content.decode() for path, content in found.items()} == files


async def test_an_unknown_commit_is_named(workshop: Workshop) -> None:
    workshop.commit({"a.py": "one\n"})
    with pytest.raises(MissingCommit, match="1" * 40):
        await list_files(workshop.git_directory, CommitSha("1" * 40))
    with pytest.raises(BadName):
        await list_files(workshop.git_directory, CommitSha("--help"))


async def test_an_archive_is_the_commit_whatever_its_attributes_ask(
    tmp_path: Path, server: GitServer, workshop: Workshop
) -> None:
    (workshop.path / "link").symlink_to("/etc/passwd")
    sha = workshop.commit(
        {
            ".gitattributes": "hidden.py export-ignore\nstamp.py export-subst\n*.txt text eol=crlf\n*.id ident\n",
            "hidden.py": "kept = True\n",
            "stamp.py": "version = '$Format:%H$'\n",
            "lines.txt": "a\nb\n",
            "x.id": "$Id$\n",
            "run.sh": "#!/bin/sh\n",
        }
    )
    at = await cached(tmp_path, server, sha)
    with tarfile.open(fileobj=io.BytesIO(await archive(at, CommitSha(sha)))) as tar:
        read = {member.name: tar.extractfile(member) for member in tar.getmembers() if member.isfile()}
        contents = {name: stream.read() for name, stream in read.items() if stream is not None}
        assert contents["hidden.py"] == b"kept = True\n"
        assert contents["stamp.py"] == b"version = '$Format:%H$'\n"
        assert contents["lines.txt"] == b"a\nb\n"
        assert contents["x.id"] == b"$Id$\n"
        assert tar.getmember("link").issym()
        assert tar.getmember("run.sh").mode == 0o644


async def test_an_archive_beyond_the_limit_is_refused(workshop: Workshop) -> None:
    sha = CommitSha(workshop.commit({"a.txt": "x" * 50_000}))
    with pytest.raises(TooLarge):
        await archive(workshop.git_directory, sha, max_bytes=20_000)


async def test_a_large_file_pointer_stays_a_pointer(tmp_path: Path, server: GitServer, workshop: Workshop) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 5\n"
    sha = workshop.commit({".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n", "x.bin": pointer})
    at = await cached(tmp_path, server, sha)
    assert await read_file(at, CommitSha(sha), "x.bin", 1000) == pointer.encode()
