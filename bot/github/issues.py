"""Issues: their state as it is now, who labelled them when, and the small signs that the bot leaves on them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.errors import NotFound
from bot.github.repositories import read_repository
from bot.github.wire import AppReference, Label, User, is_bot, login
from bot.model.forge import IssueSnapshot, LabelEvent, Reaction
from bot.model.ids import CommentId, IssueNumber, LabelEventId


class _Issue(BaseModel):
    number: IssueNumber
    title: str
    body: str | None = None
    state: Literal["open", "closed"]
    labels: list[Label | str] = []
    locked: bool = False
    pull_request: dict[str, object] | None = None
    user: User | None = None
    updated_at: datetime
    repository_url: str = ""


class _Event(BaseModel):
    id: LabelEventId
    event: str
    actor: User | None = None
    label: Label | None = None
    performed_via_github_app: AppReference | None = None
    created_at: datetime


_ISSUE = TypeAdapter(_Issue)
_ISSUES = TypeAdapter(list[_Issue])
_EVENTS = TypeAdapter(list[_Event])
_REACTION = TypeAdapter(dict[str, object])
_LABELS = TypeAdapter(list[Label])


async def read_issue(client: Client, issue: IssueNumber) -> IssueSnapshot:
    """The issue as it is now; raises `NotFound` where it was deleted or transferred.

    GitHub sends on from both an issue that was transferred and a repository that was renamed; only the latter is ours.
    """
    found = await client.get(_ISSUE, f"{client.repository}/issues/{issue}")
    place = found.repository_url.casefold()
    if place and not place.endswith(f"/{client.full_name}".casefold()):
        present = (await read_repository(client)).full_name
        if not place.endswith(f"/{present}".casefold()):
            raise NotFound(f"issue {issue} of {client.full_name!r} was transferred; label it where it is now")
    return _snapshot(found)


async def list_labelled_issues(client: Client, label: str) -> tuple[IssueSnapshot, ...]:
    """Open issues that bear exactly this label, pull requests left out, newest first."""
    found = await list_issues(client, label=label)
    return tuple(issue for issue in found if label in issue.labels)


async def list_issues(
    client: Client, *, label: str = "", creator: str = "", state: Literal["open", "closed", "all"] = "open"
) -> tuple[IssueSnapshot, ...]:
    """Issues with this label and by this login, each where it is given; pull requests left out, newest first."""
    query = {"state": state, **({"labels": label} if label else {}), **({"creator": creator} if creator else {})}
    seen = [
        _snapshot(entry) for page in await client.every(_ISSUES, f"{client.repository}/issues", query) for entry in page
    ]
    return tuple(issue for issue in seen if not issue.is_pull_request)


async def create_issue(client: Client, *, title: str, body: str, labels: Iterable[str] = ()) -> IssueSnapshot:
    """A new issue; after `OutcomeUnknown` look among our App's own with `list_issues` first."""
    wanted: dict[str, Any] = {"title": title, "body": body, "labels": list(labels)}
    return _snapshot(await client.send(_ISSUE, "POST", f"{client.repository}/issues", wanted))


async def update_issue(
    client: Client,
    issue: IssueSnapshot,
    *,
    title: str | None = None,
    body: str | None = None,
    state: Literal["open", "closed"] | None = None,
) -> IssueSnapshot:
    """Title, body and state as wanted, None leaving one as it is; nothing is sent when they are so already."""
    wanted = {"title": title, "body": body, "state": state}
    there = {"title": issue.title, "body": issue.body, "state": issue.state}
    changes = {name: text for name, text in wanted.items() if text is not None and client.said(text) != there[name]}
    if not changes:
        return issue
    return _snapshot(await client.send(_ISSUE, "PATCH", f"{client.repository}/issues/{issue.number}", changes))


async def label_events(client: Client, issue: IssueNumber) -> tuple[LabelEvent, ...]:
    """Every coming and going of the issue's labels, oldest first."""
    return tuple(
        LabelEvent(
            id=entry.id,
            action="labeled" if entry.event == "labeled" else "unlabeled",
            label=entry.label.name,
            actor=login(entry.actor),
            actor_is_bot=is_bot(entry.actor),
            created_at=entry.created_at,
            app=entry.performed_via_github_app.id if entry.performed_via_github_app is not None else None,
        )
        for page in await client.every(_EVENTS, f"{client.repository}/issues/{issue}/events")
        for entry in page
        if entry.event in ("labeled", "unlabeled") and entry.label is not None
    )


async def react_to_issue(client: Client, issue: IssueNumber, reaction: Reaction) -> None:
    """Leave a reaction on an issue; leaving it twice leaves it once."""
    await client.send(_REACTION, "POST", f"{client.repository}/issues/{issue}/reactions", {"content": reaction})


async def react_to_comment(client: Client, comment: CommentId, reaction: Reaction) -> None:
    """Leave a reaction on an issue's comment; leaving it twice leaves it once."""
    path = f"{client.repository}/issues/comments/{comment}/reactions"
    await client.send(_REACTION, "POST", path, {"content": reaction})


async def add_label(client: Client, issue: IssueNumber, label: str) -> None:
    """Add a label to an issue or pull request; it may bear it already."""
    await client.send(_LABELS, "POST", f"{client.repository}/issues/{issue}/labels", {"labels": [label]})


async def remove_label(client: Client, issue: IssueNumber, label: str) -> None:
    """Take a label off an issue or pull request; it need not bear it."""
    try:
        await client.order("DELETE", f"{client.repository}/issues/{issue}/labels/{quote(label, safe='')}")
    except NotFound:
        return


def _snapshot(entry: _Issue) -> IssueSnapshot:
    return IssueSnapshot(
        number=entry.number,
        title=entry.title,
        body=entry.body or "",
        state=entry.state,
        labels=tuple(label if isinstance(label, str) else label.name for label in entry.labels),
        locked=entry.locked,
        is_pull_request=entry.pull_request is not None,
        user=login(entry.user),
        updated_at=entry.updated_at,
    )
