"""GitHub's rule that an App without `workflows: write` cannot bring a workflow file, whichever way it pushes."""

from bot.localhub.git_store import GitStore

WORKFLOWS = ".github/workflows"
REFUSAL = "refusing to allow a GitHub App to create or update workflow `{path}` without `workflows` permission"
FEW = 32
"""New commits that are compared one by one before git is asked."""


async def touched_workflow(store: GitStore, sha: str) -> str | None:
    """The first workflow file that commits not yet on any ref would change, or None."""
    if await store.kind(sha) != "commit" or await _leaves_workflows_alone(store, sha):
        return None
    names = await store.text("log", "-c", "--format=", "--name-only", sha, "--not", "--all", "--", WORKFLOWS)
    return next((name for name in names.splitlines() if name), None)


async def _leaves_workflows_alone(store: GitStore, sha: str) -> bool:
    """Whether a few commits in a row lead from `sha` to a ref, and all have the same workflows as it.

    The usual case, told from the trees alone; False says nothing.
    """
    tips = set((await store.refs()).values())
    at = await store.commit_of(sha)
    wanted = await store.entry(at, WORKFLOWS)
    for _ in range(FEW):
        if at in tips:
            return True
        parents = (await store.commit(at)).parents
        if len(parents) != 1 or await store.entry(parents[0], WORKFLOWS) != wanted:
            return False
        at = parents[0]
    return False
