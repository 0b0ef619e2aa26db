"""Reviews: what people ask for, our replies in their threads, and asking them to look again."""

import asyncio

import httpx
import pytest

from bot.github.branches import create_ref
from bot.github.commits import create_commit, create_tree, read_commit
from bot.github.errors import NotFound, OutcomeUnknown, Refused, Unavailable, Unreadable
from bot.github.merges import merge_branch
from bot.github.pulls import create_pull_request, read_pull_request
from bot.github.reviews import (
    find_threads,
    keep_reply,
    list_review_comments,
    list_reviews,
    react_to_review_comment,
    request_review,
    resolve_thread,
)
from bot.localhub.faults import LoseResponse
from bot.model.forge import PullRequestState
from bot.model.ids import CommentId, PullRequestNumber
from tests.conformance.github.conftest import Forge, Start
from tests.conformance.github.scripted import HANG_UP, Answer, said

MARKER = "<!-- rmo:reply -->"


async def opened(forge: Forge) -> PullRequestState:
    """A pull request of ours that changes one file."""
    base = await read_commit(forge.client, forge.base)
    tree = await create_tree(forge.client, base.tree, {"src/greet.py": "def greet():\n    return 'hi'\n"})
    commit = await create_commit(forge.client, "Greet shortly", tree, (forge.base,))
    await create_ref(forge.client, "refs/heads/rmo/issue-1-2", commit.sha)
    return await create_pull_request(forge.client, title="Greet", body="", head="rmo/issue-1-2", base="main")


async def test_a_review_is_read_answered_and_resolved(forge: Forge) -> None:
    pull = await opened(forge)

    def review() -> int:
        seen = forge.human().get_pull(pull.number)
        made = seen.create_review(
            event="REQUEST_CHANGES",
            body="Two things.",
            comments=[
                {"path": "src/greet.py", "line": 2, "body": "Say hello."},
                {"path": "src/greet.py", "line": 1, "body": "Name it so."},
            ],
        )
        return made.id

    number = await asyncio.to_thread(review)
    (said,) = await list_reviews(forge.client, pull.number)
    assert (said.id, said.state, said.body, said.author) == (number, "changes_requested", "Two things.", "olivia")
    assert (said.author_is_bot, said.head) == (False, pull.head_sha)
    first, second = await list_review_comments(forge.client, pull.number)
    assert (first.body, first.path, first.line, first.review) == ("Say hello.", "src/greet.py", 2, number)
    assert (first.reply_to, first.author, first.author_is_bot, first.head) == (None, "olivia", False, pull.head_sha)
    assert "return 'hi'" in first.hunk

    forge.hub.faults.on_request("POST", ".*/pulls/.*/comments", LoseResponse())
    with pytest.raises(OutcomeUnknown):
        await keep_reply(forge.client, pull.number, first.id, MARKER, f"{MARKER} Done.")
    reply = await keep_reply(forge.client, pull.number, first.id, MARKER, f"{MARKER} Done.")
    changed = await keep_reply(forge.client, pull.number, reply.id, MARKER, f"{MARKER} Done in abc.")
    assert (changed.id, changed.reply_to, changed.body) == (reply.id, first.id, f"{MARKER} Done in abc.")
    assert (changed.author, changed.author_is_bot) == ("rmo[bot]", True)
    further = await keep_reply(forge.client, pull.number, reply.id, "<!-- 2 -->", "<!-- 2 --> And this.")
    assert (further.reply_to, further.id != reply.id) == (first.id, True)
    other = await keep_reply(forge.client, pull.number, second.id, MARKER, f"{MARKER} Not this.")
    assert other.reply_to == second.id
    assert len(await list_review_comments(forge.client, pull.number)) == 5
    await react_to_review_comment(forge.client, first.id, "eyes")
    with pytest.raises(NotFound, match="deleted"):
        await keep_reply(forge.client, pull.number, CommentId(1), MARKER, MARKER)

    threads = await find_threads(forge.client, pull.number)
    assert set(threads) == {first.id, second.id}
    await resolve_thread(forge.client, threads[first.id])
    await resolve_thread(forge.client, threads[first.id])
    held = forge.hub.world.repositories[forge.repository].issues[pull.number].pull
    assert held is not None
    assert held.resolved_threads == {first.id}


