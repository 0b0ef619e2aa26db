"""Merging one branch into another on GitHub itself: git's own merge, made and signed there, without a checkout."""

from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.errors import Refused
from bot.model.forge import MergeResult
from bot.model.ids import CommitSha


class _MergeCommit(BaseModel):
    sha: CommitSha


_MERGE_COMMIT = TypeAdapter(_MergeCommit)


async def merge_branch(client: Client, *, base: str, head: CommitSha | str, message: str) -> MergeResult:
    """Bring `head`, a branch or a commit, into branch `base` by a merge commit; never by moving anything back.

    GitHub takes no word about where `base` ought to stand, so read that before and after. Repeated after
    `OutcomeUnknown` it has nothing to merge and tells no commit: read the branch. Raises `NotFound` for a branch that
    is gone, `Refused` where rules keep us from writing to `base`.
    """
    body = {"base": base, "head": head, "commit_message": message}
    try:
        made = await client.send_once(_MERGE_COMMIT, "POST", f"{client.repository}/merges", body)
    except Refused as error:
        if error.status != 409 or not error.says("merge conflict"):
            raise
        return MergeResult(None, conflicts=True)
    return MergeResult(made.sha if made is not None else None)
