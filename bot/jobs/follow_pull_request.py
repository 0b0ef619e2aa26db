"""Following the pull requests of runs that have ended: reviews, checks that turn red, a base that moves, their end.

What asks for work becomes a wish, which takes the run up again; what ends it is recorded as the late outcome.
"""

from collections.abc import Callable

from bot.ci.verdict import red_checks
from bot.github.checks import list_check_runs, list_statuses
from bot.github.client import Client
from bot.github.comments import list_comments
from bot.github.pulls import read_pull_request
from bot.github.repositories import permission_of
from bot.intake.command import parse_commands
from bot.jobs.context import Context, Queue
from bot.jobs.remarks import new_remarks
from bot.jobs.rouse import leave_wish
from bot.loop import fold
from bot.loop.steering import is_over_for_good, refusal
from bot.model.forge import PullRequestState
from bot.model.ids import IssueNumber, PullRequestNumber, RepositoryId
from bot.model.phase import Ended
from bot.model.run import Run, RunRequest
from bot.model.wish import Wish
from bot.store import journal
from bot.store.late_outcomes import LateOutcome, runs_to_follow, write_late_outcome

REASON_CHARACTERS = 300


def every(_: RunRequest) -> bool:
    """All of them."""
    return True


async def follow_pull_requests(
    context: Context,
    queue: Queue,
    client: Client,
    repository: RepositoryId,
    concerned: Callable[[RunRequest], bool] = every,
) -> int:
    """The pull requests of ended runs of the repository, as far as they are concerned; how many wishes came."""
    made = 0
    for request in await context.database.transact(runs_to_follow, repository):
        if concerned(request):
            made += await _follow(context, queue, client, request)
    return made


async def _follow(context: Context, queue: Queue, client: Client, request: RunRequest) -> bool:
    entries = await context.database.transact(journal.read_journal, request.run_id)
    run = fold(request, entries)
    if not isinstance(run.phase, Ended):
        return False
    if run.pull_request is None:
        late = LateOutcome(run.id, "none", run.phase.reason, run.phase.at)
        await context.database.transact(write_late_outcome, late)
        return False
    pull = await read_pull_request(client, run.pull_request.number)
    if pull.state == "closed":
        await context.database.transact(write_late_outcome, await _end_of(context, client, run, pull))
        return False
    wish = await _wish(context, client, run, pull)
    if wish is None or is_over_for_good(run.phase, wish) or (wish.kind != "review" and refusal(run, wish)):
        return False
    # What a person asks for is refused in public, where that has to be.
    return await leave_wish(context, queue, request, wish)


async def hear_review(context: Context, queue: Queue, client: Client, repository: RepositoryId, branch: str) -> bool:
    """What is asked for while the run is at work waits for its end; says whether there is anything new."""
    request = await context.database.transact(journal.run_of_branch, repository, branch)
    if request is None:
        return False
    run = fold(request, await context.database.transact(journal.read_journal, request.run_id))
    if run.pull_request is None or isinstance(run.phase, Ended):
        return False
    wish = await _review(client, run, run.pull_request.number)
    return wish is not None and await leave_wish(context, queue, request, wish)


async def _review(client: Client, run: Run, pull: PullRequestNumber) -> Wish | None:
    remarks = await new_remarks(client, pull, run.remarks)
    if not remarks:
        return None
    newest = remarks[-1]
    return Wish("review", f"{newest.author} asks for a change", key=str(newest.id), by=newest.author)


async def _wish(context: Context, client: Client, run: Run, pull: PullRequestState) -> Wish | None:
    """What the state of the pull request asks for, the most urgent first."""
    assert run.frozen is not None
    assert isinstance(run.phase, Ended)
    if pull.head_sha != run.code_head:
        # Somebody has committed to it, so it is theirs.
        return None
    review = await _review(client, run, pull.number)
    if review is not None:
        return review
    if run.phase.reason != "completed":
        return None
    checks = (*await list_check_runs(client, pull.head_sha), *await list_statuses(client, pull.head_sha))
    app = await client.identity()
    expected = frozenset(run.frozen.config.check_apps) or None
    red = red_checks(checks, head_sha=pull.head_sha, expected_apps=expected, own_app=app.id)
    if red:
        return Wish("checks", f"{red[0].name} turned red", key=pull.head_sha)
    if run.frozen.config.keep_up_to_date and pull.mergeable_state in ("behind", "dirty"):
        return Wish("base", f"`{pull.base_ref}` has moved on", key=pull.head_sha)
    return None


async def _end_of(context: Context, client: Client, run: Run, pull: PullRequestState) -> LateOutcome:
    if pull.merged:
        return LateOutcome(run.id, "merged", pull.merge_commit or "", pull.merged_at or context.now())
    reason = await _why_closed(client, pull)
    return LateOutcome(run.id, "closed", reason, pull.closed_at or context.now())


async def _why_closed(client: Client, pull: PullRequestState) -> str:
    """What a person with write access said last; nothing where nobody said anything."""
    for comment in reversed(await list_comments(client, IssueNumber(pull.number))):
        if comment.author_is_bot or comment.author_app_id is not None or parse_commands(comment.body):
            continue
        if await permission_of(client, comment.author) in ("admin", "write"):
            return " ".join(comment.body.split())[:REASON_CHARACTERS]
    return ""
