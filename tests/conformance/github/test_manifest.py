"""Registering the App: a page that a person agrees to, a code, and the credentials that it is good for."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.github.app import GitHubApp
from bot.github.errors import NotFound, Refused, Unavailable, Unreadable
from bot.github.manifest import AppCredentials, convert_manifest
from bot.localhub import LocalHub, serve
from tests.conformance.github.scripted import HANG_UP, Answer, said, scripted
from tests.contract.gate import ContractGate

MANIFEST: dict[str, object] = {
    "name": "RMO of <b>acme</b>",
    "url": "https://example.com",
    "redirect_url": "http://127.0.0.1:1/done",
    "hook_attributes": {"url": "http://127.0.0.1:9/webhook", "active": False},
    "default_permissions": {"issues": "write", "contents": "write"},
    "default_events": ["issues"],
    "public": False,
}


async def agree(url: str, manifest: dict[str, object]) -> dict[str, list[str]]:
    """What the person's browser does; the query that it is sent back with."""
    async with httpx.AsyncClient(base_url=url, trust_env=False) as browser:
        form = {"manifest": json.dumps(manifest)}
        page = await browser.post("/settings/apps/new?state=s%26t", data=form)
        assert page.status_code == 200
        assert "&lt;b&gt;acme" in page.text
        assert "<b>acme" not in page.text
        sent_back = await browser.post("/settings/apps/agreed", data={**form, "state": "s&t"})
    assert sent_back.status_code == 302
    assert sent_back.headers["location"].startswith("http://127.0.0.1:1/done?")
    return parse_qs(urlsplit(sent_back.headers["location"]).query)


async def test_a_manifest_becomes_an_app_that_is_installed(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    gate = ContractGate()
    hub = LocalHub(tmp_path, now=lambda: now)
    hub.app = gate.middleware(hub.app)
    repository = await hub.create_repository("octo", "repo", {"a": "b"})
    async with serve(hub) as url:
        api = f"{url}/api/v3"
        query = await agree(url, MANIFEST)
        assert query["state"] == ["s&t"]
        made = await convert_manifest(query["code"][0], api)
        assert (made.slug, made.html_url) == ("rmo-of-b-acme-b", f"{url}/apps/rmo-of-b-acme-b")
        assert made.webhook_secret
        assert made.pem not in repr(made)
        with pytest.raises(NotFound, match="used"):
            await convert_manifest(query["code"][0], api)
        async with httpx.AsyncClient(base_url=url, trust_env=False) as browser:
            taken = await browser.post("/settings/apps/new", data={"manifest": json.dumps(MANIFEST)})
            assert (taken.status_code, "is taken" in taken.text) == (422, True)
            wrong = await browser.post("/settings/apps/agreed", data={"manifest": json.dumps({**MANIFEST, "x": 1})})
            assert wrong.status_code == 422
            assert (await browser.get("/settings/apps/new")).status_code == 422
            place = f"/apps/{made.slug}/installations/new"
            assert "octo/repo" in (await browser.get(place)).text
            assert "octo/repo" in (await browser.post(place, data={"repository": str(repository)})).text
            assert (await browser.get("/apps/nobody")).status_code == 404
        app = GitHubApp(made.id, made.pem, api)
        assert (await app.identity()).id == made.id
        (held,) = hub.world.installations.values()
        assert (held.permissions["contents"], held.repository_ids) == ("write", {repository})
        await app.close()
        late = await agree(url, {**MANIFEST, "name": "Late <b>acme</b>"})
        now += timedelta(minutes=61)
        with pytest.raises(NotFound):
            await convert_manifest(late["code"][0], api)
    gate.assert_kept()


async def test_what_goes_wrong_says_what_to_do() -> None:
    answers = [Answer(500), said({"message": "no"}, 422), said({"id": 1}), HANG_UP]
    kinds = [Exception, Refused, Unreadable, Exception]
    async with scripted(lambda _: answers.pop(0)) as server:
        for kind, words in zip(kinds, ("look whether", "refuses", "make it anew", "make it anew"), strict=True):
            with pytest.raises(kind, match=words) as caught:
                await convert_manifest("secret-code", server.url)
            assert "secret-code" not in str(caught.value)
        gone = server.url
    with pytest.raises(Unavailable):
        await convert_manifest("code", gone)


async def test_no_webhook_no_secret() -> None:
    answer = {"id": 1, "slug": "rmo", "pem": "PEM", "webhook_secret": None, "html_url": "https://github.com/apps/rmo"}
    async with scripted(lambda _: said(answer, 201)) as server:
        made = await convert_manifest("code", server.url)
    assert made == AppCredentials(1, "rmo", "PEM", "", "https://github.com/apps/rmo")
