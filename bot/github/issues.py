"""Issues: their state as it is now, who labelled them when, and the small signs that the bot leaves on them."""

from datetime import datetime
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.errors import NotFound
from bot.github.wire import Label, User, login
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


class _Event(BaseModel):
    id: LabelEventId
    event: str
    actor: User | None = None
    label: Label | None = None
    created_at: datetime


_ISSUE = TypeAdapter(_Issue)
_ISSUES = TypeAdapter(list[_Issue])
_EVENTS = TypeAdapter(list[_Event])
_REACTION = TypeAdapter(dict[str, object])
_LABELS = TypeAdapter(list[Label])


async def read_issue(client: Client, issue: IssueNumber) -> IssueSnapshot:
    """The issue as it is now; raises `NotFound` where it was deleted or transferred."""
    return _snapshot(await client.get(_ISSUE, f"{client.repository}/issues/{issue}"))


async def list_labelled_issues(client: Client, label: str) -> tuple[IssueSnapshot, ...]:
    """Open issues that bear exactly this label, pull requests left out, newest first."""
    query = {"labels": label, "state": "open"}
    seen = [
        _snapshot(entry) for page in await client.every(_ISSUES, f"{client.repository}/issues", query) for entry in page
    ]
    return tuple(issue for issue in seen if not issue.is_pull_request and label in issue.labels)


async def label_events(client: Client, issue: IssueNumber) -> tuple[LabelEvent, ...]:
    """Every coming and going of the issue's labels, oldest first."""
    return tuple(
        LabelEvent(
            id=entry.id,
            action="labeled" if entry.event == "labeled" else "unlabeled",
            label=entry.label.name,
            actor=login(entry.actor),
            actor_is_bot=entry.actor is not None and entry.actor.type == "Bot",
            created_at=entry.created_at,
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
