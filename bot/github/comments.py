"""Comments that the bot keeps up to date: found again by a hidden marker, and only if our own App wrote them.

Anybody can write a comment that holds our marker; a forged one is never taken for ours.
"""

from datetime import datetime

from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.wire import AppReference, User, is_bot, login
from bot.model.forge import AppIdentity, Comment
from bot.model.ids import CommentId, IssueNumber


class _Comment(BaseModel):
    id: CommentId
    body: str | None = None
    user: User | None = None
    performed_via_github_app: AppReference | None = None
    html_url: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None


_COMMENT = TypeAdapter(_Comment)
_COMMENTS = TypeAdapter(list[_Comment])


async def list_comments(client: Client, issue: IssueNumber) -> tuple[Comment, ...]:
    """All comments of an issue or pull request, oldest first."""
    return tuple(
        _comment(entry)
        for page in await client.every(_COMMENTS, f"{client.repository}/issues/{issue}/comments")
        for entry in page
    )


async def read_comment(client: Client, comment: CommentId) -> Comment | None:
    """A comment of an issue or pull request as it is now, None where it was deleted."""
    found = await client.find(_COMMENT, f"{client.repository}/issues/comments/{comment}")
    return _comment(found) if found is not None else None


async def find_comment(client: Client, issue: IssueNumber, marker: str) -> Comment | None:
    """Our App's oldest comment that holds `marker`, None when there is none."""
    app = await client.identity()
    for comment in await list_comments(client, issue):
        if marker in comment.body and is_ours(app, comment.author, comment.author_app_id):
            return comment
    return None


async def create_comment(client: Client, issue: IssueNumber, body: str) -> Comment:
    """Say something once; after `OutcomeUnknown` look for it with `find_comment` first."""
    path = f"{client.repository}/issues/{issue}/comments"
    return _comment(await client.send(_COMMENT, "POST", path, {"body": body}))


async def update_comment(client: Client, comment: Comment, body: str) -> Comment:
    """Make the comment say `body`; nothing is sent when it does already."""
    if comment.body == client.said(body):
        return comment
    path = f"{client.repository}/issues/comments/{comment.id}"
    return _comment(await client.send(_COMMENT, "PATCH", path, {"body": body}))


async def keep_comment(client: Client, issue: IssueNumber, marker: str, body: str) -> Comment:
    """The one comment with `marker` says `body` afterwards; safe to repeat. `body` holds `marker`."""
    found = await find_comment(client, issue, marker)
    if found is None:
        return await create_comment(client, issue, body)
    return await update_comment(client, found, body)


def is_ours(app: AppIdentity, author: str, author_app_id: int | None) -> bool:
    """Whether our own App wrote it; where GitHub does not name the App, its account's name says so."""
    return author == app.login and author_app_id in (None, app.id)


def _comment(entry: _Comment) -> Comment:
    app = entry.performed_via_github_app
    return Comment(
        id=entry.id,
        body=entry.body or "",
        author=login(entry.user),
        author_app_id=app.id if app is not None else None,
        url=entry.html_url,
        author_is_bot=is_bot(entry.user),
        created_at=entry.created_at,
        updated_at=entry.updated_at,
    )
