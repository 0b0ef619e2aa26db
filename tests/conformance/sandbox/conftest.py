"""A sandbox of each backend that this machine has, attacked once for all tests."""

import asyncio
from pathlib import Path

import pytest

from bot.model.command import Unqualified
from bot.sandbox import Choice, Sandbox, qualify
from bot.sandbox.identity import outside_uid
from tests.conformance.sandbox.backends import available


@pytest.fixture(scope="session", params=available())
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """A qualified sandbox."""
    choice: Choice = request.param
    found = asyncio.run(qualify(choice))
    assert not isinstance(found, Unqualified), f"{found.reason}: {found.mend}"
    return found


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of installed environments; shared by all tests as by all repositories: the base tools are fetched once."""
    directory = tmp_path_factory.mktemp("environments")
    for path in (directory, directory.parent):
        path.chmod(0o755)
    return directory


@pytest.fixture
def open_directory(tmp_path: Path) -> Path:
    """A directory of the host that the sandbox's user could write, were it let."""
    made = tmp_path / "host"
    made.mkdir()
    made.chmod(0o777 if outside_uid() else 0o755)
    return made
