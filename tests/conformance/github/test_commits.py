"""Trees, commits and refs, on a GitHub over a real git repository."""

from pathlib import PurePosixPath

import pytest

from bot.github.branches import create_ref, delete_ref, list_refs, read_branch_head, read_ref, update_ref
from bot.github.commits import compare, create_commit, create_tree, list_commits_between, read_commit
from bot.github.errors import HeadMoved, NotFound, OutcomeUnknown
from bot.github.repositories import read_file
from bot.localhub.faults import LoseResponse
from bot.localhub.git_trees import TreeChange
from bot.model.change import Overlay
from bot.model.ids import CommitSha, TreeSha
from tests.conformance.github.conftest import Forge

BRANCH = "refs/heads/rmo/issue-1-2"


async def commit(forge: Forge, parent: CommitSha, changes: Overlay, message: str = "Change") -> CommitSha:
    tree = await create_tree(forge.client, (await read_commit(forge.client, parent)).tree, changes)
    return (await create_commit(forge.client, message, tree, (parent,))).sha


async def test_a_commit_changes_what_was_asked_and_nothing_else(forge: Forge) -> None:
    changes = {"src/greet.py": "def greet(): ...\n", "src/new/wörd.py": "x = 'ü'\n", "src/old.py": None, "never": None}
    sha = await commit(forge, forge.base, changes, "Greet\n\nRmo-Run: 1\n")
    await create_ref(forge.client, BRANCH, sha)
    assert await read_file(forge.client, "src/greet.py", sha) == b"def greet(): ...\n"
    assert await read_file(forge.client, "src/new/wörd.py", "rmo/issue-1-2") == "x = 'ü'\n".encode()
    assert await read_file(forge.client, "src/old.py", sha) is None
    assert await read_file(forge.client, "src", sha) is None
    assert await read_file(forge.client, "README.md", sha) == b"# A repository\n"


async def test_the_app_is_the_author_and_signs_nothing_itself(forge: Forge) -> None:
    sha = await commit(forge, forge.base, {"a": "b"}, "Add a")
    await create_ref(forge.client, BRANCH, sha)
    (found,) = await list_commits_between(forge.client, forge.base, sha)
    assert (found.sha, found.parents, found.message, found.author_login) == (sha, (forge.base,), "Add a", "rmo[bot]")
    assert found.tree == (await read_commit(forge.client, sha)).tree


async def test_no_change_gives_the_same_tree(forge: Forge) -> None:
    tree = (await read_commit(forge.client, forge.base)).tree
    assert await create_tree(forge.client, tree, {"src/missing.py": None}) == tree
    assert await create_tree(forge.client, tree, {}) == tree


async def test_an_executable_file_stays_executable(forge: Forge) -> None:
    store = forge.hub.world.repositories[forge.repository].git
    before = await store.ref("refs/heads/main")
    assert before is not None
    blob = await store.write_blob(b"#!/bin/sh\n")
    base = TreeSha(await store.write_tree(f"{before}^{{tree}}", [TreeChange("run.sh", "100755", blob)]))
    tree = await create_tree(forge.client, base, {"run.sh": "#!/bin/sh\nexit 1\n", "plain.sh": "\n"})
    modes = {entry.path: entry.mode for entry in await store.tree(tree, recursive=True)}
    assert (modes["run.sh"], modes["plain.sh"]) == ("100755", "100644")


async def test_commits_since_a_parent_come_newest_first(forge: Forge) -> None:
    first = await commit(forge, forge.base, {"a": "1"}, "first")
    second = await commit(forge, first, {"a": "2"}, "second")
    await create_ref(forge.client, BRANCH, second)
    assert [each.message for each in await list_commits_between(forge.client, forge.base, "rmo/issue-1-2")] == [
        "second",
        "first",
    ]
    compared = await compare(forge.client, forge.base, second)
    assert (compared.status, compared.merge_base, compared.paths) == ("ahead", forge.base, ("a",))
    assert (await compare(forge.client, second, first)).status == "behind"
    assert (await compare(forge.client, first, first)).status == "identical"
    other = await commit(forge, forge.base, {"b": "1"}, "other")
    assert (await compare(forge.client, other, second)).status == "diverged"
    with pytest.raises(NotFound):
        await compare(forge.client, forge.base, CommitSha("0" * 40))


