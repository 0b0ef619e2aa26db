"""Budgets of a day: set aside before a model is asked, in the transaction that stores the intent to ask it.

Whatever asks for a thousand runs gets what a day may cost, and no more; the rest goes on the next day by itself.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Connection

from bot import comments
from bot.github.comments import keep_comment
from bot.jobs.context import Context
from bot.jobs.limits import Limits
from bot.jobs.pause import Pause
from bot.loop.budget import PROMPT_TOKENS_CEILING, reserve
from bot.model.ids import MicroDollars, RepositoryId
from bot.model.run import Run
from bot.store import spending
from bot.store.spending import Spender

LONGEST_WAIT = timedelta(hours=1)
"""After which it is looked at again, as an operator may have raised the limit."""


@dataclass(frozen=True, slots=True)
class Limited:
    """The day's money is spent; the run waits."""

    run: Run
    why: str
    seconds: float


def set_money_aside(connection: Connection, run: Run, now: datetime, limits: Limits) -> Limited | None:
    """What the next request may cost is reserved; Limited where the day has not that much left for the run."""
    seq = run.last_seq + 1
    spending.take_turn(connection)
    if spending.is_reserved(connection, run.id, seq):
        return None
    request = run.request
    spender = Spender(run.id, request.repository.id, request.issue, request.label.actor)
    today = now.astimezone(UTC).date()
    spent, amount = spending.spent_on(connection, spender, today), reserve(run)
    for whose, used, most in (
        ("all my runs", spent.total, limits.daily),
        ("this repository", spent.repository, limits.daily_of_repository),
        (f"the runs that {request.label.actor} asked for", spent.person, limits.daily_of_person),
        ("this issue", spent.issue, limits.daily_of_issue),
    ):
        if amount and used + amount > most:
            tomorrow = datetime.combine(today + timedelta(days=1), time(), UTC)
            why = _why(f"today's budget of {_dollars(most)} for {whose}", amount, most)
            return Limited(run, why, min(LONGEST_WAIT, tomorrow - now).total_seconds())
    spending.reserve(connection, spender, seq, today, amount)
    return None


def _why(budget: str, amount: MicroDollars, most: MicroDollars) -> str:
    if amount > most:
        return f"one request to the model may cost {_dollars(amount)}, and {budget} is less; the operator can raise it"
    return f"{budget} is used up; it goes on at 00:00 UTC"


def _dollars(amount: MicroDollars) -> str:
    return f"{amount / 1e6:.2f} US dollars"


async def is_used_up(context: Context, repository: RepositoryId) -> bool:
    """Whether no run of the repository could ask a model today."""
    today = context.now().astimezone(UTC).date()
    total, here = await context.database.transact(spending.spent_in, repository, today)
    amount = context.model.price.cost(PROMPT_TOKENS_CEILING, context.policy.budget.output_tokens)
    limits = context.limits
    return amount > 0 and (total + amount > limits.daily or here + amount > limits.daily_of_repository)


async def wait_for_money(context: Context, limited: Limited) -> Pause:
    """The status comment says what the run waits for; raises as the GitHub edge does not: a comment can wait too."""
    request = limited.run.request
    client = context.github.client(
        request.repository.full_name, request.repository.installation, repository=request.repository.id
    )
    marker = comments.status_marker(request.run_id)
    await keep_comment(client, request.issue, marker, comments.status(limited.run, waits=limited.why))
    return Pause(limited.seconds)
