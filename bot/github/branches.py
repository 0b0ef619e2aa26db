"""Refs: where branches and the runs' own refs point, and moving them without ever losing somebody else's work.

GitHub's `force: false` refuses what is no fast-forward, but it is no compare-and-swap: it accepts a push on top of
somebody's reset to an ancestor. So a ref is read again before it is moved, and any head but the one that we left
there is a person's act.
"""

from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.errors import HeadMoved, NotFound, Refused
from bot.github.wire import ObjectReference
from bot.model.ids import CommitSha

Ref = str
"""A full name: `refs/heads/main`."""


class _Ref(BaseModel):
    object: ObjectReference


class _NamedRef(_Ref):
    ref: str


def _branch(name: str) -> str:
    return f"refs/heads/{name}"


_REF = TypeAdapter(_Ref)
_NAMED_REFS = TypeAdapter(list[_NamedRef])


async def read_branch_head(client: Client, branch: str) -> CommitSha | None:
    """The commit that the branch points to, None where there is no such branch."""
    return await read_ref(client, _branch(branch))


async def read_ref(client: Client, ref: Ref) -> CommitSha | None:
    """The commit that the ref points to, None where there is no such ref or the repository is empty."""
    try:
        found = await client.find(_REF, f"{client.repository}/git/ref/{_path(ref)}")
    except Refused as error:
        if error.status == 409:
            return None
        raise
    return found.object.sha if found is not None else None


async def list_refs(client: Client, prefix: Ref) -> dict[Ref, CommitSha]:
    """Every ref whose full name begins with `prefix`, such as `refs/heads/rmo/`."""
    found = await client.get(_NAMED_REFS, f"{client.repository}/git/matching-refs/{_path(prefix)}")
    return {entry.ref: entry.object.sha for entry in found}


async def create_ref(client: Client, ref: Ref, sha: CommitSha) -> None:
    """The ref exists afterwards and points to `sha`; safe to repeat.

    Raises `HeadMoved` when it exists and points elsewhere.
    """
    try:
        await client.send(_REF, "POST", f"{client.repository}/git/refs", {"ref": ref, "sha": sha})
    except Refused as error:
        there = await read_ref(client, ref)
        if there is None:
            raise
        if there != sha:
            raise HeadMoved(f"{ref!r} exists at {there!r}, not at {sha!r}; delete it or start anew") from error


async def update_ref(client: Client, ref: Ref, sha: CommitSha, *, expected: CommitSha) -> None:
    """The ref points to `sha` afterwards; safe to repeat.

    Raises `HeadMoved` when it points neither there nor to `expected`, or when it is gone.
    """
    there = await read_ref(client, ref)
    if there == sha:
        return
    if there != expected:
        raise HeadMoved(f"{ref!r} is at {there!r}, we left it at {expected!r}: somebody else moved it")
    try:
        await client.send(_REF, "PATCH", f"{client.repository}/git/refs/{_path(ref)}", {"sha": sha, "force": False})
    except Refused as error:
        if error.status != 422:
            raise
        raise HeadMoved(f"{ref!r} can't go from {expected!r} to {sha!r}: {error}") from error


async def delete_ref(client: Client, ref: Ref) -> None:
    """The ref does not exist afterwards; safe to repeat."""
    try:
        await client.order("DELETE", f"{client.repository}/git/refs/{_path(ref)}")
    except NotFound:
        return
    except Refused:
        if await read_ref(client, ref) is not None:
            raise


def _path(ref: Ref) -> str:
    return quote(ref.removeprefix("refs/"), safe="/")
