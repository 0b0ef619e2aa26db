"""Ports and databases that cannot be had: one line, a next step, exit code 2."""

import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.badinput.command import Said, rmo, start
from tests.badinput.story import last_line, left_clean
from tests.badinput.survivors import adopting
from tests.sampling import is_full


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """What a server needs; nobody answers at its GitHub."""
    key, script = tmp_path / "key.pem", tmp_path / "script.jsonl"
    private = rsa.generate_private_key(65537, 2048)
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    script.write_text("")
    return {
        "RMO_APP_ID": "1",
        "RMO_PRIVATE_KEY_FILE": str(key),
        "RMO_MODEL": f"script:{script}",
        "RMO_WEBHOOK_SECRET": "secret",
        "GITHUB_API_URL": "http://127.0.0.1:9",
    }


@pytest.fixture
def taken_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield str(listening.getsockname()[1])


def refused(said: Said, *words: str) -> None:
    left_clean(said)
    assert said.code == 2, said
    line = last_line(said)
    for word in words:
        assert word in line


def test_a_port_that_is_taken(tmp_path: Path, taken_port: str, settings: dict[str, str]) -> None:
    refused(rmo("demo", "--exit", "--port", taken_port, home=tmp_path), taken_port, "in use", "choose another")
    refused(rmo("serve", "--port", taken_port, home=tmp_path, **settings), taken_port, "in use", "--port")


def test_a_port_that_is_none(tmp_path: Path) -> None:
    refused(rmo("demo", "--exit", "--port", "70000", home=tmp_path), "70000", "choose another")


@pytest.mark.parametrize("name", ["rmo.db", "rmo-engine.db"])
def test_a_database_that_is_none(tmp_path: Path, settings: dict[str, str], name: str) -> None:
    (tmp_path / name).write_bytes(b"no database" * 1000)
    url = f"sqlite:///{tmp_path / 'rmo.db'}"
    refused(rmo("serve", "--poll", home=tmp_path, DATABASE_URL=url, **settings), name, "not a database")


if is_full():  # It is waited for, as another process may only be busy: that takes half a minute.

    @pytest.mark.parametrize("name", ["rmo.db", "rmo-engine.db"])
    def test_a_database_that_another_process_holds(tmp_path: Path, settings: dict[str, str], name: str) -> None:
        holder = sqlite3.connect(tmp_path / name, isolation_level=None)
        holder.execute("create table held (by text)")
        holder.execute("begin exclusive")
        url = f"sqlite:///{tmp_path / 'rmo.db'}"
        said = rmo("serve", "--poll", home=tmp_path, DATABASE_URL=url, **settings)
        holder.close()
        refused(said, name, "database is locked", "end that one")


@pytest.mark.parametrize("times", [1, 2])
def test_a_server_that_is_told_to_stop(tmp_path: Path, settings: dict[str, str], times: int) -> None:
    with adopting() as children:
        running = start("serve", "--poll", home=tmp_path, **settings)
        running.until_it_says("asking GitHub")
        for _ in range(times):
            running.interrupt()
        said = running.ended(children, within=30)
    left_clean(said)
    assert said.code in (0, times - 1)
    assert said.err == ""
