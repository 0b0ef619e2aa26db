"""What people do to an installation, a repository and a check run by GitHub's pages, and what the App is told."""

import httpx

from tests.conformance.localhub.town import Town
from tests.contract.webhooks import faults_of


async def test_an_installation_is_suspended_changed_and_removed(town: Town) -> None:
    hub = town.hub
    hub.suspend(town.installation)
    await town.as_person("maintainer", lambda repository: repository.create_issue("Not told"))
    hub.unsuspend(town.installation)
    hub.grant(town.installation, {"contents": "read"})
    other = await hub.create_repository("acme", "other", {"a": "b"})
    hub.install(town.app, other)
    hub.transfer(other, "elsewhere")
    hub.uninstall(town.installation)
    await hub.idle()
    assert town.receiver.names == [
        "installation.suspend",
        "installation.unsuspend",
        "installation.new_permissions_accepted",
        "installation_repositories.added",
        "installation_repositories.removed",
        "installation.deleted",
    ]
    suspended, _, changed, _, removed, _ = [each.payload for each in town.receiver.deliveries]
    assert suspended["installation"]["suspended_at"] is not None
    assert suspended["installation"]["suspended_by"]["login"] == "acme"
    assert changed["installation"]["permissions"] == {"metadata": "read", "contents": "read"}
    assert [each["full_name"] for each in removed["repositories_removed"]] == ["acme/other"]


async def test_a_repository_changes_its_standing(town: Town) -> None:
    hub, repository = town.hub, town.repository_id
    hub.rename(repository, "store")
    hub.archive(repository)
    hub.unarchive(repository)
    hub.make_public(repository)
    arrived = await hub.create_repository("elsewhere", "taken-in", {"a": "b"})
    there = hub.install(town.app, arrived)
    moved = await hub.create_repository("acme", "moved", {"a": "b"})
    hub.install(town.app, moved)
    hub.transfer(moved, "elsewhere")
    hub.install(town.app, moved)
    hub.delete_repository(moved)
    await hub.idle()
    assert [name for name in town.receiver.names if name.startswith("repository.")] == [
        "repository.renamed",
        "repository.archived",
        "repository.unarchived",
        "repository.publicized",
        "repository.deleted",
    ]
    renamed = town.receiver.deliveries[0].payload
    assert renamed["changes"]["repository"]["name"]["from"] == "shop"
    assert (renamed["repository"]["id"], renamed["repository"]["full_name"]) == (repository, "acme/store")
    assert town.receiver.named("repository.publicized")[0].payload["repository"]["private"] is False
    assert hub.world.installations[there].repository_ids == {arrived}


async def test_an_issue_moves_to_another_repository(town: Town) -> None:
    other = await town.hub.create_repository("acme", "other", {"a": "b"})
    town.hub.install(town.app, other)
    await town.as_person("maintainer", lambda repository: repository.create_issue("One").create_comment("Hello"))
    assert town.hub.transfer_issue(town.repository_id, 1, other, "maintainer") == 1
    await town.hub.idle()
    assert town.receiver.names[-2:] == ["issues.transferred", "issues.opened"]
    gone = town.receiver.deliveries[-2].payload
    assert (gone["issue"]["number"], gone["changes"]["new_issue"]["number"]) == (1, 1)
    assert gone["changes"]["new_repository"]["full_name"] == "acme/other"
    async with town.http(await town.token()) as bot:
        moved = await bot.get(f"{town.repository_path}/issues/1/comments")
        place = f"{town.api}/repositories/{other}/issues/1/comments"
        assert (moved.status_code, moved.headers["location"]) == (301, place)
        assert [each["body"] for each in (await bot.get(place)).json()] == ["Hello"]
    await town.as_person("maintainer", lambda repository: repository.create_issue("Two"))
    assert set(town.hub.world.repositories[town.repository_id].issues) == {2}


async def test_buttons_of_a_check_run_are_pressed(town: Town) -> None:
    head = await town.head("main")
    stop = {"label": "Stop", "description": "End the run", "identifier": "stop"}
    async with town.http(await town.token()) as bot:
        wish = {"name": "fractal-rmo", "head_sha": head, "external_id": "run-1", "actions": [stop]}
        number = (await bot.post(f"{town.repository_path}/check-runs", json=wish)).json()["id"]
        press = {"repository": "acme/shop", "check_run": number, "login": "reader"}
        async with httpx.AsyncClient(base_url=town.url, trust_env=False) as page:
            early = await page.post("/_localhub/press", json={**press, "button": "stop"})
            assert (early.status_code, "no button" in early.text) == (422, True)
            await bot.patch(f"{town.repository_path}/check-runs/{number}", json={"conclusion": "neutral"})
            assert (await page.post("/_localhub/press", json={**press, "button": "stop"})).status_code == 204
            assert (await page.post("/_localhub/press", json={**press, "check_run": 1})).status_code == 404
            assert (await page.post("/_localhub/press", json={})).status_code == 422
        again = await bot.post(f"{town.repository_path}/check-runs/{number}/rerequest")
        assert again.status_code == 201
    town.hub.press(town.repository_id, number, "maintainer")
    await town.hub.idle()
    pressed, *rerequested = town.receiver.deliveries[-3:]
    assert (pressed.name, pressed.payload["requested_action"]) == ("check_run.requested_action", {"identifier": "stop"})
    assert (pressed.payload["check_run"]["external_id"], pressed.payload["sender"]["login"]) == ("run-1", "reader")
    assert [each.name for each in rerequested] == ["check_run.rerequested"] * 2
    assert rerequested[-1].payload["sender"]["login"] == "maintainer"


async def test_a_remark_is_edited_only_by_who_may(town: Town) -> None:
    written = await town.commit("topic", {"shop.py": "def total(prices):\n    return 0\n"}, "Break it")
    pulls, comments = f"{town.repository_path}/pulls", f"{town.repository_path}/pulls/comments"
    async with town.http(await town.token()) as bot, town.http(town.tokens["maintainer"]) as person:
        await bot.post(pulls, json={"title": "Topic", "head": "topic", "base": "main"})
        at = {"path": "shop.py", "line": 2, "commit_id": written.sha}
        theirs = (await person.post(f"{pulls}/1/comments", json={**at, "body": "Why?"})).json()["id"]
        reply = {**at, "body": "Because", "in_reply_to": theirs}
        ours = (await bot.post(f"{pulls}/1/comments", json=reply)).json()["id"]
        assert (await bot.patch(f"{comments}/{theirs}", json={"body": "x"})).status_code == 403
        assert (await bot.patch(f"{comments}/{ours}", json={"body": "So"})).json()["body"] == "So"
        assert (await person.patch(f"{comments}/{ours}", json={"body": "Thus"})).status_code == 200
        asked = await person.post(f"{pulls}/1/requested_reviewers", json={"reviewers": ["maintainer"]})
        assert asked.status_code == 201
    await town.hub.idle()
    edited = town.receiver.named("pull_request_review_comment.edited")
    assert [each.payload["changes"]["body"]["from"] for each in edited] == ["Because", "So"]


def test_a_payload_that_github_would_not_send_is_noticed() -> None:
    assert "not an event" in faults_of([("issues", b'{"action": "exploded"}')])[0]
    assert any("issue" in fault for fault in faults_of([("issues", b'{"action": "labeled"}')]))
