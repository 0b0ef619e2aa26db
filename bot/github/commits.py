"""Commits made with GitHub's Git Data API, and looked up again before one is made twice.

No author, committer or signature is sent: only then does GitHub sign the commit as the App's and show it as verified
(GitHub docs: "About commit signature verification"). Its SHA can't be known beforehand, so a retry looks for the
step's trailer among the commits since the parent.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.errors import NotFound, TooLarge
from bot.github.wire import User
from bot.model.change import Overlay
from bot.model.forge import CommitSummary, Comparison
from bot.model.ids import CommitSha, TreeSha

REGULAR = "100644"
EXECUTABLE = "100755"


class _TreeReference(BaseModel):
    sha: TreeSha


class _Parent(BaseModel):
    sha: CommitSha


class _GitCommit(BaseModel):
    sha: CommitSha
    tree: _TreeReference
    parents: list[_Parent]
    message: str


class _CommitText(BaseModel):
    message: str
    tree: _TreeReference


class _Commit(BaseModel):
    sha: CommitSha
    commit: _CommitText
    parents: list[_Parent]
    author: User | dict[str, object] | None = None


class _File(BaseModel):
    filename: str


class _Comparison(BaseModel):
    status: Literal["identical", "ahead", "behind", "diverged"]
    merge_base_commit: _Parent
    commits: list[_Commit]
    files: list[_File] = []


class _Entry(BaseModel):
    path: str
    mode: str
    type: str
    sha: TreeSha


class _Tree(BaseModel):
    sha: TreeSha
    tree: list[_Entry] = []
    truncated: bool = False


_GIT_COMMIT = TypeAdapter(_GitCommit)
_COMMITS = TypeAdapter(list[_Commit])
_COMPARISON = TypeAdapter(_Comparison)
_TREE = TypeAdapter(_Tree)


async def create_tree(client: Client, base: TreeSha, changes: Overlay) -> TreeSha:
    """The tree `base` with `changes`; executable files stay executable, and deleting what is not there is nothing.

    A text must be UTF-8; equal changes give the equal tree, so it is safe to repeat.
    """
    modes = await _modes(client, base, changes)
    entries = [
        {
            "path": path,
            "mode": modes.get(path, REGULAR) if text is not None else REGULAR,
            "type": "blob",
            **({"content": text} if text is not None else {"sha": None}),
        }
        for path, text in changes.items()
        if text is not None or path in modes
    ]
    if not entries:
        return base
    body = {"base_tree": base, "tree": entries}
    return (await client.send(_TREE, "POST", f"{client.repository}/git/trees", body)).sha


async def create_commit(client: Client, message: str, tree: TreeSha, parents: tuple[CommitSha, ...]) -> CommitSummary:
    """A commit as the App itself, on no branch yet; after `OutcomeUnknown` making another harms nothing."""
    body = {"message": message, "tree": tree, "parents": list(parents)}
    return _from_git(await client.send(_GIT_COMMIT, "POST", f"{client.repository}/git/commits", body))


async def read_commit(client: Client, sha: CommitSha) -> CommitSummary:
    """A commit by its SHA; raises `NotFound`."""
    return _from_git(await client.get(_GIT_COMMIT, f"{client.repository}/git/commits/{sha}"))


async def recent_commits(
    client: Client, branch: str, *, most: int = 20, since: datetime | None = None
) -> tuple[CommitSummary, ...]:
    """The newest commits of the branch, newest first, at most `most` of them; none where there is no such branch."""
    query: dict[str, str | int] = {"sha": branch, "per_page": min(most, 100)}
    if since is not None:
        query["since"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found: list[CommitSummary] = []
    try:
        async for page in client.pages(_COMMITS, f"{client.repository}/commits", query):
            found += [_summary(entry) for entry in page]
            if len(found) >= most:
                break
    except NotFound:
        return ()
    return tuple(found[:most])


async def last_commit_of(client: Client, path: str, branch: str) -> CommitSummary | None:
    """The newest commit of the branch that changed this file, None where none did."""
    query = {"path": path, "sha": branch, "per_page": 1}
    found = await client.find(_COMMITS, f"{client.repository}/commits", query)
    return _summary(found[0]) if found else None


async def compare(client: Client, base: CommitSha | str, head: CommitSha | str) -> Comparison:
    """What lies between two commits or branches; raises `NotFound` where one is unknown."""
    path = f"{client.repository}/compare/{quote(base, safe='')}...{quote(head, safe='')}"
    pages = await client.every(_COMPARISON, path)
    commits = [_summary(entry) for page in pages for entry in page.commits]
    return Comparison(
        status=pages[0].status,
        merge_base=pages[0].merge_base_commit.sha,
        commits=tuple(reversed(commits)),
        paths=tuple(file.filename for file in pages[0].files),
    )


async def list_commits_between(client: Client, base: CommitSha, head: CommitSha | str) -> tuple[CommitSummary, ...]:
    """Commits that `head` has and `base` has not, newest first."""
    return (await compare(client, base, head)).commits


async def _modes(client: Client, base: TreeSha, paths: Iterable[str]) -> dict[str, str]:
    """Path -> mode of those paths that are files of `base`; a mode that is no plain file's becomes a plain one."""
    whole = await client.get(_TREE, f"{client.repository}/git/trees/{base}", {"recursive": "1"})
    wanted = set(paths)
    entries = whole.tree
    if whole.truncated:
        entries = [entry for path in wanted for entry in await _entry(client, base, path)]
    return {
        entry.path: EXECUTABLE if entry.mode == EXECUTABLE else REGULAR
        for entry in entries
        if entry.path in wanted and entry.type == "blob"
    }


async def _entry(client: Client, base: TreeSha, path: str) -> list[_Entry]:
    """The entry of one path of a tree too large to be listed whole: found folder by folder, or not at all."""
    tree = base
    *folders, name = path.split("/")
    for folder in folders:
        found = [entry for entry in await _listing(client, tree) if entry.path == folder and entry.type == "tree"]
        if not found:
            return []
        tree = found[0].sha
    return [entry.model_copy(update={"path": path}) for entry in await _listing(client, tree) if entry.path == name]


async def _listing(client: Client, tree: TreeSha) -> list[_Entry]:
    listed = await client.get(_TREE, f"{client.repository}/git/trees/{tree}")
    if listed.truncated:
        raise TooLarge(f"folder {tree!r} has too many entries for GitHub to list; work with git there")
    return listed.tree


def _from_git(entry: _GitCommit) -> CommitSummary:
    parents = tuple(parent.sha for parent in entry.parents)
    return CommitSummary(entry.sha, entry.tree.sha, parents, entry.message, None)


def _summary(entry: _Commit) -> CommitSummary:
    return CommitSummary(
        sha=entry.sha,
        tree=entry.commit.tree.sha,
        parents=tuple(parent.sha for parent in entry.parents),
        message=entry.commit.message,
        author_login=entry.author.login if isinstance(entry.author, User) else None,
    )
