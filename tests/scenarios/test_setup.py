"""From no App to a bot that is fit to serve: `rmo setup` and `rmo doctor` as a person runs them, on a local GitHub."""

import asyncio
import html
import json
import os
import re
import stat
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from pydantic import SecretStr
from sqlalchemy import text

from bot.catalog import find_data
from bot.config import CREDENTIALS, Settings, load_settings
from bot.doctor.app import check_clock
from bot.doctor.examine import Question, examine_app
from bot.doctor.finding import Finding, ok
from bot.doctor.machine import check_database, check_disk, check_model
from bot.doctor.probe import Waiting, probe_ci
from bot.github.app import GitHubApp
from bot.github.pace import NO_LIMITS
from bot.localhub import LocalHub, RegisteredApp, serve
from bot.localhub.actions.scripted import scripted_runner
from bot.localhub.state.accounts import Level
from bot.setup.manifest import EVENTS, PERMISSIONS
from bot.setup.start import registration_of, set_up
from bot.store.database import Database
from bot.store.migrate import upgrade
from tests.contract.gate import ContractGate

ROOT = Path(__file__).parents[2]
CI = """
name: CI
on: {on}
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: pytest{more}
"""
DEPLOYS = "\n        env:\n          KEY: ${{ secrets.DEPLOY_KEY }}"
PROBE = ["POST", "POST", "DELETE"]
"""A commit, a branch, and the branch taken away."""


@asynccontextmanager
async def open_hub(directory: Path) -> AsyncGenerator[tuple[LocalHub, str]]:
    """A GitHub whose workflows all pass; whatever passed over its wire must have been as GitHub describes it."""
    gate = ContractGate()
    hub = LocalHub(directory / "hub", execute=scripted_runner(["success"]))
    hub.app = gate.middleware(hub.app)  # pyright: ignore[reportAttributeAccessIssue, reportArgumentType]  # the gate spells ASGI's types its own way
    async with serve(hub) as url:
        yield hub, url
        await hub.idle()
    gate.assert_kept()


def fields(page: str) -> tuple[str, dict[str, str]]:
    """Where a page's form goes, and what it sends."""
    action = re.search(r'action="([^"]+)"', page)
    assert action is not None
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    return html.unescape(action[1]), {name: html.unescape(value) for name, value in hidden}


async def command(home: Path, url: str, *arguments: str) -> asyncio.subprocess.Process:
    """`rmo` under way, with nothing of this process's settings."""
    kept = ("COVERAGE", "PATH", "SSL_")
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={
            **{name: os.environ[name] for name in os.environ if name.startswith(kept)},
            "HOME": str(home),
            "RMO_HOME": str(home / "state"),
            "GITHUB_API_URL": f"{url}/api/v3",
            "RMO_MODEL": "anthropic:claude-sonnet-4-5",
            "ANTHROPIC_API_KEY": "sk-ant-canary",
            "RMO_WRITE_PAUSE": "0",
        },
    )


async def register(page: str, web_url: str) -> None:
    """What a person does in the browser after `rmo setup`."""
    async with httpx.AsyncClient(follow_redirects=True) as browser:
        ours = await browser.get(page)
        action, sent = fields(ours.text)
        github = await browser.post(action, data=sent)
        action, sent = fields(github.text)
        last = await browser.post(f"{web_url}{action}", data=sent)
    assert last.status_code == 200
    assert "is registered" in last.text


