"""Issues and comments, on a GitHub."""

import asyncio

import pytest

from bot.github.comments import create_comment, find_comment, keep_comment, list_comments, read_comment, update_comment
from bot.github.errors import NotFound, OutcomeUnknown
from bot.github.issues import (
    add_label,
    create_issue,
    label_events,
    list_issues,
    list_labelled_issues,
    react_to_comment,
    react_to_issue,
    read_issue,
    remove_label,
    update_issue,
)
from bot.localhub.faults import LoseResponse
from bot.model.ids import CommentId, IssueNumber
from tests.conformance.github.conftest import Forge, Start
from tests.conformance.github.scripted import Answer, Request, said

MARK = "<!-- rmo:status -->"


def open_issue(forge: Forge, title: str, labels: list[str]) -> IssueNumber:
    issue = forge.human().create_issue(title, body="The greeting is wrong.")
    for label in labels:
        issue.add_to_labels(label)
    return IssueNumber(issue.number)


async def test_an_issue_is_read_as_it_is_now(forge: Forge) -> None:
    number = await asyncio.to_thread(open_issue, forge, "Greet politely", ["rmo", "bug"])
    issue = await read_issue(forge.client, number)
    assert issue.title == "Greet politely"
    assert issue.body == "The greeting is wrong."
    assert (issue.state, issue.locked, issue.is_pull_request, issue.user) == ("open", False, False, "olivia")
    assert set(issue.labels) == {"rmo", "bug"}
    await asyncio.to_thread(lambda: forge.human().get_issue(number).edit(title="Greet rudely", body="", state="closed"))
    later = await read_issue(forge.client, number)
    assert (later.title, later.body, later.state) == ("Greet rudely", "", "closed")
    with pytest.raises(NotFound):
        await read_issue(forge.client, IssueNumber(99))


async def test_labelled_issues_are_the_open_ones_with_exactly_that_label(forge: Forge) -> None:
    wanted = await asyncio.to_thread(open_issue, forge, "wanted", ["rmo"])
    await asyncio.to_thread(open_issue, forge, "other label", ["rmo-later"])
    closed = await asyncio.to_thread(open_issue, forge, "closed", ["rmo"])
    await asyncio.to_thread(lambda: forge.human().get_issue(closed).edit(state="closed"))
    assert [issue.number for issue in await list_labelled_issues(forge.client, "rmo")] == [wanted]


async def test_who_labelled_when_is_known(forge: Forge) -> None:
    number = await asyncio.to_thread(open_issue, forge, "Greet", ["rmo"])
    await asyncio.to_thread(lambda: forge.human().get_issue(number).remove_from_labels("rmo"))
    await add_label(forge.client, number, "rmo")
    events = await label_events(forge.client, number)
    assert [(event.action, event.label, event.actor, event.actor_is_bot) for event in events] == [
        ("labeled", "rmo", "olivia", False),
        ("unlabeled", "rmo", "olivia", False),
        ("labeled", "rmo", "rmo[bot]", True),
    ]
    assert [event.id for event in events] == sorted({event.id for event in events})


async def test_labels_and_reactions_may_be_given_twice(forge: Forge) -> None:
    number = await asyncio.to_thread(open_issue, forge, "Greet", [])
    for _ in range(2):
        await add_label(forge.client, number, "needs words")
        await react_to_issue(forge.client, number, "eyes")
    assert (await read_issue(forge.client, number)).labels == ("needs words",)
    for _ in range(2):
        await remove_label(forge.client, number, "needs words")
    assert (await read_issue(forge.client, number)).labels == ()
    comment = await create_comment(forge.client, number, "Seen.")
    await react_to_comment(forge.client, comment.id, "rocket")


async def test_one_comment_is_kept_up_to_date(forge: Forge) -> None:
    number = await asyncio.to_thread(open_issue, forge, "Greet", [])
    await asyncio.to_thread(lambda: forge.human().get_issue(number).create_comment(f"{MARK} forged"))
    assert await find_comment(forge.client, number, MARK) is None
    first = await keep_comment(forge.client, number, MARK, f"{MARK}\nstarted")
    again = await keep_comment(forge.client, number, MARK, f"{MARK}\nfinished")
    assert again.id == first.id
    assert again.author == "rmo[bot]"
    assert [comment.body for comment in await list_comments(forge.client, number)] == [
        f"{MARK} forged",
        f"{MARK}\nfinished",
    ]