async def test_many_commits_are_all_found(forge: Forge) -> None:
    store = forge.hub.world.repositories[forge.repository].git
    history = "".join(
        f"commit refs/heads/long\ncommitter A <a@example.com> {1_700_000_000 + number} +0000\n"
        f"data <<END\nstep {number}\nEND\n" + (f"from {forge.base}\n" if number == 0 else "")
        for number in range(105)
    )
    await store.git("fast-import", "--quiet", stdin=history.encode())
    found = await list_commits_between(forge.client, forge.base, "long")
    assert [each.message.strip() for each in found] == [f"step {number}" for number in reversed(range(105))]


async def test_a_ref_may_be_made_twice_but_not_elsewhere(forge: Forge) -> None:
    sha = await commit(forge, forge.base, {"a": "1"})
    await create_ref(forge.client, BRANCH, sha)
    await create_ref(forge.client, BRANCH, sha)
    with pytest.raises(HeadMoved, match="exists"):
        await create_ref(forge.client, BRANCH, forge.base)
    assert await read_ref(forge.client, BRANCH) == sha
    assert await read_branch_head(forge.client, "rmo/issue-1-2") == sha
    assert await read_branch_head(forge.client, "rmo") is None


async def test_a_ref_is_moved_from_where_we_left_it(forge: Forge) -> None:
    await create_ref(forge.client, BRANCH, forge.base)
    first = await commit(forge, forge.base, {"a": "1"})
    await update_ref(forge.client, BRANCH, first, expected=forge.base)
    await update_ref(forge.client, BRANCH, first, expected=forge.base)
    assert await read_ref(forge.client, BRANCH) == first


async def test_somebody_else_s_work_is_never_overwritten(forge: Forge) -> None:
    ours = await commit(forge, forge.base, {"a": "ours"})
    theirs = await commit(forge, forge.base, {"a": "theirs"})
    next_one = await commit(forge, ours, {"a": "next"})
    await create_ref(forge.client, BRANCH, theirs)
    with pytest.raises(HeadMoved):
        await update_ref(forge.client, BRANCH, next_one, expected=ours)
    with pytest.raises(HeadMoved, match="can't go"):
        await update_ref(forge.client, BRANCH, ours, expected=theirs)
    assert await read_ref(forge.client, BRANCH) == theirs


async def test_a_branch_reset_to_an_ancestor_is_somebody_s_act(forge: Forge) -> None:
    ours = await commit(forge, forge.base, {"a": "ours"})
    next_one = await commit(forge, ours, {"a": "next"})
    await create_ref(forge.client, BRANCH, forge.base)
    with pytest.raises(HeadMoved):
        await update_ref(forge.client, BRANCH, next_one, expected=ours)
    await delete_ref(forge.client, BRANCH)
    with pytest.raises(HeadMoved):
        await update_ref(forge.client, BRANCH, next_one, expected=ours)


async def test_a_move_whose_answer_was_lost_has_happened(forge: Forge) -> None:
    await create_ref(forge.client, BRANCH, forge.base)
    sha = await commit(forge, forge.base, {"a": "1"})
    forge.hub.faults.on_request("PATCH", ".*/git/refs/.*", LoseResponse())
    with pytest.raises(OutcomeUnknown):
        await update_ref(forge.client, BRANCH, sha, expected=forge.base)
    await update_ref(forge.client, BRANCH, sha, expected=forge.base)
    moves = [entry for entry in forge.hub.journal.entries if entry.method == "PATCH"]
    assert len(moves) == 1


async def test_refs_of_runs_are_listed_and_deleted(forge: Forge) -> None:
    for run in ("7-1-1", "7-1-2"):
        await create_ref(forge.client, f"refs/rmo/runs/{run}", forge.base)
    assert await list_refs(forge.client, "refs/rmo/runs/7-1") == {
        "refs/rmo/runs/7-1-1": forge.base,
        "refs/rmo/runs/7-1-2": forge.base,
    }
    for _ in range(2):
        await delete_ref(forge.client, "refs/rmo/runs/7-1-1")
    assert [PurePosixPath(ref).name for ref in await list_refs(forge.client, "refs/rmo/")] == ["7-1-2"]