async def test_from_no_app_to_a_bot_that_is_fit_to_serve(tmp_path: Path) -> None:
    async with open_hub(tmp_path) as (hub, url), asyncio.timeout(120):
        setup = await command(tmp_path, url, "setup", "--poll", "--no-browser")
        assert setup.stdout is not None
        page = re.search(r"http://127\S+", (await setup.stdout.readline()).decode())
        assert page is not None
        await register(page[0], url)
        said = (await setup.communicate())[0].decode()
        assert setup.returncode == 0, said
        home = tmp_path / "state"
        settings = load_settings(home)
        key = settings.private_key_file
        assert key is not None
        assert [stat.S_IMODE(path.stat().st_mode) for path in (key, home / CREDENTIALS)] == [0o600, 0o600]
        assert "PRIVATE KEY" not in said
        assert f"{url}/apps/fractal-rmo/installations/new" in said
        assert "rmo doctor" in said
        assert not settings.webhook_secret.get_secret_value()

        registered = next(app for app in hub.world.apps.values() if app.id == settings.app_id)
        assert dict(registered.permissions) == dict(PERMISSIONS)
        repository = await hub.create_repository("acme", "shop", {".github/workflows/ci.yml": CI_ON_PUSH})
        hub.install(RegisteredApp(registered.id, registered.client_id, registered.slug, "", ""), repository)
        doctor = await command(tmp_path, url, "doctor", "--repo", "acme/shop", "--probe", "--json")
        said = (await doctor.communicate())[0].decode()
        assert doctor.returncode == 0, said
        told = json.loads(said)
        assert told["problems"] == 0
        states = {each["check"]: each["state"] for each in told["findings"]}
        assert states["app"] == states["permissions"] == states["installations"] == states["webhook"] == "ok"
        assert states["model"] == states["sandbox"] == states["clock"] == states["credentials"] == "ok"
        assert states["installed"] == states["exposure"] == states["probe"] == "ok"
        assert states["config"] == states["label"] == "warning"
        assert "canary" not in said
        branches = await hub.world.repositories[repository].git.refs("refs/heads/")
        assert [name for name in branches if "rmo/" in name] == []
        done = [(each.method, each.path) for each in hub.journal.entries if each.path.startswith("/repos/acme/shop/")]
        assert [method for method, path in done if path.startswith("/repos/acme/shop/git/")] == PROBE, done


CI_ON_PUSH = CI.format(on="push", more="")


async def look(settings: Settings, *repositories: str, probe: Waiting | None = None) -> list[Finding]:
    """What the doctor finds out about the App and these repositories."""
    found = [each async for each in examine_app(settings, Question(repositories, probe), lambda _: None)]
    assert all(bool(each.mend) == (each.state != "ok") for each in found)
    return found


def one(found: Sequence[Finding], check: str) -> Finding:
    [each] = [each for each in found if each.check == check]
    return each


async def test_the_doctor_finds_what_is_wrong_and_leaves_nothing(tmp_path: Path) -> None:
    async with open_hub(tmp_path) as (hub, url):
        granted: dict[str, Level] = {"checks": "write", "contents": "write", "issues": "write", "workflows": "write"}
        made = hub.create_app("Fractal RMO", granted, EVENTS[1:], "http://127.0.0.1:1/webhook", "secret")
        key = tmp_path / "key.pem"
        key.write_text(made.private_key_pem)
        key.chmod(0o644)
        known = {"home": tmp_path, "github_api_url": f"{url}/api/v3", "app_id": made.id, "private_key_file": key}
        secret = {"webhook_secret": SecretStr("secret"), "write_pause": 0.0}
        settings = Settings().model_copy(update={**known, **secret})

        found = await look(settings, "acme/nowhere")
        assert "chmod 600" in one(found, "credentials").mend
        said = [each.said for each in found if each.check == "permissions"]
        assert any("pull_requests: write" in each for each in said)
        assert any("workflows: write" in each for each in said)
        assert "installations/new" in one(found, "installations").mend
        assert one(found, "events").said.startswith("not told of: issues;")
        assert one(found, "installed").said == "the App is not installed on acme/nowhere"
        assert one(found, "installed").repository == "acme/nowhere"

        deploys = CI.format(on="push", more=DEPLOYS)
        files = {".github/workflows/deploy.yml": deploys, ".github/fractal-rmo.yml": "analysers: many\n"}
        shop = hub.install(made, await hub.create_repository("acme", "shop", files))
        await hub.idle()
        hasty = Waiting(timedelta(), timedelta(milliseconds=20))
        found = await look(settings, "acme/shop", probe=hasty)
        assert one(found, "webhook").state == "problem"
        assert "acme has not granted" in one(found, "installations").said
        assert one(found, "config").state == "problem"
        assert "[DEPLOY_KEY]" in one(found, "exposure").mend
        assert one(found, "probe").said == "not tried"

        bare = await hub.create_repository("acme", "bare", {"README.md": "# Bare\n"})
        hub.install(made, bare)
        held = hub.world.installations[shop]
        held.permissions.update({"actions": "read", "pull_requests": "write", "statuses": "read"})
        found = await look(settings, "acme/bare", probe=hasty)
        assert "no workflow runs" in one(found, "ci").said
        assert "no workflow runs" in one(found, "probe").said
        assert [name for name in await hub.world.repositories[bare].git.refs("refs/heads/") if "rmo/" in name] == []
        assert not [each for each in hub.journal.entries if each.path.startswith("/repos/acme/shop/git/")]

        hub.suspend(shop)
        found = await look(settings, "acme/shop")
        assert "suspended by acme" in one(found, "installations").said
        assert one(found, "installed").state == "problem"

        stranger = settings.model_copy(update={"app_id": made.id + 1_000})
        assert "rmo setup --force" in one(await look(stranger), "app").mend
        [nobody, unseen] = await look(settings.model_copy(update={"app_id": 0}), "acme/shop")
        assert (nobody.check, unseen.check) == ("credentials", "installed")