async def test_a_comment_that_says_so_already_is_not_written(forge: Forge) -> None:
    number = await asyncio.to_thread(open_issue, forge, "Greet", [])
    comment = await create_comment(forge.client, number, "same")
    writes = len(forge.hub.journal.entries)
    assert await update_comment(forge.client, comment, "same") == comment
    assert len(forge.hub.journal.entries) == writes


async def test_a_comment_whose_answer_was_lost_is_found_again(forge: Forge) -> None:
    number = await asyncio.to_thread(open_issue, forge, "Greet", [])
    forge.hub.faults.on_request("POST", ".*/comments", LoseResponse())
    with pytest.raises(OutcomeUnknown):
        await keep_comment(forge.client, number, MARK, f"{MARK}\nstarted")
    await keep_comment(forge.client, number, MARK, f"{MARK}\nstarted")
    assert len(await list_comments(forge.client, number)) == 1


async def test_our_own_issue_is_kept_up_to_date(forge: Forge) -> None:
    await asyncio.to_thread(open_issue, forge, "somebody's", ["rmo-dashboard"])
    made = await create_issue(forge.client, title="Dashboard", body="Nothing", labels=["rmo-dashboard"])
    assert (made.user, made.labels, made.state) == ("rmo[bot]", ("rmo-dashboard",), "open")
    (event,) = await label_events(forge.client, made.number)
    assert (event.actor, event.actor_is_bot, event.app) == ("rmo[bot]", True, forge.registered.id)
    before = len(forge.hub.journal.entries)
    assert await update_issue(forge.client, made, title="Dashboard", body="Nothing", state="open") == made
    assert len(forge.hub.journal.entries) == before
    changed = await update_issue(forge.client, made, body="One run", state="closed")
    assert (changed.title, changed.body, changed.state) == ("Dashboard", "One run", "closed")
    assert await list_issues(forge.client, creator="rmo[bot]") == ()
    assert await list_issues(forge.client, creator="rmo[bot]", state="all", label="rmo-dashboard") == (changed,)
    assert len(await list_issues(forge.client, state="all")) == 2


async def test_a_comment_tells_who_wrote_it_when(forge: Forge) -> None:
    number = await asyncio.to_thread(open_issue, forge, "One", [])
    written = await asyncio.to_thread(lambda: forge.human().get_issue(number).create_comment("/rmo help").id)
    comment = await read_comment(forge.client, CommentId(written))
    assert comment is not None
    assert (comment.body, comment.author, comment.author_is_bot, comment.author_app_id) == (
        "/rmo help",
        "olivia",
        False,
        None,
    )
    assert comment.created_at == comment.updated_at
    assert comment.created_at is not None
    ours = await create_comment(forge.client, number, "Here")
    assert (ours.author_is_bot, ours.author_app_id) == (True, forge.registered.id)
    assert await list_comments(forge.client, number) == (comment, ours)
    assert await read_comment(forge.client, CommentId(99)) is None


async def test_a_transferred_issue_is_not_read_where_it_went(forge: Forge) -> None:
    other = await forge.hub.create_repository("octo", "other", {"a": "b"})
    forge.hub.install(forge.registered, other)
    number = await asyncio.to_thread(open_issue, forge, "One", [])
    assert forge.hub.transfer_issue(forge.repository, number, other, "olivia") == 1
    with pytest.raises(NotFound):
        await read_issue(forge.client, number)
    second = await asyncio.to_thread(open_issue, forge, "Two", [])
    assert second == number + 1
    forge.hub.rename(forge.repository, "renamed")
    assert (await read_issue(forge.client, second)).title == "Two"


async def test_a_transferred_issue_that_we_may_read_is_not_ours_either(start: Start) -> None:
    repository = {"id": 5, "name": "repo", "owner": {"login": "octo"}}
    elsewhere = {"number": 1, "title": "One", "state": "open", "updated_at": "2026-01-01T00:00:00Z"}
    elsewhere["repository_url"] = "https://api.github.com/repos/other/repo"

    def script(request: Request) -> Answer:
        match request.target:
            case "/repos/octo/repo/issues/1":
                return Answer(301, b"{}", {"location": "/repositories/6/issues/1"})
            case "/repositories/6/issues/1":
                return said(elsewhere)
            case _:
                return said(repository)

    async with start(script) as (_, client, _):
        with pytest.raises(NotFound, match="transferred"):
            await read_issue(client, IssueNumber(1))
