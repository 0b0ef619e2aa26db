"""Bringing the base branch's newer commits into the work branch, by a merge that GitHub makes and signs.

The merge commit's SHA can't be known beforehand: a retry looks for a merge of ours between the journalled head and the
ref first. Any other head is a person's act.
"""

from bot.github import repositories
from bot.github.branches import read_branch_head
from bot.github.client import Client
from bot.github.commits import compare, list_commits_between, read_commit
from bot.github.errors import TooLarge
from bot.github.merges import merge_branch
from bot.loop.commit_message import merge_message, trailers_of
from bot.model.change import Overlay
from bot.model.forge import CommitSummary
from bot.model.ids import CommitSha
from bot.model.outcome import BaseMerged, Outcome, StepFailed
from bot.model.repository import BaseCommit
from bot.model.run import Run


async def merge_base(run: Run, client: Client) -> Outcome:
    """The work branch as it is with the base branch's head in it; a conflict is only told."""
    assert run.frozen is not None
    assert run.code_head is not None
    base, branch = run.frozen.base, run.frozen.task.branch
    newest = await read_branch_head(client, base.branch)
    if newest is None:
        return StepFailed("refused", f"the branch {base.branch!r} is gone")
    head = await read_branch_head(client, branch)
    if head != run.code_head:
        merged = await _ours(client, run, head)
        return await _adopt(client, run, merged) if merged is not None else _moved(branch, head, run.code_head)
    if newest == base.sha:
        return BaseMerged(base)
    result = await merge_branch(client, base=branch, head=newest, message=merge_message(run, newest))
    if result.conflicts:
        theirs = await compare(client, base.sha, newest)
        both = sorted(set(theirs.paths) & set(run.code)) or sorted(run.code)
        return BaseMerged(base, conflicts=tuple(both))
    if result.sha is None:
        return BaseMerged(base)
    return await _adopt(client, run, await read_commit(client, result.sha))


def _moved(branch: str, head: CommitSha | None, left: CommitSha) -> StepFailed:
    return StepFailed("branch_moved", f"{branch} is at {head}, and was left at {left}: somebody else has moved it")


async def _ours(client: Client, run: Run, head: CommitSha | None) -> CommitSummary | None:
    """The merge that an interrupted performance has made."""
    if head is None or run.code_head is None:
        return None
    between = await list_commits_between(client, run.code_head, head)
    found = next((commit for commit in between if commit.sha == head), None)
    if found is None or len(found.parents) != 2 or found.parents[0] != run.code_head:
        return None
    trailers = trailers_of(found.message)
    return found if trailers is not None and trailers.run == run.id else None


async def _adopt(client: Client, run: Run, merge: CommitSummary) -> Outcome:
    """The run's changes as the merge left them: git may have mixed both sides within a file."""
    assert run.frozen is not None
    base = BaseCommit(run.frozen.base.branch, merge.parents[1])
    code: dict[str, str | None] = {}
    for path, text in run.code.items():
        try:
            merged = await _text(client, path, merge.sha)
        except TooLarge:
            merged = text
        if merged is not None or await _text(client, path, base.sha) is not None:
            code[path] = merged
    overlay: Overlay = code
    return BaseMerged(base, merge.sha, merge.tree, overlay)


async def _text(client: Client, path: str, ref: CommitSha) -> str | None:
    content = await repositories.read_file(client, path, ref)
    return None if content is None else content.decode("utf-8", "replace")
