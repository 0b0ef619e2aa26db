"""Where the App is installed, what it may see there, and which webhooks did not arrive."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.github.app import WORKING
from bot.github.branches import create_ref, read_branch_head
from bot.github.comments import create_comment
from bot.github.deliveries import list_failed_deliveries, redeliver
from bot.github.errors import NotFound, NotPermitted, Refused
from bot.github.repositories import (
    find_installation,
    list_installations,
    list_repositories,
    permission_of,
    rate_limit,
    read_repository,
)
from bot.localhub.state.accounts import Role
from bot.model.errors import NeedsHuman
from bot.model.ids import IssueNumber
from bot.model.repository import Repository
from tests.conformance.github.conftest import Forge
from tests.conformance.github.scripted import Answer, scripted


async def test_an_installation_is_found_by_its_repository(forge: Forge) -> None:
    app = forge.app.app_client()
    assert await find_installation(app, "octo/repo") == forge.installation
    assert await find_installation(app, "octo/none") is None
    (installation,) = await list_installations(app)
    assert (installation.id, installation.account, installation.suspended) == (forge.installation, "octo", False)
    assert installation.permissions["contents"] == "write"
    assert (await forge.app.identity()).login == "rmo[bot]"


async def test_its_repositories_are_listed(forge: Forge) -> None:
    other = await forge.hub.create_repository("octo", "other", {"a": "b"}, "trunk")
    forge.hub.install(forge.registered, other)
    await forge.hub.create_repository("octo", "hidden", {"a": "b"})
    found = await list_repositories(forge.app.installation_client(forge.installation))
    assert set(found) == {
        Repository(forge.repository, "octo", "repo", forge.installation, "main"),
        Repository(other, "octo", "other", forge.installation, "trunk"),
    }


async def test_a_token_opens_one_repository_only(forge: Forge) -> None:
    other = await forge.hub.create_repository("octo", "other", {"a": "b"})
    forge.hub.install(forge.registered, other)
    stray = forge.app.client("octo/other", forge.installation, repository=forge.repository)
    with pytest.raises((NotFound, NotPermitted)):
        await create_ref(stray, "refs/heads/stray", forge.base)
    named = forge.app.client("octo/other", forge.installation)
    head = await read_branch_head(named, "main")
    assert head is not None
    await create_ref(named, "refs/heads/wanted", head)


async def test_permissions_that_were_not_granted_are_refused(forge: Forge) -> None:
    greedy = forge.app.client("octo/repo", forge.installation, permissions={**WORKING, "workflows": "write"})
    with pytest.raises(Refused, match="not granted"):
        await read_repository(greedy)
    reading = forge.app.client("octo/repo", forge.installation, permissions={"contents": "read"})
    with pytest.raises(NotPermitted):
        await create_comment(reading, IssueNumber(1), "hello")


async def test_a_suspended_installation_needs_a_person(forge: Forge) -> None:
    forge.hub.suspend(forge.installation)
    with pytest.raises(NotPermitted, match="suspended"):
        await read_repository(forge.client)


async def test_a_renamed_repository_keeps_its_token(forge: Forge) -> None:
    forge.hub.rename(forge.repository, "renamed")
    renamed = forge.app.client("octo/renamed", forge.installation, repository=forge.repository)
    assert (await read_repository(renamed)).full_name == "octo/renamed"


async def test_an_archived_repository_is_not_written_to(forge: Forge) -> None:
    forge.hub.archive(forge.repository)
    with pytest.raises(NeedsHuman, match="archived"):
        await create_comment(forge.client, IssueNumber(1), "hello")


async def test_who_may_do_what(forge: Forge) -> None:
    roles: dict[str, Role] = {"wendy": "write", "tom": "triage", "rita": "read", "mark": "maintain"}
    for login, role in roles.items():
        forge.hub.add_user(login)
        forge.hub.set_role(forge.repository, login, role)
    people = ("olivia", "wendy", "mark", "tom", "rita", "nobody-at-all")
    assert [await permission_of(forge.client, person) for person in people] == [
        "admin",
        "write",
        "write",
        "read",
        "read",
        "none",
    ]


async def test_asking_again_for_what_has_not_changed_is_free(forge: Forge) -> None:
    await read_repository(forge.client)
    left = (await rate_limit(forge.client)).remaining
    for _ in range(3):
        await read_repository(forge.client)
    assert (await rate_limit(forge.client)).remaining >= left - 1


async def test_deliveries_that_failed_are_asked_for_again(forge: Forge) -> None:
    answers = [500, 202]
    async with scripted(lambda _: Answer(answers.pop(0))) as receiver:
        forge.hub.set_webhook(forge.registered, receiver.url)
        await forge.hub.idle()
        app = forge.app.app_client()
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        (failed,) = await list_failed_deliveries(app, hour_ago)
        assert (failed.event, failed.status_code) == ("ping", 500)
        assert await list_failed_deliveries(app, datetime.now(UTC) + timedelta(hours=1)) == ()
        await redeliver(app, failed)
        await forge.hub.idle()
        assert await list_failed_deliveries(app, hour_ago) == ()
        first, second = receiver.requests
        assert first.headers["x-github-delivery"] == second.headers["x-github-delivery"] == failed.delivery


async def test_a_token_for_git_reads_and_does_not_write(forge: Forge) -> None:
    token = await forge.app.token("octo/repo", forge.installation, repository=forge.repository)
    held = forge.hub.world.installation_tokens[token]
    assert held.permissions == {"contents": "read", "metadata": "read"}
    assert held.repository_ids == frozenset({forge.repository})
