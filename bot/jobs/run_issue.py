"""One step of a run, from the journal to the journal.

    step = next_step(run)                       pure
    outcome = await perform(step, run, context) the only impurity; idempotent by (run, seq)
    record(entry)                               a second worker loses here

A crash between any two of these lines costs at most a look at GitHub for what was already done.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.github.client import Client
from bot.github.errors import Moved, NotFound, NotPermitted, RateLimited, Suspended
from bot.jobs.context import Context
from bot.jobs.daily_budget import Limited, set_money_aside, wait_for_money
from bot.jobs.follow_repository import follow_repository
from bot.jobs.limits import Limits
from bot.jobs.pause import NO_PAUSE, Pause
from bot.jobs.perform import perform
from bot.jobs.record_evidence import Nodes, record_evidence
from bot.loop import apply, fold, next_step
from bot.model.errors import Final, NeedsHuman, Retryable
from bot.model.ids import RunId
from bot.model.journal import Entry, NotYet
from bot.model.outcome import ModelReplied, Obeyed, Outcome, ReviewAnswered, StepFailed, Stopped
from bot.model.phase import StopReason
from bot.model.run import Run
from bot.model.step import AnswerReview, AskModel, Obey, Step, Stop
from bot.store import journal, spending, wishes
from bot.store.errors import Superseded

_log = structlog.get_logger("bot.jobs.run_issue")

MAX_ATTEMPTS = 12
"""Of one step: with the pauses below, about three quarters of an hour."""
MAX_CRASHES = 5
SUSPENDED_SECONDS = 600.0
"""After which a suspended installation is asked again, where nothing has told us before."""
LONGEST_PAUSE = 300.0


@dataclass(frozen=True, slots=True)
class _Begun:
    """A step whose intent is stored."""

    run: Run
    step: Step
    attempts: int
    at: datetime


async def advance(context: Context, run_id: RunId) -> Pause | None:
    """Take the next step of a run; the pause before the one after it, or None when there is nothing to do for now.

    Raises Retryable where the database is out of reach: the engine calls again.
    """
    begun = await context.database.transact(_begin, run_id, context.now(), context.limits)
    match begun:
        case None:
            return None
        case Limited():
            return await wait_for_money(context, begun)
        case _Begun():
            pass
    context = await context.of_run(begun.run)
    here = f"{begun.run.last_seq + 1}:{type(begun.step).__name__}"
    context.reached(f"{here}:intended")
    outcome, github_seconds = await _attempt(context, begun)
    context.reached(f"{here}:performed")
    if isinstance(outcome, Pause):
        return outcome
    entry = Entry(
        seq=begun.run.last_seq + 1,
        step=begun.step,
        outcome=outcome,
        started_at=begun.at,
        ended_at=context.now(),
        github_seconds=github_seconds,
    )
    try:
        await context.database.transact(_record, begun.run, entry, context.catalogue.nodes)
    except Superseded:
        return NO_PAUSE
    context.reached(f"{here}:recorded")
    await context.watch(run_id)
    return NO_PAUSE


def _begin(connection: journal.Connection, run_id: RunId, now: datetime, limits: Limits) -> _Begun | Limited | None:
    """The run as its journal has it, and the intent to take its next step, with the money for it set aside."""
    request = journal.read_request(connection, run_id)
    if request is None:
        return None
    run = fold(request, journal.read_journal(connection, run_id))
    step = next_step(run, wishes.read_wishes(connection, run_id))
    if step is None:
        return None
    if isinstance(step, AskModel) and (limited := set_money_aside(connection, run, now, limits)) is not None:
        return limited
    intent = journal.begin(connection, run_id, run.last_seq + 1, step, now)
    return _Begun(run, step, intent.attempts, intent.started_at)


def _record(connection: journal.Connection, run: Run, entry: Entry, nodes: Nodes) -> None:
    """The entry, and what it proves of the task, its tries and its failures, in one transaction."""
    after = apply(run, entry)
    journal.record(connection, run.id, entry)
    match entry.outcome:
        case ModelReplied(answer=answer):
            spending.settle(connection, run.id, entry.seq, answer.cost)
        case Obeyed(wish=wish):
            wishes.grant(connection, run.id, wish, entry.ended_at)
        case Stopped():
            wishes.grant_endings(connection, run.id, entry.ended_at)
        case _:
            pass
    record_evidence(connection, run, after, entry, nodes)


async def _attempt(context: Context, begun: _Begun) -> tuple[Outcome | Pause, float]:
    """What came of the step; every error that anybody can act on becomes an outcome or a pause."""
    client = context.github.client(
        begun.run.request.repository.full_name,
        begun.run.request.repository.installation,
        repository=begun.run.request.repository.id,
    )
    try:
        outcome = await _perform(context, begun, client)
        if isinstance(outcome, NotYet):
            if begun.attempts > 1:
                await context.database.transact(journal.forget_attempts, begun.run.id, begun.run.last_seq + 1)
            outcome = Pause(max(outcome.seconds, 0.05))
    except Suspended:
        # Not a failure of the run: it goes on where it was once the owner lets us.
        await context.database.transact(journal.begin_anew, begun.run.id, begun.run.last_seq + 1, context.now())
        outcome = Pause(SUSPENDED_SECONDS)
    except RateLimited as error:
        # GitHub says when; however often it does, the run is not to blame.
        await context.database.transact(journal.forget_attempts, begun.run.id, begun.run.last_seq + 1)
        outcome = Pause(max(error.after.total_seconds() if error.after else 0.0, 1.0), ends_early=False)
    except Retryable as error:
        if begun.attempts >= MAX_ATTEMPTS:
            outcome = _failed(begun.step, "failed", f"after {begun.attempts} tries: {error}")
        else:
            backoff = min(2.0**begun.attempts, LONGEST_PAUSE)
            asked = error.after.total_seconds() if error.after else 0.0
            outcome = Pause(max(backoff, asked), ends_early=False)
    except NeedsHuman as error:
        outcome = _failed(begun.step, "needs_human", str(error))
    except Final as error:
        outcome = _failed(begun.step, "failed", str(error))
    except Exception as error:
        # The worker's own border: a defect of ours ends one run after a few tries and never the worker.
        _log.exception("step_crashed", run=begun.run.id, step=type(begun.step).__name__)
        if begun.attempts >= MAX_CRASHES:
            outcome = _failed(begun.step, "failed", f"an internal error ({type(error).__name__}); see the log")
        else:
            outcome = Pause(2.0**begun.attempts, ends_early=False)
    return outcome, client.waited.seconds


async def _perform(context: Context, begun: _Begun, client: Client) -> Outcome | NotYet | Pause:
    """What came of the step; where it met a closed door, whether that is because the repository is not there now."""
    try:
        return await perform(begun.step, begun.run, context, client)
    except (Moved, NotFound, NotPermitted):
        found = await follow_repository(context, begun.run.request)
        match found:
            case None:
                raise
            case Pause():
                return found
            case StepFailed(reason=reason, message=message):
                return _failed(begun.step, reason, message)


def _failed(step: Step, reason: StopReason, message: str) -> Outcome:
    """A step that cannot succeed ends the run; a last word that cannot be said does not keep it from ending.

    Nor does a reply that cannot be given, as to a remark that its author has deleted, or a wish that cannot be looked
    into: either would be tried for ever.
    """
    if isinstance(step, AnswerReview):
        return ReviewAnswered(step.remark)
    if isinstance(step, Obey):
        return Obeyed(step.wish, message)
    if isinstance(step, Stop):
        return Stopped(step.reason, f"{step.detail} (this could not be said on GitHub: {message})")
    return StepFailed(reason, message)