async def test_a_forged_marker_is_not_ours(forge: Forge) -> None:
    pull = await opened(forge)

    place = f"{forge.url}/api/v3/repos/octo/repo/pulls/{pull.number}/comments"
    at = {"path": "src/greet.py", "commit_id": pull.head_sha}
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {forge.human_token}"}, trust_env=False) as human:
        asked = (await human.post(place, json={**at, "body": "Say hello.", "line": 2})).json()["id"]
        forged = {**at, "body": f"{MARKER} I am the bot.", "in_reply_to": asked}
        assert (await human.post(place, json=forged)).status_code == 201
    remark, _ = await list_review_comments(forge.client, pull.number)
    reply = await keep_reply(forge.client, pull.number, remark.id, MARKER, f"{MARKER} Done.")
    assert (reply.author, reply.body) == ("rmo[bot]", f"{MARKER} Done.")


async def test_reviewers_are_asked_again(forge: Forge) -> None:
    pull = await opened(forge)
    await asyncio.to_thread(lambda: forge.human().get_pull(pull.number).create_review(event="APPROVE"))
    await request_review(forge.client, pull.number, ())
    await request_review(forge.client, pull.number, ("olivia",))
    held = forge.hub.world.repositories[forge.repository].issues[pull.number].pull
    assert held is not None
    assert [each.login for each in held.requested_reviewers] == ["olivia"]
    assert [each.state for each in await list_reviews(forge.client, pull.number)] == ["approved"]
    forge.hub.add_user("stranger")
    with pytest.raises(Refused, match="collaborator"):
        await request_review(forge.client, pull.number, ("stranger",))


async def test_threads_are_read_to_their_end(forge: Forge) -> None:
    pull = await opened(forge)
    remarks = [{"path": "src/greet.py", "line": 2, "body": f"Remark {number}."} for number in range(101)]

    def review() -> None:
        forge.human().get_pull(pull.number).create_review(event="COMMENT", body="Many.", comments=remarks)  # pyright: ignore[reportArgumentType]  # a dict is what it takes

    await asyncio.to_thread(review)
    assert len(await find_threads(forge.client, pull.number)) == 101
    with pytest.raises(Refused, match="Could not resolve"):
        await find_threads(forge.client, PullRequestNumber(99))
    assert (await read_pull_request(forge.client, pull.number)).author == "rmo[bot]"


async def test_threads_are_asked_for_again_where_the_answer_is_lost_or_odd(start: Start) -> None:
    gone = {"data": {"repository": {"pullRequest": None}}}
    answers: list[Answer | None] = [
        HANG_UP,
        Answer(502),
        said({"data": {"repository": {"pullRequest": {}}}}),
        said(gone),
    ]
    async with start(lambda _: answers.pop(0)) as (_, client, server):
        for kind in (Unavailable, Unavailable, Unreadable, NotFound):
            with pytest.raises(kind):
                await find_threads(client, PullRequestNumber(1))
    (asked, *_) = [each.json["variables"] for each in server.asked("POST", "/graphql")]
    assert asked == {"owner": "octo", "name": "repo", "number": 1, "after": None}


async def test_a_conflict_of_another_kind_is_refused(start: Start) -> None:
    async with start(lambda _: said({"message": "Base branch was modified"}, 409)) as (_, client, _):
        with pytest.raises(Refused, match="modified"):
            await merge_branch(client, base="rmo/issue-1-2", head="main", message="Merge")


async def test_states_of_reviews_that_are_new_to_us_are_remarks(start: Start) -> None:
    states = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED", "PENDING", "COMMENTED", "SOMETHING_NEW")
    reviews = [{"id": number, "state": state, "user": None} for number, state in enumerate(states)]
    async with start(lambda _: said(reviews)) as (_, client, _):
        found = await list_reviews(client, PullRequestNumber(1))
    assert [each.state for each in found] == [
        "approved",
        "changes_requested",
        "dismissed",
        "pending",
        "commented",
        "commented",
    ]
    assert {(each.author, each.author_is_bot, each.head) for each in found} == {("", False, None)}
