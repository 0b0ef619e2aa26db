"""Pull requests, on a GitHub."""

import asyncio

import pytest

from bot.github.branches import create_ref
from bot.github.commits import create_commit, create_tree, read_commit
from bot.github.errors import NotFound, OutcomeUnknown, Refused
from bot.github.pulls import (
    close_pull_request,
    create_pull_request,
    find_pull_request,
    list_pull_request_files,
    mark_ready,
    read_pull_request,
    update_pull_request,
)
from bot.localhub.faults import Answer, LoseResponse
from bot.model.forge import PullRequestState
from bot.model.ids import PullRequestNumber
from tests.conformance.github.conftest import Forge

HEAD = "rmo/issue-1-2"


async def opened(forge: Forge) -> PullRequestState:
    tree = await create_tree(
        forge.client,
        (await read_commit(forge.client, forge.base)).tree,
        {"src/greet.py": "changed = True\n", "src/old.py": None},
    )
    commit = await create_commit(forge.client, "Greet", tree, (forge.base,))
    await create_ref(forge.client, f"refs/heads/{HEAD}", commit.sha)
    return await create_pull_request(forge.client, title="Greet", body="Closes #1", head=HEAD, base="main")


async def test_a_draft_is_opened_once(forge: Forge) -> None:
    pull = await opened(forge)
    assert (pull.state, pull.draft, pull.merged, pull.merge_commit) == ("open", True, False, None)
    assert (pull.title, pull.body, pull.head_ref, pull.base_ref) == ("Greet", "Closes #1", HEAD, "main")
    assert (pull.head_repository, pull.author, pull.mergeable_state) == ("octo/repo", "rmo[bot]", "draft")
    again = await create_pull_request(forge.client, title="Other", body="", head=HEAD, base="main")
    assert again.number == pull.number
    assert await read_pull_request(forge.client, pull.number) == pull
    assert {file.path: file.status for file in await list_pull_request_files(forge.client, pull.number)} == {
        "src/greet.py": "modified",
        "src/old.py": "removed",
    }


async def test_one_whose_answer_was_lost_is_found_by_its_branch(forge: Forge) -> None:
    forge.hub.faults.on_request("POST", ".*/pulls", LoseResponse())
    with pytest.raises(OutcomeUnknown):
        await opened(forge)
    pull = await create_pull_request(forge.client, title="Greet", body="Closes #1", head=HEAD, base="main")
    assert await find_pull_request(forge.client, HEAD) == pull
    assert await asyncio.to_thread(lambda: forge.human().get_pulls(state="all").totalCount) == 1


async def test_where_the_plan_knows_no_drafts_it_is_opened_ready(forge: Forge) -> None:
    words = '{"message": "Draft pull requests are not supported in this repository.", "documentation_url": "https://x"}'
    forge.hub.faults.on_request("POST", ".*/pulls", Answer(422, words))
    assert not (await opened(forge)).draft


async def test_without_a_commit_there_is_nothing_to_open(forge: Forge) -> None:
    await create_ref(forge.client, f"refs/heads/{HEAD}", forge.base)
    with pytest.raises(Refused) as caught:
        await create_pull_request(forge.client, title="Greet", body="", head=HEAD, base="main")
    assert caught.value.says("no commits between")


async def test_a_branch_without_one_has_none(forge: Forge) -> None:
    assert await find_pull_request(forge.client, "rmo") is None
    with pytest.raises(NotFound):
        await read_pull_request(forge.client, PullRequestNumber(99))


async def test_text_is_changed_where_it_differs(forge: Forge) -> None:
    pull = await opened(forge)
    writes = len(forge.hub.journal.entries)
    assert await update_pull_request(forge.client, pull, title="Greet", body="Closes #1") == pull
    assert len(forge.hub.journal.entries) == writes
    changed = await update_pull_request(forge.client, pull, body="More")
    assert (changed.title, changed.body) == ("Greet", "More")


async def test_a_draft_becomes_ready_once(forge: Forge) -> None:
    pull = await opened(forge)
    await mark_ready(forge.client, pull)
    ready = await read_pull_request(forge.client, pull.number)
    assert not ready.draft
    await mark_ready(forge.client, pull)
    await mark_ready(forge.client, ready)


async def test_closing_is_seen_and_the_open_one_is_preferred(forge: Forge) -> None:
    pull = await opened(forge)
    closed = await close_pull_request(forge.client, pull)
    assert (closed.state, closed.merged) == ("closed", False)
    assert await close_pull_request(forge.client, closed) == closed
    assert closed.closed_at is not None
    found = await find_pull_request(forge.client, HEAD)
    assert found is not None
    assert (found.number, found.state, found.closed_at) == (closed.number, "closed", closed.closed_at)


async def test_a_merge_by_a_person_is_seen(forge: Forge) -> None:
    pull = await opened(forge)
    await mark_ready(forge.client, pull)
    await forge.hub.idle()

    def review_and_merge() -> None:
        seen = forge.human().get_pull(pull.number)
        seen.create_review(body="Fine.", event="APPROVE")
        assert [review.state for review in seen.get_reviews()] == ["APPROVED"]
        assert seen.merge(merge_method="squash").merged

    await asyncio.to_thread(review_and_merge)
    merged = await find_pull_request(forge.client, HEAD)
    assert merged is not None
    assert (merged.state, merged.merged) == ("closed", True)
    assert merged.merged_at is not None
    assert merged.merge_commit == await forge.hub.world.repositories[forge.repository].git.ref("refs/heads/main")
