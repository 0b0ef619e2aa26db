"""What follows when a ref moves, whoever moved it: pull requests, webhooks, check suites, workflows.

Refs outside `refs/heads` and `refs/tags` are silent, as on GitHub.
"""

from dataclasses import dataclass

from bot.localhub.actions.selection import start_for_push
from bot.localhub.effects.checks import request_suites
from bot.localhub.effects.issues import Actor
from bot.localhub.effects.pulls import base_moved, head_deleted, head_moved
from bot.localhub.effects.webhooks import emit
from bot.localhub.git_history import changed_files, commits_between, is_ancestor, log
from bot.localhub.git_store import NO_SHA
from bot.localhub.shapes.accounts import Shape
from bot.localhub.shapes.commits import mail, pushed_commit
from bot.localhub.shapes.repositories import repository_page
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World

BRANCHES = "refs/heads/"
TAGS = "refs/tags/"
LISTED_COMMITS = 20
"""How many commits a push webhook lists at most (GitHub: 2048, which nobody here needs)."""


@dataclass(frozen=True, slots=True)
class RefMove:
    """A ref's step; NO_SHA stands for its absence."""

    ref: str
    before: str
    after: str


async def ref_moved(world: World, repository: HubRepository, move: RefMove, actor: Actor) -> None:
    """Do everything that GitHub does after this move."""
    if not move.ref.startswith((BRANCHES, TAGS)):
        return
    repository.pushed_at = world.now()
    await _tell(world, repository, move, actor)
    if not move.ref.startswith(BRANCHES):
        return
    branch = move.ref.removeprefix(BRANCHES)
    if move.after == NO_SHA:
        await head_deleted(world, repository, branch, actor)
        return
    await request_suites(world, repository, branch, move.before, move.after, actor.account)
    payload = await push_payload(world, repository, move, actor)
    await start_for_push(world, repository, move.ref, move.before, move.after, payload, actor.account)
    if move.before != NO_SHA:
        await head_moved(world, repository, branch, move.before, move.after, actor)
        await base_moved(world, repository, branch, move.after, actor)


async def _tell(world: World, repository: HubRepository, move: RefMove, actor: Actor) -> None:
    kind = "tag" if move.ref.startswith(TAGS) else "branch"
    name = move.ref.removeprefix(BRANCHES).removeprefix(TAGS)
    named: Shape = {"ref": name, "ref_type": kind, "pusher_type": "user"}
    if move.before == NO_SHA:
        more: Shape = {"master_branch": repository.default_branch, "description": repository.description}
        emit(world, repository, "create", None, {**named, **more}, actor.account)
    if move.after == NO_SHA:
        emit(world, repository, "delete", None, named, actor.account)
    emit(world, repository, "push", None, await push_payload(world, repository, move, actor), actor.account)


async def push_payload(world: World, repository: HubRepository, move: RefMove, actor: Actor) -> Shape:
    """The push webhook's own fields, also the event that workflows are started with."""
    git = repository.git
    page = repository_page(world, repository)
    gone, new = move.after == NO_SHA, move.before == NO_SHA
    forced = not gone and not new and not await is_ancestor(git, move.before, move.after)
    commits: list[Shape] = []
    if not gone:
        default = f"{BRANCHES}{repository.default_branch}"
        since = await git.ref(default) if new and move.ref != default else None if new else move.before
        listed = await log(git, move.after) if since is None else await commits_between(git, since, move.after)
        for sha in reversed(listed[:LISTED_COMMITS]):
            commit = await git.commit(sha)
            files = await changed_files(git, commit.parents[0], sha) if commit.parents else []
            commits.append(pushed_commit(world, repository, commit, files))
    head = None if gone else pushed_commit(world, repository, await git.commit(move.after), [])
    listed_head = next((each for each in commits if each["id"] == move.after), head)
    return {
        "ref": move.ref,
        "before": move.before,
        "after": move.after,
        "created": new,
        "deleted": gone,
        "forced": forced,
        "base_ref": None,
        "compare": f"{page}/compare/{move.before[:12]}...{move.after[:12]}",
        "commits": commits,
        "head_commit": listed_head,
        "pusher": {"name": actor.account.login, "email": mail(actor.account)},
    }
