"""A person's work tree, read as a change: everything that differs, nothing of it touched, nothing of theirs run."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from bot.git.errors import MissingCommit
from bot.git.local import inspect
from bot.git.worktree import base_archive, changes_since, resolve_commit
from tests.badinput.command import git, make_repository

FILES = {"a.py": "x = 1\n", "b.py": "y = 1\n", "docs/c.md": "# C\n", ".gitignore": "ignored.py\n"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repository", FILES)


async def test_what_differs_on_disk_is_the_change_staged_or_not(repository: Path) -> None:
    (repository / "a.py").write_text("x = 2\n")
    (repository / "b.py").unlink()
    (repository / "new.py").write_text("z = 1\n")
    (repository / "ignored.py").write_text("z = 1\n")
    (repository / "__pycache__").mkdir()
    (repository / "__pycache__" / "a.pyc").write_bytes(b"\xff")
    (repository / "staged.py").write_text("old\n")
    git(repository, "add", "staged.py")
    (repository / "staged.py").write_text("s = 1\n")
    (repository / "latin.txt").write_bytes(b"\xe9")
    os.mkfifo(repository / "pipe")
    local = await inspect(repository)

    changes = await changes_since(local, local.head)

    assert changes.texts == {"a.py": "x = 2\n", "b.py": None, "new.py": "z = 1\n", "staged.py": "s = 1\n"}
    assert changes.unread == ("latin.txt",)


async def test_what_was_committed_since_is_part_of_the_change(repository: Path) -> None:
    (repository / "a.py").write_text("x = 2\n")
    git(repository, "commit", "--all", "--quiet", "--message", "Second")
    local = await inspect(repository)

    base = await resolve_commit(local, "HEAD~1")

    assert (await changes_since(local, base)).texts == {"a.py": "x = 2\n"}
    assert (await changes_since(local, local.head)).texts == {}


async def test_a_directory_that_became_a_link_holds_nothing(repository: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "c.md").write_text("from outside\n")
    (repository / "docs" / "c.md").unlink()
    (repository / "docs").rmdir()
    (repository / "docs").symlink_to(outside)
    local = await inspect(repository)

    changes = await changes_since(local, local.head)

    assert changes.texts == {"docs/c.md": None}
    assert changes.unread == ("docs",)


async def test_a_name_that_stands_for_no_commit_is_refused(repository: Path) -> None:
    local = await inspect(repository)

    for name in ("nowhere", "--all", "HEAD:a.py", "", "HEAD~7"):
        with pytest.raises(MissingCommit, match="check the name"):
            await resolve_commit(local, name)
    assert await resolve_commit(local, "main") == local.head


async def test_the_base_is_whole_whatever_its_attributes_say(repository: Path, tmp_path: Path) -> None:
    (repository / ".gitattributes").write_text("b.py export-ignore\na.py export-subst\n")
    (repository / "a.py").write_text("x = '$Format:%H$'\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "Second")
    local = await inspect(repository)

    content = await base_archive(local, local.head, tmp_path / "base.git")

    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        assert {"a.py", "b.py", "docs/c.md"} <= set(archive.getnames())
        member = archive.extractfile("a.py")
        assert member is not None
        assert member.read() == b"x = '$Format:%H$'\n"
