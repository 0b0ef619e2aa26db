"""Reviews of a pull request: what people ask for, our replies in their threads, and asking them to look again.

A reply is found again as our comments are: by a hidden marker in what our own App wrote. Threads, and whether they
are resolved, are known to GraphQL alone.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.comments import is_ours
from bot.github.errors import NotFound
from bot.github.wire import AppReference, User, is_bot, login
from bot.model.forge import Reaction, Review, ReviewComment
from bot.model.ids import CommentId, CommitSha, PullRequestNumber

ReviewState = Literal["approved", "changes_requested", "commented", "dismissed", "pending"]


class _Review(BaseModel):
    id: CommentId
    state: str
    body: str | None = None
    user: User | None = None
    commit_id: CommitSha | None = None
    submitted_at: datetime | None = None


class _ReviewComment(BaseModel):
    id: CommentId
    pull_request_review_id: CommentId | None = None
    in_reply_to_id: CommentId | None = None
    path: str
    line: int | None = None
    original_line: int | None = None
    diff_hunk: str = ""
    body: str | None = None
    user: User | None = None
    performed_via_github_app: AppReference | None = None
    commit_id: CommitSha | None = None
    created_at: datetime


class _FirstComment(BaseModel):
    fullDatabaseId: CommentId  # GraphQL's own name


class _Comments(BaseModel):
    nodes: list[_FirstComment]


class _Thread(BaseModel):
    id: str
    comments: _Comments


class _PageInfo(BaseModel):
    hasNextPage: bool  # GraphQL's own name
    endCursor: str | None = None  # GraphQL's own name


class _Threads(BaseModel):
    nodes: list[_Thread]
    pageInfo: _PageInfo  # GraphQL's own name


class _PullRequest(BaseModel):
    reviewThreads: _Threads  # GraphQL's own name


class _Repository(BaseModel):
    pullRequest: _PullRequest | None = None  # GraphQL's own name


class _Data(BaseModel):
    repository: _Repository | None = None


_REVIEWS = TypeAdapter(list[_Review])
_REVIEW_COMMENT = TypeAdapter(_ReviewComment)
_REVIEW_COMMENTS = TypeAdapter(list[_ReviewComment])
_REACTION = TypeAdapter(dict[str, object])
_DATA = TypeAdapter(_Data)

THREADS = """query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        nodes { id comments(first: 1) { nodes { fullDatabaseId } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}"""
RESOLVE = """mutation($id: ID!) {
  resolveReviewThread(input: {threadId: $id}) { thread { isResolved } }
}"""


async def list_reviews(client: Client, pull: PullRequestNumber) -> tuple[Review, ...]:
    """All reviews of a pull request, oldest first; raises `NotFound`."""
    return tuple(
        Review(
            id=entry.id,
            state=_state(entry.state),
            body=entry.body or "",
            author=login(entry.user),
            author_is_bot=is_bot(entry.user),
            head=entry.commit_id,
            submitted_at=entry.submitted_at,
        )
        for page in await client.every(_REVIEWS, f"{client.repository}/pulls/{pull}/reviews")
        for entry in page
    )


async def list_review_comments(client: Client, pull: PullRequestNumber) -> tuple[ReviewComment, ...]:
    """All remarks at lines of a pull request and the replies to them, oldest first; raises `NotFound`."""
    return tuple(
        _review_comment(entry)
        for page in await client.every(_REVIEW_COMMENTS, f"{client.repository}/pulls/{pull}/comments")
        for entry in page
    )


async def reply_to_review(client: Client, pull: PullRequestNumber, comment: ReviewComment, body: str) -> ReviewComment:
    """Say something once in the thread of `comment`; after `OutcomeUnknown` go on with `keep_reply`."""
    wanted = {
        "body": body,
        "in_reply_to": comment.reply_to or comment.id,
        # Of no effect beside `in_reply_to`, but required (GitHub docs: "Create a review comment for a pull request")
        "commit_id": comment.head or "",
        "path": comment.path,
    }
    sent = await client.send(_REVIEW_COMMENT, "POST", f"{client.repository}/pulls/{pull}/comments", wanted)
    return _review_comment(sent)


async def keep_reply(
    client: Client, pull: PullRequestNumber, reply_to: CommentId, marker: str, body: str
) -> ReviewComment:
    """Our one reply with `marker` in the thread that holds `reply_to` says `body` afterwards; safe to repeat.

    `body` holds `marker`. Raises `NotFound` where the remark was deleted.
    """
    said = await list_review_comments(client, pull)
    asked = next((each for each in said if each.id == reply_to), None)
    if asked is None:
        raise NotFound(f"pull request {pull} has no remark {reply_to}; it was deleted, so there is nothing to answer")
    app = await client.identity()
    thread = asked.reply_to or asked.id
    for each in said:
        if each.reply_to == thread and marker in each.body and is_ours(app, each.author, each.author_app_id):
            if each.body == client.said(body):
                return each
            path = f"{client.repository}/pulls/comments/{each.id}"
            return _review_comment(await client.send(_REVIEW_COMMENT, "PATCH", path, {"body": body}))
    return await reply_to_review(client, pull, asked, body)


async def react_to_review_comment(client: Client, comment: CommentId, reaction: Reaction) -> None:
    """Leave a reaction on a remark; leaving it twice leaves it once."""
    path = f"{client.repository}/pulls/comments/{comment}/reactions"
    await client.send(_REACTION, "POST", path, {"content": reaction})


async def find_threads(client: Client, pull: PullRequestNumber) -> Mapping[CommentId, str]:
    """The GraphQL id of every thread, by the remark that begins it; raises `NotFound`."""
    owner, _, name = client.full_name.partition("/")
    found: dict[CommentId, str] = {}
    after: str | None = None
    while True:
        asked = {"owner": owner, "name": name, "number": pull, "after": after}
        repository = (await client.query(_DATA, THREADS, asked)).repository
        if repository is None or repository.pullRequest is None:
            raise NotFound(f"GitHub knows no pull request {pull} in {client.full_name!r}; check what the App may see")
        threads = repository.pullRequest.reviewThreads
        found.update(
            {thread.comments.nodes[0].fullDatabaseId: thread.id for thread in threads.nodes if thread.comments.nodes}
        )
        after = threads.pageInfo.endCursor
        if not threads.pageInfo.hasNextPage:
            return found


async def resolve_thread(client: Client, thread: str) -> None:
    """The thread with this GraphQL id is resolved afterwards; safe to repeat."""
    await client.graphql(RESOLVE, {"id": thread})


async def request_review(client: Client, pull: PullRequestNumber, logins: tuple[str, ...]) -> None:
    """Ask these people to review, once more where they did; nothing is sent for nobody.

    Raises `Refused` where one of them is no collaborator, or wrote the pull request.
    """
    if logins:
        path = f"{client.repository}/pulls/{pull}/requested_reviewers"
        await client.order("POST", path, {"reviewers": list(logins)})


def _state(text: str) -> ReviewState:
    match text.lower():
        case "approved":
            return "approved"
        case "changes_requested":
            return "changes_requested"
        case "dismissed":
            return "dismissed"
        case "pending":
            return "pending"
        case _:
            return "commented"


def _review_comment(entry: _ReviewComment) -> ReviewComment:
    app = entry.performed_via_github_app
    return ReviewComment(
        id=entry.id,
        review=entry.pull_request_review_id,
        reply_to=entry.in_reply_to_id,
        path=entry.path,
        line=entry.line if entry.line is not None else entry.original_line,
        hunk=entry.diff_hunk,
        body=entry.body or "",
        author=login(entry.user),
        author_app_id=app.id if app is not None else None,
        author_is_bot=is_bot(entry.user),
        head=entry.commit_id,
        created_at=entry.created_at,
    )
