"""Fixtures for every test of this directory."""

import threading
from collections.abc import Iterator

import pytest

from tests.conformance.llm.provider import Listening, Provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider on loopback; give it `answers` before asking."""
    listening = Listening()
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield listening.provider
    listening.shutdown()
    listening.server_close()
    thread.join()
