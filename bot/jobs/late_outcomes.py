"""Whether merged work was reverted within thirty days: told by the commits of the default branch.

`git revert` and GitHub's button both write `This reverts commit <sha>`, and the button's pull request `Reverts
owner/name#N` from a branch `revert-N-BRANCH` (git-revert(1); GitHub docs: "Reverting a pull request").
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from bot.github.commits import recent_commits
from bot.jobs.context import Context
from bot.model.errors import RmoError
from bot.model.forge import CommitSummary
from bot.model.run import RunRequest
from bot.store.late_outcomes import LateOutcome, merged_since, write_late_outcome

WITHIN = timedelta(days=30)
MOST_COMMITS = 1_000
_REVERTS = re.compile(r"This reverts commit (?P<sha>[0-9a-f]{7,64})")
_BUTTON = r"from {owner}/revert-[0-9]+-{branch}(?![\w/-])"
"""What the button's own pull request is merged with: `Merge pull request #3 from OWNER/revert-2-BRANCH`."""


async def find_reverts(context: Context) -> int:
    """Look at the commits since each merge of the last thirty days; how many were reverted."""
    merged = await context.database.transact(merged_since, context.now() - WITHIN)
    found = 0
    for request, outcome in merged:
        repository = request.repository
        client = context.github.client(repository.full_name, repository.installation, repository=repository.id)
        try:
            since = await recent_commits(
                client, repository.default_branch, most=MOST_COMMITS, since=outcome.happened_at
            )
        except RmoError:
            # The repository may be out of reach for a while, or for good; the others are looked at all the same.
            continue
        by = revert_of(since, request, outcome.reason)
        if by is not None:
            late = LateOutcome(request.run_id, "reverted", by.sha, context.now())
            found += await context.database.transact(write_late_outcome, late)
    return found


def revert_of(commits: Sequence[CommitSummary], request: RunRequest, merge: str) -> CommitSummary | None:
    """The commit that takes the merge back; None where there is none."""
    repository = request.repository
    button = re.compile(_BUTTON.format(owner=re.escape(repository.owner), branch=re.escape(request.branch)))
    for commit in commits:
        reverted = _REVERTS.search(commit.message)
        if merge and reverted is not None and merge.startswith(reverted["sha"]):
            return commit
        if button.search(commit.message):
            return commit
    return None
