"""`rmo serve` as operators start it: processes of their own, over one database, against a GitHub they know by URL."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from github import Auth, Github

from bot.local.person import file_and_label
from bot.local.world import APP_PERMISSIONS, EVENTS
from bot.localhub import LocalHub, RegisteredApp, serve
from bot.localhub.actions.scripted import scripted_runner
from tests.sampling import sample
from tests.scenarios.workflows import GREEN_IS_ENOUGH

SCRIPT = [
    {
        "agent": "thinker",
        "reply": {
            "summary": "One word is wrong.",
            "items": [{"action": "fix_defect", "title": "Mend the word", "instructions": "In a.txt, say right."}],
        },
    },
    {"agent": "processor", "reply": {"note": "Fine."}},
    {
        "agent": "executor",
        "reply": {
            "calls": [
                {"tool": "edit", "path": "a.txt", "old": "wrong", "new": "right"},
                {"tool": "done", "summary": "It says right."},
            ]
        },
    },
]
WORKFLOW = "on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: 'true'\n"


@dataclass
class Town:
    """A hub with one repository, the App and a maintainer."""

    hub: LocalHub
    url: str
    app: RegisteredApp
    token: str
    environment: dict[str, str]


@asynccontextmanager
async def town(tmp_path: Path, database_url: str) -> AsyncGenerator[Town]:
    hub = LocalHub(tmp_path / "hub", execute=scripted_runner(["success"]))
    async with serve(hub) as url:
        app = hub.create_app("Fractal RMO", APP_PERMISSIONS, EVENTS, None, "a secret")
        token = hub.add_user("maintainer")
        files = {"a.txt": "wrong\n", ".github/workflows/ci.yml": WORKFLOW, **GREEN_IS_ENOUGH}
        repository = await hub.create_repository("octo", "words", files)
        hub.set_role(repository, "maintainer", "write")
        hub.install(app, repository)
        (tmp_path / "key.pem").write_text(app.private_key_pem)
        (tmp_path / "script.jsonl").write_text("\n".join(map(json.dumps, SCRIPT)))
        environment = {
            **{name: os.environ[name] for name in os.environ if name.startswith(("COVERAGE", "PATH", "PIP_", "SSL_"))},
            "HOME": str(tmp_path),
            "RMO_HOME": str(tmp_path / "state"),
            "DATABASE_URL": database_url,
            "GITHUB_API_URL": url,
            "RMO_APP_ID": str(app.id),
            "RMO_PRIVATE_KEY_FILE": str(tmp_path / "key.pem"),
            "RMO_WEBHOOK_SECRET": "a secret",
            "RMO_MODEL": f"script:{tmp_path / 'script.jsonl'}",
            "RMO_WRITE_PAUSE": "0",
            "RMO_PORT": "0",
            "RMO_POLL_SECONDS": "0.5",
        }
        yield Town(hub, url, app, token, environment)


@contextmanager
def running(town: Town, *arguments: str) -> Generator[str]:
    """`rmo serve` in a process of its own; gives the line that says it is ready, and ends by SIGTERM."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve", *arguments],
        env=town.environment,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline().strip()
        assert line, "it ended before it was ready"
        yield line
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        process.stdout.close()


async def started(stack: ExitStack, town: Town, *arguments: str) -> str:
    return await asyncio.to_thread(stack.enter_context, running(town, *arguments))


async def ready_pull_request(town: Town) -> str:
    """The title of the one pull request, once it is out of draft."""
    with Github(base_url=town.url, auth=Auth.Token(town.token), retry=None, seconds_between_writes=0) as person:
        repository = await asyncio.to_thread(person.get_repo, "octo/words")
        async with asyncio.timeout(60):
            while True:
                pulls = await asyncio.to_thread(lambda: list(repository.get_pulls(state="open")))
                if pulls and not pulls[0].draft:
                    return pulls[0].title
                await asyncio.sleep(0.1)  # asked again, until the deadline


@pytest.mark.parametrize("database_url", sample(["sqlite", "postgresql"], 1), indirect=True)
async def test_one_process_receives_and_another_works(tmp_path: Path, database_url: str) -> None:
    async with town(tmp_path, database_url) as here:
        with ExitStack() as stack:
            receiver = await started(stack, here, "--web-only")
            worker = await started(stack, here, "--workers-only")
            assert worker.startswith("working")
            url = receiver.removeprefix("receiving webhooks at ")
            async with httpx.AsyncClient() as client:
                health = await client.get(url.replace("/webhook", "/healthz"))
            assert health.json() == {"status": "ok"}
            here.hub.set_webhook(here.app, url)
            await asyncio.to_thread(file_and_label, here.url, here.token, "octo/words", "A word is wrong", "Mend it.")
            assert await ready_pull_request(here) == "A word is wrong"
            await asyncio.to_thread(stack.close)


@pytest.mark.full
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_without_any_webhook_the_bot_asks(tmp_path: Path, database_url: str) -> None:
    async with town(tmp_path, database_url) as here:
        await asyncio.to_thread(file_and_label, here.url, here.token, "octo/words", "A word is wrong", "Mend it.")
        with ExitStack() as stack:
            assert await started(stack, here, "--poll") == "asking GitHub; no webhook is needed"
            assert await ready_pull_request(here) == "A word is wrong"
            await asyncio.to_thread(stack.close)
