"""Commands that people give in a thread: read from the API, allowed by the API, obeyed once."""

from typing import assert_never

from bot import comments
from bot.comments import CommandResult, Granted, NoRun, Refused
from bot.github.client import Client
from bot.github.comments import keep_comment, read_comment
from bot.github.issues import react_to_comment, read_issue
from bot.github.pulls import read_pull_request
from bot.github.repositories import permission_of
from bot.intake.command import parse_commands
from bot.intake.estimate import estimate
from bot.intake.payload import TRIGGER_LABEL
from bot.jobs.context import Context, Queue
from bot.jobs.past_items import past_items
from bot.jobs.rouse import leave_wish, rouse
from bot.loop import fold
from bot.loop.steering import refusal
from bot.model.estimate import Estimate
from bot.model.forge import Comment
from bot.model.ids import CommentId, IssueNumber, LabelEventId, PullRequestNumber
from bot.model.phase import Approving, Ended
from bot.model.repository import Repository
from bot.model.run import Run, RunRequest
from bot.model.steering import (
    Approve,
    ChangeBudget,
    Explain,
    Help,
    Misunderstood,
    Retry,
    Rollback,
    ShowPlan,
    ShowStatus,
    Steer,
    StopRun,
)
from bot.model.task import Label
from bot.model.wish import Wish
from bot.store import commands, journal
from bot.store.commands import HandledCommand


async def steer(
    context: Context,
    queue: Queue,
    client: Client,
    repository: Repository,
    number: IssueNumber,
    comment: CommentId,
    *,
    on_pull_request: bool,
) -> str:
    """What came of the commands in a comment, in words; nothing happens for one that was dealt with before."""
    if await context.database.transact(commands.is_handled, comment):
        return "known"
    said = await read_comment(client, comment)
    if said is None or said.author_is_bot or said.author_app_id is not None:
        return "no person's comment"
    wanted = parse_commands(said.body)
    if not wanted:
        return "no command"
    if await permission_of(client, said.author) not in ("admin", "write"):
        await _refuse(client, number, said)
        outcome = "not permitted"
    else:
        await react_to_comment(client, comment, "eyes")
        outcome = await _obey(context, queue, client, repository, number, said, wanted, on_pull_request)
    handled = HandledCommand(comment, repository.id, number, said.author, outcome)
    await context.database.transact(commands.handle, handled, context.now())
    return outcome


async def _refuse(client: Client, number: IssueNumber, said: Comment) -> None:
    """One answer a person and thread, however often they try."""
    marker = comments.refusal_marker(said.author)
    answer = comments.command_answer(Help(), said.author, comments.NotPermitted())
    await keep_comment(client, number, marker, f"{marker}\n{answer}")


async def _obey(
    context: Context,
    queue: Queue,
    client: Client,
    repository: Repository,
    number: IssueNumber,
    said: Comment,
    wanted: tuple[Steer, ...],
    on_pull_request: bool,
) -> str:
    answers: list[str] = []
    refused = False
    for each in wanted:
        request = await _request_of(context, client, repository, number, on_pull_request)
        result = await _do(context, queue, client, request, each, said)
        refused = refused or not isinstance(result, Granted)
        if not (isinstance(result, Granted) and comments.is_said_by_reaction(each)):
            run = await _run(context, request) if request is not None else None
            expected = await _estimate(context, run) if run is not None and isinstance(each, ShowPlan) else None
            answers.append(comments.command_answer(each, said.author, result, run, expected))
    if answers:
        marker = comments.answer_marker(said.id)
        await keep_comment(client, number, marker, "\n".join([marker, *answers]))
    await react_to_comment(client, said.id, "confused" if refused else "+1")
    return f"{len(wanted)} command(s), {'not all of them granted' if refused else 'granted'}"


async def _request_of(
    context: Context, client: Client, repository: Repository, number: IssueNumber, on_pull_request: bool
) -> RunRequest | None:
    """The newest run of the issue, or the one whose pull request it is."""
    if not on_pull_request:
        known = await context.database.transact(journal.runs_of_issue, repository.id, number)
        return known[-1] if known else None
    pull = await read_pull_request(client, PullRequestNumber(number))
    return await context.database.transact(journal.run_of_branch, repository.id, pull.head_ref)


async def _run(context: Context, request: RunRequest) -> Run:
    return fold(request, await context.database.transact(journal.read_journal, request.run_id))


async def _estimate(context: Context, run: Run) -> Estimate:
    past = await past_items(context, run.request.repository.id)
    return estimate(run.plan.items if run.plan is not None else (), past)


async def _do(
    context: Context, queue: Queue, client: Client, request: RunRequest | None, wanted: Steer, said: Comment
) -> CommandResult:
    """What came of one command."""
    if isinstance(wanted, Help):
        return Granted()
    if isinstance(wanted, Misunderstood):
        return Refused(wanted.reason)
    if request is None:
        return NoRun()
    run = await _run(context, request)
    match wanted:
        case ShowPlan() | ShowStatus() | Explain():
            return Granted()
        case Retry():
            return await retry(context, queue, client, request, int(said.id), said)
        case StopRun():
            if isinstance(run.phase, Ended):
                return Refused("the run has ended")
            await leave_wish(context, queue, request, Wish("cancel", f"{said.author} asked for it", by=said.author))
            return Granted()
        case Approve():
            wish = Wish("approve", f"{said.author} approves the plan", key=str(said.id), by=said.author)
        case Rollback(step=step):
            reason = f"{said.author} wants the tree of step {step} back"
            wish = Wish("rollback", reason, key=str(said.id), value=step, by=said.author)
        case ChangeBudget(amount=amount):
            if amount > context.limits.daily_of_issue:
                most = context.limits.daily_of_issue / 1e6
                return Refused(f"an issue may cost at most {most:.2f} US dollars here")
            wish = Wish("budget", f"{said.author} sets the budget", key=str(said.id), value=amount, by=said.author)
        case _ as unreachable:
            assert_never(unreachable)
    refused = refusal(run, wish)
    if refused:
        return Refused(refused)
    await leave_wish(context, queue, request, wish)
    return Granted()


async def retry(
    context: Context, queue: Queue, client: Client, about: RunRequest, number: int, asked: Comment
) -> CommandResult:
    """A new run of the issue, as if it had been labelled anew by the one who asks; of its runs the newest decides."""
    known = await context.database.transact(journal.runs_of_issue, about.repository.id, about.issue)
    if any(each.label.event == number for each in known):
        return Granted()
    run = await _run(context, known[-1])
    issue = await read_issue(client, about.issue)
    if issue.state == "closed" or issue.locked:
        return Refused("the issue is closed or locked")
    if TRIGGER_LABEL not in issue.labels:
        return Refused(f"the issue does not bear the label `{TRIGGER_LABEL}`; put it on, which begins a run, too")
    if not isinstance(run.phase, Ended | Approving):
        return Refused("the run is at work; `/rmo stop` ends it first")
    if isinstance(run.phase, Approving):
        await leave_wish(context, queue, run.request, Wish("cancel", f"{asked.author} asked for another try"))
    began = asked.created_at or context.now()
    request = RunRequest(run.request.repository, about.issue, Label(LabelEventId(number), asked.author), began)
    await context.database.transact(journal.open_run, request)
    await rouse(queue, request, "retry")
    return Granted()
