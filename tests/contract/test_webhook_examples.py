"""GitHub's own examples of webhooks, all 329: received over HTTP, stored as they came, and taken for what they are."""

import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, assert_never

import httpx

from bot.intake.webhook import parse_delivery
from bot.model.event import (
    BranchTouched,
    ButtonPressed,
    ChecksTouched,
    CommentWritten,
    Delivery,
    Event,
    EventSource,
    Ignored,
    InstallationTouched,
    IssueTouched,
    PullRequestReviewed,
    PullRequestTouched,
    RepositoryTouched,
)
from bot.model.ids import DeliveryId
from bot.store.database import Database
from bot.store.group_commit import GroupCommit
from bot.store.inbox import delivery, unprocessed
from bot.web.webhook import WebhookReceiver
from tests.contract.fetch_webhooks import Example, NoExamples, examples
from tests.unit.web.receiving import SECRET, headers, serving

NUMBER = 329
AT_ONCE = 16
LEADS_TO: Mapping[str, tuple[type[Event], ...]] = {
    "check_run": (ChecksTouched, ButtonPressed),
    "check_suite": (ChecksTouched,),
    "installation": (InstallationTouched,),
    "installation_repositories": (InstallationTouched,),
    "issue_comment": (CommentWritten,),
    "issues": (IssueTouched,),
    "pull_request": (PullRequestTouched,),
    "pull_request_review": (PullRequestReviewed,),
    "pull_request_review_comment": (PullRequestReviewed,),
    "push": (BranchTouched,),
    "repository": (RepositoryTouched,),
    "status": (ChecksTouched,),
    "workflow_run": (ChecksTouched,),
}
"""Everything that deliveries of an event can lead to, but for being ignored; of other events nothing comes."""


def given() -> tuple[Example, ...]:
    """The examples as an App gets them; none, and a word about it, where they can't be had."""
    try:
        found = examples()
    except NoExamples as error:
        sys.stdout.write(f"not run: no data: {error}\n")
        return ()
    assert len(found) == NUMBER
    return tuple(Example(each.event, {"installation": {"id": 7}, **each.payload}) for each in found)


async def test_every_example_is_acknowledged_and_stored_as_it_came(tmp_path: Path) -> None:
    sent = {
        DeliveryId(f"example-{number}"): (each.event, json.dumps(each.payload).encode())
        for number, each in enumerate(given())
    }
    database = Database(f"sqlite:///{tmp_path}/inbox.db")
    delivery.create(database.engine)
    async with (
        GroupCommit(database, lambda: datetime(2026, 5, 4, tzinfo=UTC)) as inbox,
        serving(WebhookReceiver(SECRET, inbox.store)) as served,
        httpx.AsyncClient(limits=httpx.Limits(max_connections=AT_ONCE), timeout=60) as client,
    ):
        answers = await asyncio.gather(
            *(
                client.post(
                    served.url, content=body, headers=headers(body, x_github_event=event, x_github_delivery=guid)
                )
                for guid, (event, body) in sent.items()
            )
        )
    assert {answer.status_code for answer in answers} <= {202}
    stored = await database.transact(unprocessed, NUMBER + 1)
    database.close()
    assert sorted(stored, key=lambda each: each.id) == sorted(
        (Delivery(guid, event, body) for guid, (event, body) in sent.items()), key=lambda each: each.id
    )


def test_every_example_leads_to_what_its_event_says_about_what_its_body_names() -> None:
    led_to: set[type[Event]] = set()
    for example in given():
        event = parse_delivery(example.event, json.dumps(example.payload).encode())
        if isinstance(event, Ignored):
            assert "shape" not in event.reason or example.event not in LEADS_TO, (example, event)
            continue
        assert type(event) in LEADS_TO.get(example.event, ()), (example, event)
        assert names_what_the_body_names(event, example.payload), (example, event)
        led_to.add(type(event))
    # No example holds a command, or a button of a check run of ours.
    expected = {kind for kinds in LEADS_TO.values() for kind in kinds} - {CommentWritten, ButtonPressed}
    assert led_to in (expected, set())


def test_an_example_under_the_name_of_another_event_leads_at_most_to_a_look_at_what_it_names() -> None:
    """The header with the event's name is unsigned; a body is GitHub's, or it would not have come in."""
    for example in given():
        body = json.dumps(example.payload).encode()
        for name in LEADS_TO.keys() - {example.event}:
            event = parse_delivery(name, body)
            match event:
                case Ignored():
                    pass
                case RepositoryTouched() | InstallationTouched():
                    assert names_what_the_body_names(event, example.payload), (example, event)
                case _:
                    raise AssertionError(f"{example.event} sent as {name} led to {event}")


def names_what_the_body_names(event: Event, payload: Mapping[str, Any]) -> bool:
    """Whether the event speaks of the repository, the issue, the commit that stand in the body."""
    installation = payload["installation"]["id"]
    match event:
        case Ignored():
            return True
        case InstallationTouched(action=action):
            return (event.installation, action) == (installation, payload["action"])
        case RepositoryTouched(source=source, action=action):
            return _is_source(source, payload) and action == payload["action"]
        case IssueTouched(source=source, issue=issue, action=action):
            named = (payload["issue"]["number"], payload["action"])
            return _is_source(source, payload) and (issue, action) == named
        case CommentWritten(source=source, issue=issue, comment=comment):
            named = (payload["issue"]["number"], payload["comment"]["id"])
            return _is_source(source, payload) and (issue, comment) == named
        case PullRequestTouched(source=source, head_ref=head, action=action):
            named = (payload["pull_request"]["head"]["ref"], payload["action"])
            return _is_source(source, payload) and (head, action) == named
        case PullRequestReviewed(source=source, pull_request=number, head_ref=head):
            pull = payload["pull_request"]
            return _is_source(source, payload) and (number, head) == (pull["number"], pull["head"]["ref"])
        case BranchTouched(source=source, ref=ref, head_sha=head):
            return _is_source(source, payload) and (ref, head) == (payload["ref"], payload["after"])
        case ChecksTouched(source=source, head_sha=head) | ButtonPressed(source=source, head_sha=head):
            told = [payload.get(name) for name in ("check_run", "check_suite", "workflow_run")]
            heads = [each["head_sha"] for each in told if each is not None] or [payload["sha"]]
            return _is_source(source, payload) and [head] == heads
        case _ as unreachable:
            assert_never(unreachable)


def _is_source(source: EventSource, payload: Mapping[str, Any]) -> bool:
    repository, sender = payload["repository"], payload["sender"]
    return source == EventSource(
        payload["installation"]["id"],
        repository["id"],
        repository["full_name"],
        sender["login"],
        sender_is_bot=sender["type"] == "Bot",
    )
