"""Merging one branch into another, without a pull request: https://docs.github.com/en/rest/branches/branches"""

from pydantic import BaseModel

from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.effects.pushes import RefMove, ref_moved
from bot.localhub.errors import ApiError
from bot.localhub.git_history import Merged, is_ancestor, merge_tree
from bot.localhub.git_store import Signature
from bot.localhub.permissions import write
from bot.localhub.rest.issues import actor
from bot.localhub.shapes.commits import commit_item, mail
from bot.localhub.signing import sign


class BranchMerge(BaseModel):
    base: str
    head: str
    commit_message: str | None = None


async def merge_branches(call: Call) -> Reply:
    wish, repository, git = call.parse(BranchMerge), call.repository, call.repository.git
    ref = f"refs/heads/{wish.base}"
    async with repository.refs_lock:
        tip = await git.ref(ref)
        head = await git.ref(f"refs/heads/{wish.head}") or await git.resolve(wish.head)
        if tip is None or head is None:
            raise ApiError(404, "Base does not exist" if tip is None else "Head does not exist")
        if await is_ancestor(git, head, tip):
            return Reply(status=204)
        merged = await merge_tree(git, tip, head)
        if not isinstance(merged, Merged):
            raise ApiError(409, "Merge conflict")
        signature = Signature(call.actor.login, mail(call.actor), call.world.now())
        message = wish.commit_message or f"Merge {wish.head} into {wish.base}"
        sha = await git.write_commit(merged.tree, (tip, head), f"{message}\n", signature, signature, sign())
        await git.set_ref(ref, sha, tip)
    await ref_moved(call.world, repository, RefMove(ref, tip, sha), actor(call))
    shape = commit_item(call.world, repository, await git.commit(sha))
    return Reply(shape, 201, effect=f"merged {wish.head} into {wish.base} as {sha[:12]}")


ROUTES = (Route("POST", "/repos/{owner}/{repo}/merges", write("contents"), merge_branches),)
