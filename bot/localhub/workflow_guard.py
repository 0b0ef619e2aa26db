"""GitHub's rule that an App without `workflows: write` cannot bring a workflow file, whichever way it pushes."""

from bot.localhub.git_store import GitStore

WORKFLOWS = ".github/workflows"
REFUSAL = "refusing to allow a GitHub App to create or update workflow `{path}` without `workflows` permission"


async def touched_workflow(store: GitStore, sha: str) -> str | None:
    """The first workflow file that commits not yet on any ref would change, or None."""
    if await store.kind(sha) != "commit":
        return None
    names = await store.text("log", "-c", "--format=", "--name-only", sha, "--not", "--all", "--", WORKFLOWS)
    return next((name for name in names.splitlines() if name), None)
