"""Fixtures for every test of this directory."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.git.served import GitServer, Listening, Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty clone at `work` whose branch is `main`."""
    path = tmp_path / "served" / "work"
    path.mkdir(parents=True)
    made = Workshop(path)
    made.git("init", "--quiet", "--initial-branch=main")
    return made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """Serves every repository under `served` to whoever shows the token."""
    root = tmp_path / "served"
    root.mkdir(exist_ok=True)
    listening = Listening(root)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield listening.described
    listening.shutdown()
    listening.server_close()
    thread.join()
