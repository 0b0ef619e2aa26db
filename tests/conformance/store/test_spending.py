"""What a day costs, on both databases: counted for everybody whom it concerns, and never promised twice."""

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection

from bot.jobs.daily_budget import Limited, set_money_aside
from bot.jobs.limits import Limits
from bot.loop.budget import reserve
from bot.model.conversation import Price
from bot.model.ids import IssueNumber, LabelEventId, MicroDollars, RepositoryId
from bot.model.repository import Repository
from bot.model.run import Run
from bot.model.task import Label
from bot.store import journal, notices, spending
from bot.store.database import Database
from bot.store.notices import Notice
from bot.store.spending import SpentToday
from tests.unit.loop.story import REQUEST, frozen

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TODAY = NOON.date()
PRICE = Price(MicroDollars(1_000_000), MicroDollars(0))
COST = MicroDollars(60_000)
"""Of one request, at the most."""
NO_LIMIT = MicroDollars(10**12)
ENOUGH = Limits(daily=NO_LIMIT, daily_of_repository=NO_LIMIT, daily_of_person=NO_LIMIT, daily_of_issue=NO_LIMIT)


async def opened(database: Database, event: int, *, repository: int = 1, issue: int = 1, actor: str = "ada") -> Run:
    place: Repository = replace(REQUEST.repository, id=RepositoryId(repository))
    label = Label(LabelEventId(event), actor)
    request = replace(REQUEST, repository=place, issue=IssueNumber(issue), label=label)
    await database.transact(journal.open_run, request)
    run = Run(request, frozen=replace(frozen(), price=PRICE))
    assert reserve(run) == COST
    return run


async def ask(database: Database, run: Run, limits: Limits = ENOUGH, now: datetime = NOON) -> Limited | None:
    return await database.transact(set_money_aside, run, now, limits)


async def spent(database: Database, run: Run, day: date = TODAY) -> SpentToday:
    request = run.request
    spender = spending.Spender(run.id, request.repository.id, request.issue, request.label.actor)
    return await database.transact(spending.spent_on, spender, day)


async def test_a_request_counts_for_everybody_whom_it_concerns(database: Database) -> None:
    runs = [
        await opened(database, 1),
        await opened(database, 2, actor="bob"),
        await opened(database, 3, issue=2),
        await opened(database, 4, repository=2),
    ]
    for run in runs:
        assert await ask(database, run) is None
    assert await spent(database, runs[0]) == SpentToday(
        total=MicroDollars(4 * COST),
        repository=MicroDollars(3 * COST),
        person=MicroDollars(3 * COST),
        issue=MicroDollars(2 * COST),
    )
    assert await database.transact(spending.spent_in, RepositoryId(2), TODAY) == (4 * COST, COST)
    assert (await spent(database, runs[0], TODAY + timedelta(days=1))).total == 0


async def test_what_it_has_cost_takes_the_place_of_what_it_might_cost(database: Database) -> None:
    run = await opened(database, 1)
    assert await ask(database, run) is None
    assert await ask(database, run) is None, "the same request, after a crash"
    assert (await spent(database, run)).total == COST
    await database.transact(spending.settle, run.id, run.last_seq + 1, MicroDollars(7))
    assert (await spent(database, run)).total == 7


@pytest.mark.parametrize(
    ("limits", "whose"),
    [
        (replace(ENOUGH, daily=MicroDollars(COST)), "all my runs"),
        (replace(ENOUGH, daily_of_repository=MicroDollars(COST)), "this repository"),
        (replace(ENOUGH, daily_of_person=MicroDollars(COST)), "the runs that ada asked for"),
        (replace(ENOUGH, daily_of_issue=MicroDollars(COST)), "this issue"),
    ],
)
async def test_who_has_used_the_day_up_waits_for_the_next(database: Database, limits: Limits, whose: str) -> None:
    first, second = await opened(database, 1), await opened(database, 2)
    assert await ask(database, first, limits) is None
    limited = await ask(database, second, limits)
    assert limited is not None
    assert limited.why == f"today's budget of 0.06 US dollars for {whose} is used up; it goes on at 00:00 UTC"
    assert limited.seconds == 3600.0
    late = await ask(database, second, limits, NOON.replace(hour=23, minute=59))
    assert late is not None
    assert late.seconds == 60.0
    assert await ask(database, second, limits, NOON + timedelta(hours=12)) is None


async def test_a_request_that_no_day_can_pay_is_the_operator_s_to_see_to(database: Database) -> None:
    limited = await ask(database, await opened(database, 1), replace(ENOUGH, daily=MicroDollars(COST - 1)))
    assert limited is not None
    assert "one request to the model may cost 0.06 US dollars" in limited.why
    assert "the operator can raise it" in limited.why


async def test_a_free_model_is_never_limited(database: Database) -> None:
    run = await opened(database, 1)
    assert run.frozen is not None
    free = replace(run, frozen=replace(run.frozen, price=Price(MicroDollars(0), MicroDollars(0))))
    assert await ask(database, free, Limits(1, *[MicroDollars(0)] * 4)) is None


async def test_two_at_once_do_not_get_the_last_money_both(database: Database) -> None:
    """The first has set it aside, and its transaction is not over, when the second asks."""
    first, second = await opened(database, 1), await opened(database, 2)
    limits = replace(ENOUGH, daily=MicroDollars(COST))
    aside, answered = threading.Event(), threading.Event()

    def hold(connection: Connection) -> Limited | None:
        got = set_money_aside(connection, first, NOON, limits)
        aside.set()
        # Where nobody has to wait for anybody, the other one has its answer by then
        answered.wait(0.5)
        return got

    def follow(connection: Connection) -> Limited | None:
        got = set_money_aside(connection, second, NOON, limits)
        answered.set()
        return got

    async def after() -> Limited | None:
        assert await asyncio.to_thread(aside.wait, 30)
        return await database.transact(follow)

    got = await asyncio.gather(database.transact(hold), after())
    assert got[0] is None
    assert got[1] is not None
    assert (await spent(database, first)).total == COST


async def test_a_notice_is_kept_until_it_is_forgotten(database: Database) -> None:
    here, kind = RepositoryId(1), "queue"
    assert await database.transact(notices.read_notice, here, kind) is None
    first = Notice(3, "", NOON)
    assert await database.transact(notices.keep_notice, here, kind, first)
    assert not await database.transact(notices.keep_notice, here, kind, Notice(4, "money", NOON))
    assert await database.transact(notices.read_notice, here, kind) == first
    await database.transact(notices.write_notice, here, kind, Notice(4, "a \x00 word", NOON))
    found = await database.transact(notices.read_notice, here, kind)
    assert found is not None
    assert (found.number, "\x00" in found.said) == (4, False)
    assert await database.transact(notices.read_notice, RepositoryId(2), kind) is None
    await database.transact(notices.forget_notice, here, kind)
    assert await database.transact(notices.read_notice, here, kind) is None
