"""Which workflows an event starts, read from the very commit that it is about, and the runs made for them."""

from bot.localhub.actions.concurrency import group_of
from bot.localhub.actions.filters import skipped_by_message, starts_on_pull, starts_on_push
from bot.localhub.actions.runs import Start, start
from bot.localhub.actions.workflow import Unreadable, Workflow, parse
from bot.localhub.git_history import changed_paths, merge_base
from bot.localhub.git_store import NO_SHA
from bot.localhub.git_trees import EMPTY_TREE
from bot.localhub.shapes.accounts import Shape
from bot.localhub.state.accounts import Account
from bot.localhub.state.issues import Issue, Pull
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World
from bot.localhub.workflow_guard import WORKFLOWS

DEFAULT_PATH = f"{WORKFLOWS}/default-validation.yml"
"""Where a default workflow is said to be."""


async def workflows_at(repository: HubRepository, sha: str) -> list[Workflow | Unreadable]:
    """The workflow files of a commit, or the repository's default where there are none."""
    git = repository.git
    directory = await git.entry(sha, WORKFLOWS)
    if directory is None or directory.kind != "tree":
        return [] if repository.default_workflow is None else [parse(DEFAULT_PATH, repository.default_workflow)]
    files = [
        each
        for each in await git.tree(directory.sha, recursive=False)
        if each.kind == "blob" and each.path.endswith((".yml", ".yaml"))
    ]
    texts = [(await git.read(each.sha, "blob")).decode(errors="replace") for each in files]
    return [parse(f"{WORKFLOWS}/{each.path}", text) for each, text in zip(files, texts, strict=True)]


async def start_for_push(
    world: World, repository: HubRepository, ref: str, before: str, after: str, payload: Shape, sender: Account
) -> None:
    """Start what listens to a push of this ref; a deletion starts nothing."""
    if after == NO_SHA:
        return
    commit = await repository.git.commit(await repository.git.commit_of(after))
    if skipped_by_message(commit.message):
        return
    paths = await _pushed_paths(repository, before, commit.sha)
    title = commit.message.split("\n", 1)[0]
    for workflow in await workflows_at(repository, commit.sha):
        if isinstance(workflow, Unreadable) or starts_on_push(workflow, ref, paths):
            wish = Start(workflow, "push", ref, _short(ref), commit.sha, commit.sha, title, payload, sender)
            await start(world, repository, wish, group_of(workflow, wish, None))


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/").removeprefix("refs/tags/")


async def _pushed_paths(repository: HubRepository, before: str, after: str) -> list[str]:
    """Against the state before; a new branch against where it left the default branch, if it ever did."""
    git = repository.git
    if before == NO_SHA:
        default = await git.ref(f"refs/heads/{repository.default_branch}")
        shared = None if default in (None, after) else await merge_base(git, str(default), after)
        older = shared or EMPTY_TREE
    else:
        older = before
    return await changed_paths(git, older, after)


async def start_for_pull(
    world: World, repository: HubRepository, issue: Issue, pull: Pull, action: str, payload: Shape, sender: Account
) -> None:
    """Start what listens to this action of a pull request; branches that conflict start nothing, as on GitHub."""
    if pull.merge_sha is None:
        return
    git = repository.git
    head = await git.commit(pull.head_sha)
    if skipped_by_message(head.message):
        return
    ancestor = await merge_base(git, pull.base_sha, pull.head_sha) or EMPTY_TREE
    paths = await changed_paths(git, ancestor, pull.head_sha)
    ref = f"refs/pull/{issue.number}/merge"
    for workflow in await workflows_at(repository, pull.merge_sha):
        if isinstance(workflow, Unreadable) or not starts_on_pull(workflow, action, pull.base_ref, paths):
            continue
        wish = Start(
            workflow,
            "pull_request",
            ref,
            pull.head_ref,
            pull.head_sha,
            pull.merge_sha,
            issue.title,
            payload,
            sender,
            issue,
        )
        await start(world, repository, wish, group_of(workflow, wish, issue))
