"""The user's own clone: what is seen of it, and that it is left as it was."""

import os
from pathlib import Path

import pytest

from bot.git.errors import (
    BadName,
    EmptyRepository,
    MissingCommit,
    NotARepository,
    RefTaken,
    RepositoryGone,
    UnsupportedFormat,
)
from bot.git.local import import_refs, inspect
from tests.conformance.git.served import TOKEN, GitServer, Workshop

BRANCH = "refs/heads/rmo/issue-1-2"
STATE = "refs/rmo/runs/7-1-2"


@pytest.fixture
def hub(tmp_path: Path, workshop: Workshop) -> Workshop:
    """A bare copy of the workshop in which a run has finished."""
    workshop.commit({"a.py": "one\n"})
    workshop.git("clone", "--quiet", "--bare", str(workshop.path), str(tmp_path / "served" / "hub.git"))
    bare = Workshop(tmp_path / "served" / "hub.git")
    advance(bare, BRANCH, "main")
    advance(bare, STATE, "main")
    return bare


def advance(bare: Workshop, ref: str, parent: str) -> str:
    made = bare.git("commit-tree", f"{parent}^{{tree}}", "-p", parent, "-m", f"a step of {ref} after {parent}")
    bare.git("update-ref", ref, made)
    return made


def snapshot(workshop: Workshop) -> tuple[str, ...]:
    return (
        workshop.git("status", "--porcelain"),
        workshop.git("symbolic-ref", "HEAD"),
        workshop.git("rev-parse", "HEAD"),
        workshop.git("ls-files", "--stage"),
        *sorted(f"{path}:{path.lstat().st_mtime_ns}" for path in workshop.path.iterdir() if path.name != ".git"),
    )


async def test_a_clean_clone(workshop: Workshop) -> None:
    (workshop.path / "link").symlink_to("a.py")
    sha = workshop.commit({"a.py": "one\n"})
    found = await inspect(workshop.path)
    assert (found.path, found.head, found.branch) == (workshop.path.resolve(), sha, "main")
    assert (found.changed, found.untracked, found.is_dirty) == (0, 0, False)


async def test_work_that_lies_about_is_counted(workshop: Workshop) -> None:
    workshop.commit({"a.py": "one\n", "b.py": "b\n", ".gitignore": "ignored\n"})
    workshop.write({"a.py": "changed\n", "new/x.py": "", "new/y.py": "", "ignored": "", "staged.py": ""})
    workshop.git("add", "staged.py")
    (workshop.path / "b.py").unlink()
    found = await inspect(workshop.path)
    assert (found.changed, found.untracked, found.is_dirty) == (3, 1, True)


async def test_a_detached_head_has_no_branch(workshop: Workshop) -> None:
    workshop.commit({"a.py": "one\n"})
    workshop.git("checkout", "--quiet", "--detach")
    assert (await inspect(workshop.path)).branch is None


async def test_looking_runs_nothing_of_the_repository(tmp_path: Path, workshop: Workshop) -> None:
    workshop.commit({"a.py": "one\n"})
    trap = tmp_path / "trap.sh"
    sprung = tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\n")
    trap.chmod(0o755)
    workshop.git("config", "core.fsmonitor", str(trap))
    for hook in ("post-index-change", "reference-transaction", "pre-auto-gc"):
        os.symlink(trap, workshop.git_directory / "hooks" / hook)
    os.utime(workshop.path / "a.py", (1, 1))
    await inspect(workshop.path)
    assert not sprung.exists()
    workshop.git("status")
    assert sprung.exists()


@pytest.mark.parametrize("name", ["nowhere", "file", "plain", "bare.git", "work/sub", "--help"])
async def test_what_is_no_clone_is_said(tmp_path: Path, workshop: Workshop, name: str) -> None:
    workshop.commit({"sub/a.py": "one\n"})
    served = workshop.path.parent
    (served / "file").write_text("")
    (served / "plain").mkdir()
    workshop.git("clone", "--quiet", "--bare", str(workshop.path), str(served / "bare.git"))
    with pytest.raises(NotARepository) as raised:
        await inspect(served / name)
    assert "\n" not in str(raised.value)


