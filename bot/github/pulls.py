"""Pull requests: one a head branch, opened as a draft, and changed only where they differ from what is wanted."""

import re
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.errors import Refused
from bot.github.wire import User, login
from bot.model.forge import PullRequestFile, PullRequestState
from bot.model.ids import CommitSha, IssueNumber, PullRequestNumber


class _HeadRepository(BaseModel):
    full_name: str


class _Side(BaseModel):
    ref: str
    sha: CommitSha
    repo: _HeadRepository | None = None


class _PullRequest(BaseModel):
    number: PullRequestNumber
    node_id: str
    html_url: str
    title: str
    body: str | None = None
    state: Literal["open", "closed"]
    draft: bool = False
    user: User | None = None
    mergeable_state: str | None = None
    closed_at: datetime | None = None
    merged_at: datetime | None = None
    merge_commit_sha: CommitSha | None = None
    head: _Side
    base: _Side


class _File(BaseModel):
    filename: str
    status: str
    previous_filename: str | None = None
    additions: int = 0
    deletions: int = 0


_PULL_REQUEST = TypeAdapter(_PullRequest)
_PULL_REQUESTS = TypeAdapter(list[_PullRequest])
_FILES = TypeAdapter(list[_File])

CLOSING_WORDS = r"(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)"
"""GitHub docs: "Linking a pull request to an issue"."""
MARK_READY = """mutation($id: ID!) {
  markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } }
}"""


async def read_pull_request(client: Client, number: PullRequestNumber) -> PullRequestState:
    """The pull request as it is now; raises `NotFound`."""
    return _state(await client.get(_PULL_REQUEST, f"{client.repository}/pulls/{number}"))


async def find_pull_request(client: Client, head: str) -> PullRequestState | None:
    """The pull request from branch `head` of this repository: the open one, else the newest; None without any."""
    owner = client.full_name.partition("/")[0]
    query = {"head": f"{owner}:{head}", "state": "all"}
    found = [
        _state(entry)
        for page in await client.every(_PULL_REQUESTS, f"{client.repository}/pulls", query)
        for entry in page
    ]
    ours = [pull for pull in found if pull.head_ref == head]
    return max(ours, key=lambda pull: (pull.state == "open", pull.number), default=None)


async def list_open_pull_requests(
    client: Client, base: str | None = None, head_prefix: str = ""
) -> tuple[PullRequestState, ...]:
    """Open pull requests into `base`, any branch where it is None, from branches whose name begins so; newest first."""
    query = {"state": "open", **({"base": base} if base is not None else {})}
    return tuple(
        _state(entry)
        for page in await client.every(_PULL_REQUESTS, f"{client.repository}/pulls", query)
        for entry in page
        if entry.head.ref.startswith(head_prefix)
    )


async def linked_pull_requests(client: Client, issue: IssueNumber) -> tuple[PullRequestState, ...]:
    """Open pull requests, by anybody, whose description says that they close the issue; newest first."""
    return tuple(pull for pull in await list_open_pull_requests(client) if closes(pull.body, issue, client.full_name))


def closes(text: str, issue: IssueNumber, full_name: str) -> bool:
    """Whether a description has a closing word before `#N`, `owner/name#N` or the issue's address."""
    name = re.escape(full_name)
    named = rf"(?:(?:{name})?#|https?://[^\s/]+/{name}/issues/){issue}(?!\d)"
    return re.search(rf"(?<![\w-]){CLOSING_WORDS}:?\s+{named}", text, re.IGNORECASE) is not None


async def create_pull_request(client: Client, *, title: str, body: str, head: str, base: str) -> PullRequestState:
    """A draft from branch `head` into `base`, or the one that there is already; safe to repeat.

    Where the plan knows no drafts it is opened as ready. Raises `Refused` when there is nothing to merge.
    """
    found = await find_pull_request(client, head)
    if found is not None:
        return found
    wanted: dict[str, Any] = {"title": title, "body": body, "head": head, "base": base}
    path = f"{client.repository}/pulls"
    try:
        return _state(await client.send(_PULL_REQUEST, "POST", path, {**wanted, "draft": True}))
    except Refused as error:
        if not error.says("draft pull requests are not supported"):
            raise
    return _state(await client.send(_PULL_REQUEST, "POST", path, wanted))


async def update_pull_request(
    client: Client, pull: PullRequestState, *, title: str | None = None, body: str | None = None
) -> PullRequestState:
    """Title and body as wanted, None leaving one as it is; nothing is sent when they are so already."""
    wanted, there = {"title": title, "body": body}, {"title": pull.title, "body": pull.body}
    changes = {name: text for name, text in wanted.items() if text is not None and client.said(text) != there[name]}
    return await _patched(client, pull, changes) if changes else pull


async def close_pull_request(client: Client, pull: PullRequestState) -> PullRequestState:
    """Close it without merging; nothing is sent when it is closed."""
    return pull if pull.state == "closed" else await _patched(client, pull, {"state": "closed"})


async def mark_ready(client: Client, pull: PullRequestState) -> None:
    """Take it out of draft, which only GraphQL can; nothing is sent when it is no draft, so it is safe to repeat."""
    if not pull.draft:
        return
    try:
        await client.graphql(MARK_READY, {"id": pull.node_id})
    except Refused:
        if (await read_pull_request(client, pull.number)).draft:
            raise


async def list_pull_request_files(client: Client, number: PullRequestNumber) -> tuple[PullRequestFile, ...]:
    """The files that it changes, at most GitHub's 3000."""
    return tuple(
        PullRequestFile(file.filename, file.status, file.previous_filename, file.additions, file.deletions)
        for page in await client.every(_FILES, f"{client.repository}/pulls/{number}/files")
        for file in page
    )


async def _patched(client: Client, pull: PullRequestState, changes: dict[str, str]) -> PullRequestState:
    path = f"{client.repository}/pulls/{pull.number}"
    return _state(await client.send(_PULL_REQUEST, "PATCH", path, changes))


def _state(entry: _PullRequest) -> PullRequestState:
    merged = entry.merged_at is not None
    return PullRequestState(
        number=entry.number,
        node_id=entry.node_id,
        url=entry.html_url,
        title=entry.title,
        body=entry.body or "",
        state=entry.state,
        draft=entry.draft,
        merged=merged,
        head_ref=entry.head.ref,
        head_sha=entry.head.sha,
        head_repository=entry.head.repo.full_name if entry.head.repo is not None else None,
        base_ref=entry.base.ref,
        merge_commit=entry.merge_commit_sha if merged else None,
        author=login(entry.user),
        mergeable_state=entry.mergeable_state or "",
        closed_at=entry.closed_at,
        merged_at=entry.merged_at,
    )
