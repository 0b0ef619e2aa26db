"""Changes of pull requests: opening, following their branches, draft and ready, merging."""

from dataclasses import dataclass
from typing import Literal

from bot.localhub.actions.selection import start_for_pull
from bot.localhub.effects.issues import Actor, close_linked, remember, set_state, tell
from bot.localhub.errors import ApiError
from bot.localhub.git_history import Merged, is_ancestor, merge_tree
from bot.localhub.git_store import NO_SHA, Signature
from bot.localhub.shapes.accounts import Shape
from bot.localhub.shapes.commits import mail
from bot.localhub.shapes.pulls import pull_request
from bot.localhub.signing import sign
from bot.localhub.state.issues import Issue, Pull
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World
from bot.localhub.verdicts import missing_checks

MergeMethod = Literal["merge", "squash", "rebase"]


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new pull request is opened with."""

    title: str
    body: str | None
    head: str
    base: str
    draft: bool


async def open_pull(world: World, repository: HubRepository, actor: Actor, opening: Opening) -> Issue:
    """Open a pull request between two branches of the repository that both exist."""
    git = repository.git
    head_sha = await git.ref(f"refs/heads/{opening.head}") or NO_SHA
    base_sha = await git.ref(f"refs/heads/{opening.base}") or NO_SHA
    now = world.now()
    pull = Pull(world.next_id("pull"), opening.head, head_sha, opening.base, base_sha, opening.draft)
    issue = Issue(
        world.next_id("issue"),
        repository.next_number,
        opening.title,
        opening.body,
        actor.account,
        now,
        now,
        actor.app,
        pull=pull,
    )
    repository.issues[issue.number] = issue
    await refresh_refs(world, repository, issue)
    await tell(world, repository, issue, "opened", actor)
    await run_workflows(world, repository, issue, "opened", actor)
    return issue


async def refresh_refs(world: World, repository: HubRepository, issue: Issue) -> None:
    """Keep `refs/pull/N/head` and, where the branches merge cleanly, `refs/pull/N/merge` up to date."""
    pull = issue.pull
    if pull is None:
        return
    git = repository.git
    names = f"refs/pull/{issue.number}/head", f"refs/pull/{issue.number}/merge"
    await git.set_ref(names[0], pull.head_sha, None)
    merged = await merge_tree(git, pull.base_sha, pull.head_sha)
    if isinstance(merged, Merged):
        signature = Signature("GitHub", "noreply@localhub.test", world.now())
        message = f"Merge {pull.head_sha} into {pull.base_sha}\n"
        parents = (pull.base_sha, pull.head_sha)
        pull.merge_sha = await git.write_commit(merged.tree, parents, message, signature, signature, None)
        await git.set_ref(names[1], pull.merge_sha, None)
    else:
        pull.merge_sha = None
        await git.delete_ref(names[1], None)


async def run_workflows(world: World, repository: HubRepository, issue: Issue, action: str, actor: Actor) -> None:
    """Start the workflows that listen to this action of a pull request."""
    if issue.pull is None:
        return
    shape = await pull_request(world, repository, issue, issue.pull)
    payload: Shape = {"action": action, "number": issue.number, "pull_request": shape}
    await start_for_pull(world, repository, issue, issue.pull, action, payload, actor.account)


def _open_pulls(repository: HubRepository) -> list[tuple[Issue, Pull]]:
    return [(issue, issue.pull) for issue in repository.pulls if issue.pull is not None and issue.state == "open"]


async def head_moved(
    world: World, repository: HubRepository, branch: str, before: str, after: str, actor: Actor
) -> None:
    """A branch was pushed to: its open pull requests follow."""
    for issue, pull in _open_pulls(repository):
        if pull.head_ref == branch:
            pull.head_sha = after
            issue.updated_at = world.now()
            await refresh_refs(world, repository, issue)
            await tell(world, repository, issue, "synchronize", actor, before=before, after=after)
            await run_workflows(world, repository, issue, "synchronize", actor)


async def base_moved(world: World, repository: HubRepository, branch: str, after: str, actor: Actor) -> None:
    """The branch to merge into moved: pull requests whose head it now contains count as merged."""
    for issue, pull in _open_pulls(repository):
        if pull.base_ref == branch:
            if await is_ancestor(repository.git, pull.head_sha, after):
                await _mark_merged(world, repository, issue, pull, after, actor)
            else:
                pull.base_sha = after
                await refresh_refs(world, repository, issue)


async def head_deleted(world: World, repository: HubRepository, branch: str, actor: Actor) -> None:
    """A branch is gone: its open pull requests close."""
    for issue, pull in _open_pulls(repository):
        if pull.head_ref == branch:
            remember(world, issue, "head_ref_deleted", actor)
            await set_state(world, repository, issue, actor, "closed", None)


async def set_draft(world: World, repository: HubRepository, issue: Issue, pull: Pull, actor: Actor) -> None:
    """Back to draft."""
    if not pull.draft:
        pull.draft = True
        remember(world, issue, "convert_to_draft", actor)
        await tell(world, repository, issue, "converted_to_draft", actor)


async def set_ready(world: World, repository: HubRepository, issue: Issue, pull: Pull, actor: Actor) -> None:
    """Out of draft."""
    if pull.draft:
        pull.draft = False
        remember(world, issue, "ready_for_review", actor)
        await tell(world, repository, issue, "ready_for_review", actor)
        await run_workflows(world, repository, issue, "ready_for_review", actor)


async def reopen(world: World, repository: HubRepository, issue: Issue, pull: Pull, actor: Actor) -> None:
    """Open a closed pull request again, at its branch's present head."""
    head = await repository.git.ref(f"refs/heads/{pull.head_ref}")
    if head is None or pull.merged_at is not None:
        raise ApiError(
            422, "Validation Failed", errors=[{"resource": "PullRequest", "field": "state", "code": "invalid"}]
        )
    pull.head_sha = head
    await refresh_refs(world, repository, issue)
    await set_state(world, repository, issue, actor, "open", None)
    await run_workflows(world, repository, issue, "reopened", actor)


