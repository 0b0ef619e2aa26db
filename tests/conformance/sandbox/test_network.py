"""Without a network only the sandbox's own loopback is there; with the host's, the host's services are."""

import asyncio
import sysconfig
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest

from bot.model.command import Command, Mount
from bot.sandbox import Sandbox
from tests.conformance.sandbox.trees import tar_of

CONNECT = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2); print('reached')"
OWN_SERVER = """
import http.server, threading, urllib.request
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(urllib.request.urlopen(f"http://localhost:{server.server_port}/").status)
"""
PERSON = "-c user.name=n -c user.email=n@example.org"
WORKFLOW = (
    b"on: push\njobs:\n  greet:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello from $GITHUB_JOB\n"
)


@asynccontextmanager
async def listening() -> AsyncGenerator[int, None]:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(("network", "reached"), [("none", b""), ("host", b"reached\n")])
async def test_the_hosts_loopback(sandbox: Sandbox, network: Literal["none", "host"], reached: bytes) -> None:
    async with listening() as port:
        completed = await sandbox.run(Command((sandbox.python, "-c", CONNECT, str(port)), network=network))

    assert completed.stdout == reached


async def test_a_server_inside_can_be_reached_inside(sandbox: Sandbox) -> None:
    completed = await sandbox.run(Command((sandbox.python, "-c", OWN_SERVER)))

    assert completed.stdout == b"200\n", completed.stderr


async def test_git_works_in_the_work_directory(sandbox: Sandbox) -> None:
    script = f"git init -q . && git {PERSON} commit -q --allow-empty -m one && git log --format=%s"

    completed = await sandbox.run(Command(("bash", "-c", script)))

    assert completed.stdout == b"one\n", completed.stderr


async def test_a_workflow_runs_without_a_network(sandbox: Sandbox) -> None:
    act = Path(sysconfig.get_path("scripts")) / "act"
    script = (
        f"git init -q . && git add -A && git {PERSON} commit -qm one && "
        "/opt/act push -P ubuntu-latest=-self-hosted --action-offline-mode --no-cache-server"
    )
    completed = await sandbox.run(
        Command(
            ("bash", "-c", script),
            archive=tar_of({".github/workflows/ci.yml": WORKFLOW}),
            mounts=(Mount(str(act), "/opt/act"),),
        )
    )

    assert completed.exit_code == 0, completed.stderr
    assert b"hello from greet" in completed.stdout
