"""Faults on the wire: the caller is lied to, what GitHub holds is not harmed."""

import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path

import httpx
import pytest

from bot.localhub.faults import Answer, CutResponse, Delay, LoseResponse
from tests.conformance.localhub.town import FILES, PERMISSIONS, Town

COMMENTS = r"/repos/acme/shop/issues/\d+/comments"


def _headers(**values: str) -> tuple[tuple[str, str], ...]:
    named = tuple((name.replace("_", "-"), value) for name, value in values.items())
    return (("content-type", "application/json"), *named)


async def _comments(town: Town) -> list[str]:
    rest = town.bot().rest
    return [each["body"] for each in (await rest.issues.async_list_comments("acme", "shop", 1)).json()]


async def test_a_lost_response_has_had_its_effect(town: Town) -> None:
    await town.as_person("maintainer", lambda repository: repository.create_issue("One"))
    town.hub.faults.on_request("POST", COMMENTS, LoseResponse(), nth=2)
    async with town.http(await town.token()) as client:
        assert (await client.post(f"{town.repository_path}/issues/1/comments", json={"body": "a"})).status_code == 201
        with pytest.raises(httpx.TransportError):
            await client.post(f"{town.repository_path}/issues/1/comments", json={"body": "b"})
        assert (await client.post(f"{town.repository_path}/issues/1/comments", json={"body": "c"})).status_code == 201
    assert [each.summary.split()[0] for each in town.hub.journal.entries[-3:]] == ["commented"] * 3
    assert await _comments(town) == ["a", "b", "c"]


async def test_an_answer_is_cut_in_the_middle(town: Town) -> None:
    town.hub.faults.on_request("GET", "/repos/acme/shop", CutResponse())
    async with town.http(await town.token()) as client:
        with pytest.raises(httpx.TransportError):
            await client.get(town.repository_path)
        assert (await client.get(town.repository_path)).status_code == 200


@pytest.mark.parametrize(("effect", "left"), [("skipped", []), ("done", ["a"])])
async def test_an_error_page_instead_of_an_answer(town: Town, effect: str, left: list[str]) -> None:
    await town.as_person("maintainer", lambda repository: repository.create_issue("One"))
    html = (("content-type", "text/html"),)
    fault = Answer(502, "<html>Unicorn!</html>", html, effect="done" if effect == "done" else "skipped")
    town.hub.faults.on_request("POST", COMMENTS, fault)
    async with town.http(await town.token()) as client:
        answer = await client.post(f"{town.repository_path}/issues/1/comments", json={"body": "a"})
    assert (answer.status_code, answer.text) == (502, "<html>Unicorn!</html>")
    assert await _comments(town) == left


async def test_a_secondary_limit_for_three_requests(town: Town) -> None:
    limited = Answer(403, '{"message": "You have exceeded a secondary rate limit."}', _headers(retry_after="60"))
    town.hub.faults.on_request("GET", ".*", limited, times=3)
    async with town.http(await town.token()) as client:
        answers = [await client.get(town.repository_path) for _ in range(4)]
    assert [each.status_code for each in answers] == [403, 403, 403, 200]
    assert answers[0].headers["retry-after"] == "60"


async def test_a_slow_answer_runs_into_the_callers_timeout(town: Town) -> None:
    town.hub.faults.on_request("GET", ".*", Delay(30))
    async with town.http(await town.token()) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(town.repository_path, timeout=0.2)


async def test_a_server_of_its_own_is_planted_from_a_file(town: Town, tmp_path: Path) -> None:
    key = tmp_path / "app.pem"
    key.write_text(town.app.private_key_pem)
    seed = {
        "users": [{"login": "mina", "token": "mina-token"}],
        "repositories": [{"owner": "acme", "name": "shop", "files": FILES, "roles": {"mina": "admin"}}],
        "apps": [
            {
                "name": "RMO Bot",
                "id": 77,
                "private_key_file": str(key),
                "webhook_url": town.receiver.url,
                "webhook_secret": "seeded",
                "permissions": PERMISSIONS,
                "events": ["issues", "check_run"],
                "repositories": ["acme/shop"],
            }
        ],
        "faults": [{"on": "delivery", "event": "issues", "action": "opened", "kind": "duplicate"}],
        "actions": ["failure", "success"],
    }
    seed_file = tmp_path / "seed.json"
    seed_file.write_text(json.dumps(seed))
    arguments = ("-m", "bot.localhub", "--root", str(tmp_path / "own"), "--port", "0", "--seed", str(seed_file))
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[3])}
    process = await create_subprocess_exec(sys.executable, *arguments, env=environment, stdout=PIPE)
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    try:
        headers = {"authorization": "Bearer mina-token"}
        async with httpx.AsyncClient(base_url=ready["url"], headers=headers, trust_env=False, timeout=20) as mina:
            assert ready["apps"] == [{"id": 77, "slug": "rmo-bot"}]
            fault = {"on": "request", "method": "POST", "path": ".*/issues", "kind": "lose_response"}
            assert (await mina.post("/_localhub/faults", json={"fault": fault})).status_code == 204
            with pytest.raises(httpx.TransportError):
                await mina.post("/repos/acme/shop/issues", json={"title": "Seeded"})
            await mina.get("/_localhub/idle")
            assert town.receiver.names == ["installation.created", "issues.opened", "issues.opened"]
            assert town.receiver.deliveries[-1].signed_with("seeded")
            journal = (await mina.get("/_localhub/journal")).json()
            assert [(each["method"], each["actor"], each["summary"]) for each in journal] == [
                ("POST", "mina", "opened issue #1")
            ]
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0
