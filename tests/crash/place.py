"""Where the bot dies and lives again: a GitHub that outlives it, with one repository and one labelled issue."""

import asyncio
import json
import os
import subprocess
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from starlette.types import ASGIApp

from bot.local.person import MAINTAINER, file_and_label
from bot.local.world import APP_PERMISSIONS
from bot.localhub import LocalHub, RegisteredApp, serve
from bot.localhub.actions.queue import Execute
from bot.localhub.state.issues import Issue
from bot.localhub.state.repository import HubRepository
from bot.setup.manifest import EVENTS
from tests.crash.lives import Cradle, Death
from tests.crash.order import Death as Fate
from tests.crash.order import Diary, Order

ENVIRONMENTS = Path(os.environ.get("RMO_TEST_CACHE") or Path(tempfile.gettempdir()) / "rmo-test-environments")
OWNER, NAME = "acme", "tally"
SECRET = "It's a Secret to Everybody"
MOST_LIVES = 400
WORKFLOW = """\
name: ci
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pytest
"""
FILES = {
    ".github/fractal-rmo.yml": "red_before_green: false\n",
    ".github/workflows/ci.yml": WORKFLOW,
    "tally.py": "def total(prices):\n    return sum(prices[1:])\n",
    "test_tally.py": "from tally import total\n\n\ndef test_nothing():\n    assert total([]) == 0\n",
}
ISSUE = ("total() forgets the first price", "`total([1, 2])` is 2, and should be 3.")


def _reply(agent: str, **reply: object) -> str:
    return json.dumps({"agent": agent, "reply": reply})


def _edit(old: str, new: str, summary: str) -> str:
    calls = [{"tool": "edit", "path": "tally.py", "old": old, "new": new}, {"tool": "done", "summary": summary}]
    return _reply("executor", calls=calls)


ITEM = {
    "action": "fix_defect",
    "title": "Count every price",
    "instructions": "Sum all prices in tally.py.",
    "expected_files": ["tally.py"],
}
SCRIPT = "\n".join(
    [
        _reply("thinker", summary="`total` skips the first price.", items=[ITEM]),
        _reply("processor", note="Nothing to add."),
        _edit("prices[1:]", "list(prices)[1:]", "A list, for now."),
        _reply("processor", note="The slice is still there. Try again.", retry="1"),
        _edit("list(prices)[1:]", "prices", "All prices are summed."),
    ]
)
"""A red first try, and a green second one."""


@dataclass(slots=True)
class Place:
    """One GitHub and the home of one bot."""

    hub: LocalHub
    url: str
    app: RegisteredApp
    token: str
    repository: HubRepository
    order: Order
    cradle: Cradle
    deaths: int = 0

    @property
    def full_name(self) -> str:
        return self.repository.full_name

    @property
    def diary(self) -> Diary:
        return Diary(self.order.home)

    @property
    def issue(self) -> Issue:
        """The one that is no pull request."""
        return next(issue for issue in self.repository.issues.values() if issue.pull is None)

    async def label_an_issue(self) -> None:
        await asyncio.to_thread(file_and_label, self.url, self.token, self.full_name, *ISSUE)

    async def label_again(self) -> None:
        """A maintainer puts the label on the issue once more."""
        path = f"{self.url}/api/v3/repos/{self.full_name}/issues/{self.issue.number}/labels"
        async with httpx.AsyncClient(trust_env=False, headers={"authorization": f"Bearer {self.token}"}) as person:
            (await person.post(path, json={"labels": ["rmo"]})).raise_for_status()

    async def unlabel(self) -> None:
        """A maintainer takes the label away."""
        path = f"{self.url}/api/v3/repos/{self.full_name}/issues/{self.issue.number}/labels/rmo"
        async with httpx.AsyncClient(trust_env=False, headers={"authorization": f"Bearer {self.token}"}) as person:
            (await person.delete(path)).raise_for_status()

    async def begin_life(self, fate: Fate | None = None) -> Death | None:
        """Start the bot and tell GitHub where it listens; its death, where it came before that."""
        born = await self.cradle.bear(replace(self.order, death=fate))
        if isinstance(born, Death):
            self.deaths += born.was_killed
            return born
        self.hub.set_webhook(self.app, f"{born}/webhook")
        return None

    async def end_life(self) -> Death:
        """Wait for the end of the life that was begun."""
        death = await self.cradle.death()
        self.deaths += death.was_killed
        return death

    async def kill(self) -> None:
        """End the life under way from outside, wherever it is, unless it has just come to its end by itself."""
        self.cradle.kill()
        await self.end_life()

    async def live(self, fate: Fate | None = None) -> Death:
        """One life from its start to its end."""
        return await self.begin_life(fate) or await self.end_life()

    async def live_on(self, fate: Fate | None = None) -> None:
        """Life after life, each with the same fate, until one comes to its natural end."""
        for _ in range(MOST_LIVES):
            if not (await self.live(fate)).was_killed:
                return
        raise AssertionError(f"the run did not end in {MOST_LIVES} lives")


def make_origin(directory: Path) -> Path:
    """A git repository whose commit is the same in every test, so that all that stands on it can be compared."""
    for path, text in FILES.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text, "utf-8")
    somebody = {"NAME": "Somebody", "EMAIL": "somebody@example.org", "DATE": "2026-01-01T12:00:00+00:00"}
    environment = {
        **{"PATH": os.defpath, "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"},
        **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in somebody.items()},
    }
    for words in ("init --quiet --initial-branch=main", "add --all", "commit --quiet --message=Begin"):
        subprocess.run(["git", *words.split()], cwd=directory, env=environment, check=True)
    return directory


@asynccontextmanager
async def open_place(
    directory: Path,
    origin: Path,
    private_key: str,
    cradle: Cradle,
    execute: Execute,
    *,
    database_url: str = "",
    poll_seconds: float = 1.0,
    around: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> AsyncGenerator[Place]:
    """A GitHub that lives as long as the block; `execute` is its CI, `around` may stand between it and its callers."""
    hub = LocalHub(directory / "hub", execute=execute)
    hub.app = around(hub.app)
    async with serve(hub) as url:
        repository = await hub.create_repository(OWNER, NAME, origin)
        app = hub.create_app("Fractal RMO", APP_PERMISSIONS, EVENTS, None, SECRET, private_key_pem=private_key)
        token = hub.add_user(MAINTAINER)
        hub.set_role(repository, MAINTAINER, "admin")
        hub.install(app, repository)
        order = Order(
            home=directory / "bot",
            github_api_url=url,
            app_id=app.id,
            private_key=private_key,
            webhook_secret=SECRET,
            script=SCRIPT,
            environments=ENVIRONMENTS,
            database_url=database_url,
            poll_seconds=poll_seconds,
        )
        try:
            yield Place(hub, url, app, token, hub.world.repositories[repository], order, cradle)
        finally:
            await cradle.clear()
        await hub.idle()