async def test_an_app_with_a_webhook_is_told_of_its_events(tmp_path: Path) -> None:
    async with open_hub(tmp_path) as (hub, url):
        settings = Settings().model_copy(update={"home": tmp_path / "state", "github_api_url": f"{url}/api/v3"})
        registration = registration_of(settings, "Fractal-RMO", "", "http://127.0.0.1:1/webhook")
        people: list[asyncio.Task[None]] = []

        async def show(page: str) -> None:
            people.append(asyncio.create_task(register(page, url)))

        lines = await set_up(settings, registration, show, 0)
        await people[0]
        assert "`rmo serve`" in lines[-1]
        kept = load_settings(settings.home)
        registered = next(app for app in hub.world.apps.values() if app.id == kept.app_id)
        assert kept.webhook_secret.get_secret_value() == registered.webhook_secret != ""
        assert registered.webhook_url == "http://127.0.0.1:1/webhook"
        assert registered.events == EVENTS
        assert one(await look(kept), "events").state == "ok"

        shop = await hub.create_repository("acme", "shop", {".github/workflows/ci.yml": CI.format(on="push", more="")})
        key = kept.private_key_file
        assert key is not None
        app = GitHubApp(kept.app_id, key.read_text(), url, write_limits=NO_LIMITS)
        made = RegisteredApp(registered.id, registered.client_id, registered.slug, "", "")
        client = app.client("acme/shop", hub.install(made, shop))
        git = hub.world.repositories[shop].git
        seen = asyncio.Event()

        async def forever(_: float) -> None:
            seen.set()
            await asyncio.Event().wait()

        hub.world.start_run = None
        waiting = Waiting(timedelta(minutes=1), sleep=forever)
        probe = asyncio.create_task(probe_ci(client, "main", (), "canary", waiting))
        async with asyncio.timeout(60):
            await seen.wait()
        assert await git.ref("refs/heads/rmo/probe-canary") is not None
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
        assert probe.cancelled()
        assert await git.ref("refs/heads/rmo/probe-canary") is None
        await app.close()


async def test_the_machine_is_looked_at_without_touching_it(tmp_path: Path) -> None:
    nothing = Settings().model_copy(update={"home": tmp_path / "state", "github_api_url": "http://127.0.0.1:1"})
    assert check_database(nothing).state == "ok"
    assert check_disk(nothing.home).check == "disk"
    assert (await check_clock(nothing)).check == "github"
    assert check_model(nothing).state == "problem"
    assert not nothing.home.exists()

    file = tmp_path / "rmo.db"
    url = f"sqlite:///{file}"
    kept = nothing.model_copy(update={"database_url": url})
    assert check_database(kept).state == "ok"
    assert not file.exists()
    file.touch()
    assert "lacks" in check_database(kept).said
    database = Database(url)
    upgrade(database, find_data("migrations"))
    assert check_database(kept) == ok("database", f"{url} is up to date")
    with database.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = 'of the future'"))
    database.close()
    assert "install the newer version" in check_database(kept).mend
    file.write_bytes(b"no database" * 100)
    assert check_database(kept).state == "problem"
    assert check_database(nothing.model_copy(update={"database_url": "mysql://x"})).state == "problem"