async def test_a_repository_without_commits(workshop: Workshop) -> None:
    with pytest.raises(EmptyRepository):
        await inspect(workshop.path)


async def test_a_repository_of_another_object_format(tmp_path: Path, workshop: Workshop) -> None:
    workshop.git("init", "--quiet", "--object-format=sha256", str(tmp_path / "other"))
    with pytest.raises(UnsupportedFormat):
        await inspect(tmp_path / "other")


async def test_a_finished_run_is_brought_in_and_nothing_else_moves(workshop: Workshop, hub: Workshop) -> None:
    workshop.write({"a.py": "being worked on\n", "new.py": ""})
    before = snapshot(workshop)
    brought = await import_refs(workshop.path, hub.path, {BRANCH: BRANCH, STATE: STATE})
    assert brought == {ref: hub.git("rev-parse", ref) for ref in (BRANCH, STATE)}
    assert {ref: workshop.git("rev-parse", ref) for ref in brought} == brought
    assert snapshot(workshop) == before
    assert not (workshop.git_directory / "FETCH_HEAD").exists()
    assert await import_refs(workshop.path, hub.path, {BRANCH: BRANCH, STATE: STATE}) == brought


async def test_a_server_is_as_good_as_a_path(workshop: Workshop, hub: Workshop, server: GitServer) -> None:
    brought = await import_refs(workshop.path, server.url("hub.git"), {BRANCH: BRANCH}, token=TOKEN)
    assert workshop.git("rev-parse", BRANCH) == brought[BRANCH] == hub.git("rev-parse", BRANCH)


async def test_a_branch_of_the_user_is_never_moved(workshop: Workshop, hub: Workshop) -> None:
    workshop.git("update-ref", BRANCH, "HEAD")
    held = workshop.git("rev-parse", BRANCH)
    with pytest.raises(RefTaken, match="rename or delete"):
        await import_refs(workshop.path, hub.path, {STATE: STATE, BRANCH: BRANCH})
    assert workshop.git("rev-parse", BRANCH) == held
    assert STATE not in workshop.git("for-each-ref", "--format=%(refname)")


async def test_a_branch_named_like_a_directory_of_branches(workshop: Workshop, hub: Workshop) -> None:
    workshop.git("branch", "rmo")
    with pytest.raises(RefTaken):
        await import_refs(workshop.path, hub.path, {BRANCH: BRANCH})


async def test_a_runs_own_ref_moves_forward_and_never_back(workshop: Workshop, hub: Workshop) -> None:
    earlier = (await import_refs(workshop.path, hub.path, {STATE: STATE}))[STATE]
    later = advance(hub, STATE, STATE)
    assert await import_refs(workshop.path, hub.path, {STATE: STATE}) == {STATE: later}
    hub.git("update-ref", STATE, earlier)
    with pytest.raises(RefTaken):
        await import_refs(workshop.path, hub.path, {STATE: STATE})
    assert workshop.git("rev-parse", STATE) == later


@pytest.mark.parametrize("ours", ["refs/tags/x", "HEAD", "refs/heads/-x", "refs/heads/a..b", "refs/heads/x.lock"])
async def test_refs_that_are_not_ours_to_make(workshop: Workshop, hub: Workshop, ours: str) -> None:
    with pytest.raises(BadName):
        await import_refs(workshop.path, hub.path, {BRANCH: ours})


async def test_a_source_without_the_ref_or_without_anything(tmp_path: Path, workshop: Workshop, hub: Workshop) -> None:
    with pytest.raises(MissingCommit):
        await import_refs(workshop.path, hub.path, {"refs/heads/gone": "refs/heads/gone"})
    with pytest.raises(RepositoryGone):
        await import_refs(workshop.path, tmp_path / "nothing", {BRANCH: BRANCH})
    with pytest.raises(BadName):
        await import_refs(workshop.path, "ext::sh -c 'touch /tmp/owned'", {BRANCH: BRANCH})
