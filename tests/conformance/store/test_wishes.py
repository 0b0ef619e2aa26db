"""What is wished of a run is kept until something came of it, and what ends a run ends it as often as it is wished."""

from dataclasses import replace

from sqlalchemy import Connection

from bot.model.outcome import Obeyed, Stopped
from bot.model.step import Obey, Stop
from bot.model.wish import Wish
from bot.store import journal, wishes
from bot.store.database import Database
from tests.conformance.store.test_journal import NOW, entry, request

RUN = request().run_id
STOP = Wish("cancel", "ada asked for it", by="ada")
BACK = Wish("rollback", "ada wants step 3", key="9", value=3, by="ada")


def left(connection: Connection, wish: Wish) -> bool:
    return wishes.wish(connection, RUN, wish, NOW)


async def test_a_second_stop_is_heard_once_the_first_has_ended_something(database: Database) -> None:
    await database.transact(journal.open_run, request())
    assert await database.transact(left, STOP)
    assert not await database.transact(left, replace(STOP, reason="bob asked for it"))
    await database.transact(wishes.grant_endings, RUN, NOW)
    assert await database.transact(wishes.read_wishes, RUN) == ()
    again = replace(STOP, reason="bob asked for it", by="bob")
    assert await database.transact(left, again)
    assert await database.transact(wishes.read_wishes, RUN) == (again,)


async def test_a_command_is_obeyed_once(database: Database) -> None:
    await database.transact(journal.open_run, request())
    assert await database.transact(left, BACK)
    await database.transact(wishes.grant, RUN, BACK, NOW)
    assert not await database.transact(left, BACK)
    assert await database.transact(wishes.read_wishes, RUN) == ()


async def test_a_run_has_something_to_do_until_it_ends_and_when_it_is_taken_up(database: Database) -> None:
    await database.transact(journal.open_run, request())
    assert await database.transact(journal.is_active, RUN)
    await database.transact(journal.record, RUN, entry(1, Stop("completed", "x"), Stopped("completed", "x")))
    assert not await database.transact(journal.is_active, RUN)
    await database.transact(left, STOP)
    assert not await database.transact(journal.is_active, RUN), "what is over is not ended"
    await database.transact(left, BACK)
    assert await database.transact(journal.is_active, RUN)
    await database.transact(journal.record, RUN, entry(2, Obey(BACK), Obeyed(BACK)))
    await database.transact(wishes.grant, RUN, BACK, NOW)
    assert await database.transact(journal.is_active, RUN)
