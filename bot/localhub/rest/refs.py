"""The Git Data API: refs, the only thing there that has consequences."""

import re

from pydantic import BaseModel, Field

from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.effects.issues import Actor
from bot.localhub.effects.pushes import RefMove, ref_moved
from bot.localhub.errors import ApiError, not_found
from bot.localhub.git_history import is_ancestor
from bot.localhub.git_process import git as run_git
from bot.localhub.git_store import NO_SHA
from bot.localhub.permissions import grants, read, write
from bot.localhub.shapes.accounts import Shape
from bot.localhub.shapes.repositories import repository_api
from bot.localhub.state.accounts import AsInstallation
from bot.localhub.state.world import node_id
from bot.localhub.workflow_guard import REFUSAL, touched_workflow

REF = re.compile(r"refs/[^/]+/.+")
"""A ref made by the API begins with `refs` and holds at least two slashes."""


class NewRef(BaseModel):
    ref: str
    sha: str


class RefUpdate(BaseModel):
    sha: str
    force: bool = Field(default=False)


def _actor(call: Call) -> Actor:
    return Actor(call.actor, call.app)


async def _ref_shape(call: Call, ref: str, sha: str) -> Shape:
    api = repository_api(call.world, call.repository)
    kind = await call.repository.git.kind(sha) or "commit"
    return {
        "ref": ref,
        "node_id": node_id("REF", int(sha[:12], 16)),
        "url": f"{api}/git/{ref}",
        "object": {"sha": sha, "type": kind, "url": f"{api}/git/{kind}s/{sha}"},
    }


async def get_ref(call: Call) -> Reply:
    name = f"refs/{call.text('ref')}"
    sha = await call.repository.git.ref(name)
    if sha is None:
        raise not_found()
    return Reply(await _ref_shape(call, name, sha))


async def list_matching(call: Call) -> Reply:
    refs = await call.repository.git.refs(f"refs/{call.text('ref')}")
    page, headers = call.page(sorted(refs.items()))
    return Reply([await _ref_shape(call, name, sha) for name, sha in page], headers=headers)


async def _require_workflow_permission(call: Call, sha: str) -> None:
    """An App may not move a ref onto a commit that changes a workflow, unless it may write workflows."""
    if not isinstance(call.identity, AsInstallation) or grants(call.identity.token.permissions, "workflows", "write"):
        return
    path = await touched_workflow(call.repository.git, sha)
    if path is not None:
        raise ApiError(403, REFUSAL.format(path=path))


async def create_ref(call: Call) -> Reply:
    wish, repository = call.parse(NewRef), call.repository
    if not REF.fullmatch(wish.ref) or wish.ref.startswith("refs/pull/"):
        raise ApiError(422, "Reference name must start with 'refs/' and contain at least two slashes.")
    code, _ = await run_git(repository.git.path, "check-ref-format", wish.ref, accepted=(0, 1))
    if code != 0:
        raise ApiError(422, f"{wish.ref} is not a valid ref name.")
    if await repository.git.kind(wish.sha) is None:
        raise ApiError(422, "Object does not exist")
    await _require_workflow_permission(call, wish.sha)
    async with repository.refs_lock:
        if await repository.git.ref(wish.ref) is not None:
            raise ApiError(422, "Reference already exists")
        await repository.git.set_ref(wish.ref, wish.sha, NO_SHA)
    await ref_moved(call.world, repository, RefMove(wish.ref, NO_SHA, wish.sha), _actor(call))
    shape = await _ref_shape(call, wish.ref, wish.sha)
    return Reply(shape, 201, {"location": str(shape["url"])}, f"created {wish.ref} at {wish.sha[:12]}")


async def update_ref(call: Call) -> Reply:
    wish, repository = call.parse(RefUpdate), call.repository
    name = f"refs/{call.text('ref')}"
    if await repository.git.kind(wish.sha) is None:
        raise ApiError(422, "Object does not exist")
    await _require_workflow_permission(call, wish.sha)
    async with repository.refs_lock:
        before = await repository.git.ref(name)
        if before is None:
            raise ApiError(422, "Reference does not exist")
        if not wish.force and not await is_ancestor(repository.git, before, wish.sha):
            raise ApiError(422, "Update is not a fast forward")
        await repository.git.set_ref(name, wish.sha, before)
    if before != wish.sha:
        await ref_moved(call.world, repository, RefMove(name, before, wish.sha), _actor(call))
    effect = f"moved {name} from {before[:12]} to {wish.sha[:12]}"
    return Reply(await _ref_shape(call, name, wish.sha), effect=effect)


async def delete_ref(call: Call) -> Reply:
    repository, name = call.repository, f"refs/{call.text('ref')}"
    async with repository.refs_lock:
        before = await repository.git.ref(name)
        if before is None:
            raise ApiError(422, "Reference does not exist")
        if name == f"refs/heads/{repository.default_branch}":
            raise ApiError(422, "Cannot delete the default branch")
        await repository.git.delete_ref(name, before)
    await ref_moved(call.world, repository, RefMove(name, before, NO_SHA), _actor(call))
    return Reply(status=204, effect=f"deleted {name}")


ROUTES = (
    Route("GET", "/repos/{owner}/{repo}/git/ref/{ref:path}", read("contents"), get_ref),
    Route("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref:path}", read("contents"), list_matching),
    Route("POST", "/repos/{owner}/{repo}/git/refs", write("contents"), create_ref),
    Route("PATCH", "/repos/{owner}/{repo}/git/refs/{ref:path}", write("contents"), update_ref),
    Route("DELETE", "/repos/{owner}/{repo}/git/refs/{ref:path}", write("contents"), delete_ref),
)
