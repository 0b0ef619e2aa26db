"""The journal is the only truth: what the engine keeps may be lost, and the database may be PostgreSQL or away."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import event, text

from bot.compose import engine_url_of
from bot.store.database import Database
from tests.crash.conftest import OpenPlace
from tests.crash.final_state import Final, final_state
from tests.crash.order import AtBoundary, AtNewBoundary
from tests.crash.place import Place
from tests.sampling import is_full


def lose_engine(database_url: str) -> None:
    """Delete every table of the engine's."""
    engine_url = engine_url_of(database_url)
    if engine_url != database_url:
        for name in ("", "-wal", "-shm"):
            Path(f"{engine_url.removeprefix('sqlite:///')}{name}").unlink(missing_ok=True)
        return
    _execute(database_url, "drop schema dbos cascade")


def have_engine_give_up(database_url: str) -> None:
    """Have the engine in SQLite believe that the run ended in an error that nobody foresaw."""
    assert _execute(engine_url_of(database_url), "update workflow_status set status = 'ERROR'") == 1


def _execute(url: str, statement: str) -> int:
    database = Database(url)
    with database.engine.begin() as connection:
        rows = connection.execute(text(statement)).rowcount
    database.close()
    return rows


@pytest.mark.full
async def test_a_run_goes_on_from_its_journal_alone(
    tmp_path: Path, new_place: OpenPlace, undisturbed: tuple[Final, Place]
) -> None:
    expected, _ = undisturbed
    database_url = f"sqlite:///{tmp_path / 'rmo.db'}"
    async with new_place(database_url=database_url) as place:
        await place.label_an_issue()
        assert (await place.live(AtBoundary("14:CommitStep:performed"))).was_killed
        lose_engine(database_url)
        assert (await place.live(AtBoundary("22:AskModel:recorded"))).was_killed
        have_engine_give_up(database_url)
        await place.live_on()
        found = await final_state(place)
    found.assert_same_as(expected)
    assert found.asks == expected.asks


@pytest.mark.full
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_deaths_in_turn_on_postgresql_change_nothing(
    database_url: str, new_place: OpenPlace, undisturbed: tuple[Final, Place]
) -> None:
    expected, _ = undisturbed
    async with new_place(database_url=database_url) as place:
        await place.label_an_issue()
        assert (await place.live(AtBoundary("14:CommitStep:intended"))).was_killed
        lose_engine(database_url)
        await place.live_on(AtNewBoundary("" if is_full() else ":CommitStep:performed"))
        assert place.deaths > 5
        (await final_state(place)).assert_same_as(expected)


async def test_a_transaction_waits_for_a_server_that_is_not_there_yet(postgres: str, tmp_path: Path) -> None:
    _, _, real = postgres.rpartition("host=")
    database = Database(postgres.replace(real, str(tmp_path / "later")))
    refused = threading.Event()

    @event.listens_for(database.engine, "handle_error")
    def note(_: object) -> None:  # pyright: ignore[reportUnusedFunction] - called by sqlalchemy
        refused.set()

    answer = asyncio.create_task(database.transact(lambda connection: connection.scalar(text("select 7"))))
    assert await asyncio.to_thread(refused.wait, 30)
    assert not answer.done()
    (tmp_path / "later").symlink_to(real)
    assert await answer == 7
    database.close()
