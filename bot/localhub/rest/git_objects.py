"""The Git Data API: blobs, trees and commits.

https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-your-git-database
"""

import base64
import binascii
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.errors import ApiError, not_found
from bot.localhub.git_store import Signature, StoredCommit
from bot.localhub.git_trees import TreeChange, TreeEntry
from bot.localhub.permissions import read, write
from bot.localhub.shapes.accounts import Shape
from bot.localhub.shapes.commits import git_commit, mail
from bot.localhub.shapes.repositories import repository_api
from bot.localhub.signing import sign
from bot.localhub.state.accounts import AsInstallation
from bot.localhub.state.world import node_id

Mode = Literal["100644", "100755", "040000", "160000", "120000"]


class NewBlob(BaseModel):
    content: str
    encoding: str = "utf-8"


class NewEntry(BaseModel):
    """A line of POST git/trees: `sha`, or `content`, or `sha: null` to delete."""

    path: str
    mode: Mode = "100644"
    sha: str | None = None
    content: str | None = None


class NewTree(BaseModel):
    tree: list[NewEntry]
    base_tree: str | None = None


class Person(BaseModel):
    name: str
    email: str
    date: datetime | None = None


class NewCommit(BaseModel):
    message: str
    tree: str
    parents: list[str] = []
    author: Person | None = None
    committer: Person | None = None
    signature: str | None = None


async def create_blob(call: Call) -> Reply:
    wish = call.parse(NewBlob)
    if wish.encoding == "base64":
        try:
            content = base64.b64decode(wish.content)
        except binascii.Error as error:
            raise ApiError(422, "content is not valid Base64") from error
    else:
        content = wish.content.encode()
    sha = await call.repository.git.write_blob(content)
    url = f"{repository_api(call.world, call.repository)}/git/blobs/{sha}"
    return Reply({"url": url, "sha": sha}, 201, {"location": url}, f"wrote blob {sha[:12]}")


async def get_blob(call: Call) -> Reply:
    git, sha = call.repository.git, call.text("sha")
    if await git.kind(sha) != "blob":
        raise not_found()
    content = await git.read(sha, "blob")
    shape: Shape = {
        "sha": sha,
        "node_id": node_id("B", int(sha[:12], 16)),
        "size": len(content),
        "url": f"{repository_api(call.world, call.repository)}/git/blobs/{sha}",
        "content": base64.encodebytes(content).decode(),
        "encoding": "base64",
    }
    return Reply(shape)


def _tree_shape(call: Call, sha: str, entries: list[TreeEntry]) -> Shape:
    api = repository_api(call.world, call.repository)

    def line(entry: TreeEntry) -> Shape:
        shape: Shape = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha}
        if entry.kind == "blob":
            shape |= {"size": entry.size, "url": f"{api}/git/blobs/{entry.sha}"}
        if entry.kind == "tree":
            shape |= {"url": f"{api}/git/trees/{entry.sha}"}
        return shape

    return {"sha": sha, "url": f"{api}/git/trees/{sha}", "tree": [line(each) for each in entries], "truncated": False}


async def create_tree(call: Call) -> Reply:
    git, wish = call.repository.git, call.parse(NewTree)
    base = None
    if wish.base_tree is not None:
        if await git.kind(wish.base_tree) not in ("tree", "commit"):
            raise ApiError(422, "base_tree is not a valid tree oid" if wish.base_tree else "base_tree is empty")
        base = await git.tree_of(wish.base_tree)
    changes = [await _change(call, each, base) for each in wish.tree]
    sha = await git.write_tree(base, changes)
    reply = _tree_shape(call, sha, await git.tree(sha, recursive=False))
    url = str(reply["url"])
    return Reply(reply, 201, {"location": url}, f"wrote tree {sha[:12]} with {len(changes)} changed paths")


async def _change(call: Call, entry: NewEntry, base: str | None) -> TreeChange:
    git = call.repository.git
    parts = entry.path.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" or "\0" in part for part in parts):
        raise ApiError(422, f"tree.path contains a malformed path component: {entry.path}")
    if entry.content is not None:
        return TreeChange(entry.path, entry.mode, await git.write_blob(entry.content.encode()))
    if entry.sha is None:
        if "sha" not in entry.model_fields_set:
            raise ApiError(422, "Must supply either tree.sha or tree.content.")
        if base is None or await git.entry(base, entry.path) is None:
            raise ApiError(422, "GitRPC::BadObjectState")
        return TreeChange(entry.path, entry.mode, None)
    wanted = {"040000": "tree", "160000": "commit"}.get(entry.mode, "blob")
    if entry.mode != "160000" and await git.kind(entry.sha) != wanted:
        raise ApiError(422, f"tree.sha {entry.sha} is not a valid {wanted}")
    return TreeChange(entry.path, entry.mode, entry.sha)


async def get_tree(call: Call) -> Reply:
    git, name = call.repository.git, call.text("sha")
    if await git.kind(name) != "tree":
        commit = await git.resolve(name)
        if commit is None:
            raise not_found()
        name = commit
    sha = await git.tree_of(name)
    entries = await git.tree(sha, recursive=bool(call.query("recursive")))
    return Reply(_tree_shape(call, sha, entries))


async def create_commit(call: Call) -> Reply:
    """An App that names no author gets a commit that is its bot's and that GitHub signs."""
    git, wish = call.repository.git, call.parse(NewCommit)
    if await git.kind(wish.tree) != "tree":
        raise ApiError(422, "Tree SHA does not exist")
    for parent in wish.parents:
        if await git.kind(parent) != "commit":
            raise ApiError(422, "Parent SHA does not exist or is not a commit object")
    own = Signature(call.actor.login, mail(call.actor), call.world.now())
    author = _person(wish.author, own)
    committer = _person(wish.committer, author if wish.author is not None else own)
    chosen = wish.author is not None or wish.committer is not None
    signature = wish.signature
    if signature is None and not chosen and isinstance(call.identity, AsInstallation):
        signature = sign()
    sha = await git.write_commit(wish.tree, wish.parents, wish.message, author, committer, signature)
    commit = await git.commit(sha)
    shape = git_commit(call.world, call.repository, commit)
    subject = commit.message.split("\n", 1)[0]
    return Reply(shape, 201, {"location": str(shape["url"])}, f"wrote commit {sha[:12]} {subject!r}")


def _person(wish: Person | None, otherwise: Signature) -> Signature:
    return otherwise if wish is None else Signature(wish.name, wish.email, wish.date or otherwise.at)


async def get_commit_object(call: Call) -> Reply:
    git = call.repository.git
    (found,) = await git.reader.find(call.text("sha"))
    if found is None or found.kind != "commit":
        raise not_found()
    commit: StoredCommit = await git.commit(found.sha)
    return Reply(git_commit(call.world, call.repository, commit))


ROUTES = (
    Route("POST", "/repos/{owner}/{repo}/git/blobs", write("contents"), create_blob),
    Route("GET", "/repos/{owner}/{repo}/git/blobs/{sha}", read("contents"), get_blob),
    Route("POST", "/repos/{owner}/{repo}/git/trees", write("contents"), create_tree),
    Route("GET", "/repos/{owner}/{repo}/git/trees/{sha:path}", read("contents"), get_tree),
    Route("POST", "/repos/{owner}/{repo}/git/commits", write("contents"), create_commit),
    Route("GET", "/repos/{owner}/{repo}/git/commits/{sha}", read("contents"), get_commit_object),
)