async def _mark_merged(
    world: World, repository: HubRepository, issue: Issue, pull: Pull, merge_sha: str, actor: Actor
) -> None:
    pull.merged_at, pull.merged_by, pull.merge_sha = world.now(), actor.account, merge_sha
    remember(world, issue, "merged", actor, commit_id=merge_sha)
    await set_state(world, repository, issue, actor, "closed", None)
    if pull.base_ref == repository.default_branch:
        text = f"{issue.title}\n{issue.body or ''}"
        await close_linked(world, repository, text, actor, merge_sha)


@dataclass(frozen=True, slots=True)
class MergeWish:
    """How a pull request shall be merged."""

    method: MergeMethod
    title: str | None
    message: str | None
    head_sha: str | None
    """Only if the head is still this one."""


async def merge(
    world: World, repository: HubRepository, issue: Issue, pull: Pull, wish: MergeWish, actor: Actor
) -> str:
    """Merge and give the new commit's SHA; raises ApiError 405 or 409 as GitHub does."""
    if wish.head_sha is not None and wish.head_sha != pull.head_sha:
        raise ApiError(409, "Head branch was modified. Review and try the merge again.")
    if issue.state == "closed":
        raise ApiError(405, "Pull Request is not mergeable")
    if pull.draft:
        raise ApiError(405, "Pull Request is still a draft")
    if wish.method == "rebase":
        raise ApiError(405, "Rebase merges are not allowed on this repository.")
    missing = missing_checks(repository, pull.base_ref, pull.head_sha)
    if missing:
        raise ApiError(405, f'Required status check "{missing[0]}" is expected.')
    git = repository.git
    tip = await git.ref(f"refs/heads/{pull.base_ref}") or pull.base_sha
    merged = await merge_tree(git, tip, pull.head_sha)
    if not isinstance(merged, Merged):
        raise ApiError(405, "Pull Request is not mergeable")
    signature = Signature(actor.account.login, mail(actor.account), world.now())
    heading = {
        "merge": f"Merge pull request #{issue.number} from {repository.owner.login}/{pull.head_ref}\n\n{issue.title}",
        "squash": f"{issue.title} (#{issue.number})",
    }[wish.method]
    message = "\n\n".join(part for part in (wish.title or heading, wish.message) if part) + "\n"
    parents = (tip, pull.head_sha) if wish.method == "merge" else (tip,)
    sha = await git.write_commit(merged.tree, parents, message, signature, signature, sign())
    await git.set_ref(f"refs/heads/{pull.base_ref}", sha, tip)
    pull.base_sha = tip
    await _mark_merged(world, repository, issue, pull, sha, actor)
    return sha
