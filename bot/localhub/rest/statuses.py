"""Commit statuses: what anyone with write access says about a commit."""

from pydantic import BaseModel

from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.effects.webhooks import emit
from bot.localhub.errors import ApiError
from bot.localhub.permissions import read, write
from bot.localhub.shapes.checks import combined_status, commit_status
from bot.localhub.shapes.commits import commit_item
from bot.localhub.shapes.times import stamp
from bot.localhub.state.checks import CommitStatus, StatusState


class NewStatus(BaseModel):
    state: StatusState
    context: str = "default"
    description: str | None = None
    target_url: str | None = None


async def named_commit(call: Call) -> str:
    """SHA of the commit that the path's `ref` names; raises 422."""
    sha = await call.repository.git.resolve(call.text("ref").removeprefix("refs/"))
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {call.text('ref')}")
    return sha


async def create_status(call: Call) -> Reply:
    wish, world, repository = call.parse(NewStatus), call.world, call.repository
    sha = call.text("sha")
    if await repository.git.kind(sha) != "commit":
        raise ApiError(422, f"No commit found for SHA: {sha}")
    status = CommitStatus(
        world.next_id("status"),
        sha,
        wish.state,
        wish.context,
        wish.description,
        wish.target_url,
        call.actor,
        world.now(),
    )
    repository.statuses.append(status)
    shape = commit_status(world, repository, status)
    details: dict[str, object] = {
        **{name: shape[name] for name in ("id", "state", "description", "target_url", "context", "avatar_url")},
        "sha": sha,
        "name": repository.full_name,
        "commit": commit_item(world, repository, await repository.git.commit(sha)),
        "branches": [],
        "created_at": stamp(status.created_at),
        "updated_at": stamp(status.created_at),
    }
    emit(world, repository, "status", None, details, call.actor)
    return Reply(shape, 201, effect=f"set status {wish.context!r} of {sha[:12]}: {wish.state}")


async def list_statuses(call: Call) -> Reply:
    repository, sha = call.repository, await named_commit(call)
    page, headers = call.page([each for each in reversed(repository.statuses) if each.sha == sha])
    return Reply([commit_status(call.world, repository, each) for each in page], headers=headers)


async def get_combined_status(call: Call) -> Reply:
    return Reply(combined_status(call.world, call.repository, await named_commit(call)))


_READ = read("statuses")
_COMMIT = "/repos/{owner}/{repo}/commits/{ref:path}"

ROUTES = (
    Route("GET", f"{_COMMIT}/status", _READ, get_combined_status),
    Route("GET", f"{_COMMIT}/statuses", _READ, list_statuses),
    Route("POST", "/repos/{owner}/{repo}/statuses/{sha}", write("statuses"), create_status),
)
