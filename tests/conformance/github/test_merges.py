"""Bringing a branch up to date by a merge, and pull requests as they stand beside each other."""

import pytest

from bot.github.branches import create_ref, read_branch_head, update_ref
from bot.github.commits import create_commit, create_tree, last_commit_of, read_commit
from bot.github.errors import NotFound, OutcomeUnknown
from bot.github.merges import merge_branch
from bot.github.pulls import (
    closes,
    create_pull_request,
    linked_pull_requests,
    list_open_pull_requests,
    mark_ready,
    read_pull_request,
)
from bot.localhub.faults import LoseResponse
from bot.model.forge import MergeResult
from bot.model.ids import CommitSha, IssueNumber
from tests.conformance.github.conftest import Forge

HEAD = "rmo/issue-1-2"
GREETING = "src/greet.py"


async def written(forge: Forge, path: str, text: str) -> CommitSha:
    """A commit on the first one that changes one file."""
    base = await read_commit(forge.client, forge.base)
    tree = await create_tree(forge.client, base.tree, {path: text})
    return (await create_commit(forge.client, f"Write {path}", tree, (forge.base,))).sha


async def branched(forge: Forge, name: str, path: str, text: str) -> CommitSha:
    sha = await written(forge, path, text)
    await create_ref(forge.client, f"refs/heads/{name}", sha)
    return sha


async def base_moved(forge: Forge, path: str, text: str) -> CommitSha:
    sha = await written(forge, path, text)
    await update_ref(forge.client, "refs/heads/main", sha, expected=forge.base)
    return sha


async def test_a_branch_is_brought_up_to_date_by_a_merge(forge: Forge) -> None:
    head = await branched(forge, HEAD, GREETING, "polite = True\n")
    assert await merge_branch(forge.client, base=HEAD, head="main", message="Merge main") == MergeResult(None)
    newer = await base_moved(forge, "docs.md", "# Docs\n")
    forge.hub.protect_branch(forge.repository, "main", [], strict=True)
    pull = await create_pull_request(forge.client, title="Greet", body="", head=HEAD, base="main")
    await mark_ready(forge.client, pull)
    await forge.hub.idle()
    forge.hub.world.repositories[forge.repository].checks.clear()
    assert (await read_pull_request(forge.client, pull.number)).mergeable_state == "behind"
    forge.hub.faults.on_request("POST", ".*/merges", LoseResponse())
    with pytest.raises(OutcomeUnknown):
        await merge_branch(forge.client, base=HEAD, head="main", message="Merge main\n\nRMO-Step: 7")
    assert await merge_branch(forge.client, base=HEAD, head="main", message="again") == MergeResult(None)
    made = await read_branch_head(forge.client, HEAD)
    assert made is not None
    merge = await read_commit(forge.client, made)
    assert (merge.parents, merge.message.strip()) == ((head, newer), "Merge main\n\nRMO-Step: 7")
    await forge.hub.idle()
    forge.hub.world.repositories[forge.repository].checks.clear()
    assert (await read_pull_request(forge.client, pull.number)).mergeable_state == "clean"
    last = await last_commit_of(forge.client, "docs.md", HEAD)
    assert last is not None
    assert last.sha == newer
    assert await last_commit_of(forge.client, "nowhere.md", "main") is None


async def test_a_conflict_is_told_and_nothing_is_written(forge: Forge) -> None:
    head = await branched(forge, HEAD, GREETING, "polite = True\n")
    await base_moved(forge, GREETING, "rude = True\n")
    assert await merge_branch(forge.client, base=HEAD, head="main", message="x") == MergeResult(None, conflicts=True)
    assert await read_branch_head(forge.client, HEAD) == head
    pull = await create_pull_request(forge.client, title="Greet", body="", head=HEAD, base="main")
    assert (await read_pull_request(forge.client, pull.number)).mergeable_state == "dirty"
    with pytest.raises(NotFound, match="Base"):
        await merge_branch(forge.client, base="gone", head="main", message="x")


async def test_a_merge_says_which_commit_it_made(forge: Forge) -> None:
    await branched(forge, HEAD, GREETING, "polite = True\n")
    newer = await base_moved(forge, "docs.md", "# Docs\n")
    result = await merge_branch(forge.client, base=HEAD, head=newer, message="Merge main")
    assert result == MergeResult(await read_branch_head(forge.client, HEAD))


async def test_open_pull_requests_are_listed_and_linked_ones_found(forge: Forge) -> None:
    bodies = {"rmo/issue-1-2": "Nothing", "rmo/issue-3-4": "Fixes: #1", "mine": "see #1, resolves OCTO/repo#12"}
    for number, (name, body) in enumerate(bodies.items()):
        await branched(forge, name, f"{number}.md", name)
        base = "main" if name != "mine" else "rmo/issue-1-2"
        await create_pull_request(forge.client, title=name, body=body, head=name, base=base)
    found = await list_open_pull_requests(forge.client, head_prefix="rmo/")
    assert [pull.head_ref for pull in found] == ["rmo/issue-3-4", "rmo/issue-1-2"]
    found = await list_open_pull_requests(forge.client, base="rmo/issue-1-2")
    assert [pull.head_ref for pull in found] == ["mine"]
    assert [pull.head_ref for pull in await linked_pull_requests(forge.client, IssueNumber(1))] == ["rmo/issue-3-4"]
    assert [pull.head_ref for pull in await linked_pull_requests(forge.client, IssueNumber(12))] == ["mine"]


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("Closes #7", True),
        ("this FIXED: #7.", True),
        ("resolve octo/Repo#7", True),
        ("close https://github.example/octo/repo/issues/7", True),
        ("Closes #77", False),
        ("Closes other/repo#7", False),
        ("encloses #7", False),
        ("not-fixed #7", False),
        ("Closes the #7", False),
        ("see #7", False),
    ],
)
def test_closing_words_link(text: str, linked: bool) -> None:
    assert closes(text, IssueNumber(7), "octo/repo") is linked
