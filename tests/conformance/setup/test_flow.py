"""The registration's own server: what it hands out, whom it believes, and how it ends."""

import asyncio
import html
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from bot.github.errors import NotFound, Unavailable
from bot.github.manifest import AppCredentials
from bot.model.errors import NeedsHuman, RmoError
from bot.setup.flow import register
from bot.setup.manifest import EVENTS, wanted

MADE = AppCredentials(7, "fractal-rmo", "the key", "the secret", "https://github.com/apps/fractal-rmo")
CODE = "a1b2c3"


@dataclass
class Scene:
    """A registration under way, and the browser of the person in front of it."""

    browser: httpx.AsyncClient
    done: "asyncio.Task[AppCredentials]"
    page: str = ""
    kept: list[AppCredentials] = field(default_factory=list[AppCredentials])
    answers: list[AppCredentials | RmoError] = field(default_factory=list[AppCredentials | RmoError])
    """What GitHub will say to the next codes."""

    async def form(self) -> tuple[str, dict[str, object]]:
        """Where the form goes, and what it says."""
        answer = await self.browser.get(self.page)
        assert answer.status_code == 200
        assert "script" not in answer.headers["content-security-policy"]
        action = re.search(r'action="([^"]+)"', answer.text)
        value = re.search(r'name="manifest" value="([^"]+)"', answer.text)
        assert action is not None
        assert value is not None
        return html.unescape(action[1]), json.loads(html.unescape(value[1]))

    async def state(self) -> str:
        return httpx.URL((await self.form())[0]).params["state"]

    async def callback(self, **query: str) -> httpx.Response:
        return await self.browser.get(httpx.URL(self.page).copy_with(path="/callback"), params=query)


@asynccontextmanager
async def scene(
    *, organization: str = "", webhook: str = "", patience: timedelta = timedelta(minutes=1)
) -> AsyncGenerator[Scene]:
    shown: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def show(page: str) -> None:
        shown.set_result(page)

    async def convert(code: str) -> AppCredentials:
        assert code == CODE
        answer = now.answers.pop(0)
        if isinstance(answer, RmoError):
            raise answer
        return answer

    registration = wanted("Fractal-RMO", organization, webhook, "https://github.com")
    async with httpx.AsyncClient() as browser:
        task = asyncio.create_task(
            register(registration, convert, lambda made: now.kept.append(made), show, patience=patience)
        )
        now = Scene(browser, task, answers=[MADE])
        now.page = await shown
        try:
            yield now
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_the_form_asks_for_the_least_and_the_answer_ends_it() -> None:
    async with scene(webhook="https://bot.example.org/rmo/webhook") as now:
        action, manifest = await now.form()
        assert action.startswith("https://github.com/settings/apps/new?state=")
        assert manifest["default_permissions"] == {
            **{"actions": "read", "checks": "write", "contents": "write", "issues": "write", "metadata": "read"},
            **{"pull_requests": "write", "statuses": "read"},
        }
        assert manifest["default_events"] == list(EVENTS)
        assert "repository" in EVENTS
        assert not any(event.startswith("installation") for event in EVENTS)
        assert manifest["hook_attributes"] == {"url": "https://bot.example.org/rmo/webhook", "active": True}
        assert manifest["public"] is False
        assert manifest["redirect_url"] == str(httpx.URL(now.page).copy_with(path="/callback"))

        answer = await now.callback(code=CODE, state=await now.state())
        assert answer.status_code == 200
        assert "https://github.com/apps/fractal-rmo/installations/new" in answer.text
        assert MADE.pem not in answer.text
        assert MADE.webhook_secret not in answer.text
        assert await now.done == MADE
        assert now.kept == [MADE]


async def test_without_a_webhook_none_is_named_and_an_organization_has_its_own_form() -> None:
    async with scene(organization="acme") as now:
        action, manifest = await now.form()
        assert action.startswith("https://github.com/organizations/acme/settings/apps/new?state=")
        assert "hook_attributes" not in manifest
        assert "default_events" not in manifest


async def test_nobody_else_is_believed() -> None:
    async with scene() as now:
        state = await now.state()
        port = httpx.URL(now.page).port
        rebound = {"host": f"evil.example.org:{port}"}
        refusals = [
            await now.callback(code=CODE),
            await now.callback(code=CODE, state=f"{state}x"),
            await now.callback(code=CODE, state="\u00e4"),
            await now.browser.get(now.page, headers=rebound),
            await now.browser.get(f"{now.page}/../callback?code={CODE}&state={state}", headers=rebound),
        ]
        assert [each.status_code for each in refusals] == [403] * 5
        assert not any(state in each.text for each in refusals)
        for code in ("", "a/../b", "x" * 201):
            assert (await now.callback(code=code, state=state)).status_code == 400
        assert (await now.browser.get(httpx.URL(now.page).copy_with(path="/"))).status_code == 404
        assert not now.done.done()
        assert now.kept == []


async def test_a_code_is_used_once_but_tried_again_where_github_was_not_reached() -> None:
    async with scene() as now:
        state = await now.state()
        now.answers = [Unavailable("GitHub can't be reached"), MADE]
        first = await now.callback(code=CODE, state=state)
        assert first.status_code == 502
        assert "reload this page" in first.text
        answers = await asyncio.gather(*(now.callback(code=CODE, state=state) for _ in range(2)))
        assert sorted(each.status_code for each in answers) == [200, 409]
        assert await now.done == MADE


async def test_a_code_that_github_does_not_know_ends_it() -> None:
    async with scene() as now:
        now.answers = [NotFound("GitHub does not know this code; make the App anew")]
        answer = await now.callback(code=CODE, state=await now.state())
        assert answer.status_code == 502
        assert "make the App anew" in answer.text
        with pytest.raises(NotFound):
            await now.done
        assert now.kept == []


async def test_it_ends_by_itself() -> None:
    async with scene(patience=timedelta(milliseconds=50)) as now:
        with pytest.raises(NeedsHuman, match="nobody registered"):
            await now.done


@pytest.mark.parametrize(
    ("name", "organization", "webhook"),
    [
        ("", "", ""),
        ("x" * 35, "", ""),
        ("a\x1b[2J", "", ""),
        ("Fractal-RMO", "acme/../..", ""),
        ("Fractal-RMO", "acme?x=1", ""),
        ("Fractal-RMO", "", "ftp://bot.example.org/webhook"),
        ("Fractal-RMO", "", "https:///webhook"),
        ("Fractal-RMO", "", "https://[/webhook"),
        ("Fractal-RMO", "", "https://bot.example.org/hook"),
        ("Fractal-RMO", "", "http://127.0.0.1:8790/webhook"),
        ("Fractal-RMO", "", "https://bot.example.org/a b/webhook"),
    ],
)
def test_what_github_would_not_take_is_said_before(name: str, organization: str, webhook: str) -> None:
    with pytest.raises(NeedsHuman):
        wanted(name, organization, webhook, "https://github.com")
