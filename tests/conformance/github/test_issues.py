"""Issues and comments, on a GitHub."""

import asyncio

import pytest

from bot.github.comments import create_comment, find_comment, keep_comment, list_comments, update_comment
from bot.github.errors import NotFound, OutcomeUnknown
from bot.github.issues import (
    add_label,
    label_events,
    list_labelled_issues,
    react_to_comment,
    react_to_issue,
    read_issue,
    remove_label,
)
from bot.localhub.faults import LoseResponse
from bot.model.ids import IssueNumber
from tests.conformance.github.conftest import Forge

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
