"""Where the App is installed, what it may see there, and which webhooks did not arrive."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.github.app import RERUNNING, WORKING
from bot.github.branches import create_ref, read_branch_head
from bot.github.comments import create_comment
from bot.github.deliveries import list_failed_deliveries, redeliver
from bot.github.errors import Archived, Moved, NotFound, NotPermitted, Suspended
from bot.github.issues import create_issue
from bot.github.repositories import (
    find_installation,
    list_installations,
    list_repositories,
    permission_of,
    rate_limit,
    read_repository,
    read_repository_by_id,
)
from bot.localhub.state.accounts import Role
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
        Repository(forge.repository, "octo", "repo", forge.installation, "main", private=True),
        Repository(other, "octo", "other", forge.installation, "trunk", private=True),
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
    with pytest.raises(NotPermitted, match="not granted"):
        await read_repository(greedy)
    reading = forge.app.client("octo/repo", forge.installation, permissions={"contents": "read"})
    with pytest.raises(NotPermitted):
        await create_comment(reading, IssueNumber(1), "hello")


async def test_a_suspension_is_waited_for_with_an_old_token_and_with_none(forge: Forge) -> None:
    await read_repository(forge.client)
    forge.hub.suspend(forge.installation)
    fresh = forge.app.client("octo/repo", forge.installation, repository=forge.repository, permissions=RERUNNING)
    for client in (forge.client, fresh):
        with pytest.raises(Suspended, match="unsuspend") as caught:
            await read_repository(client)
        assert caught.value.after is not None
    (held,) = await list_installations(forge.app.app_client())
    assert held.suspended
    forge.hub.unsuspend(forge.installation)
    assert (await read_repository(fresh)).id == (await read_repository(forge.client)).id == forge.repository


async def test_a_renamed_repository_is_read_on_and_not_written_to(forge: Forge) -> None:
    await read_repository(forge.client)
    forge.hub.rename(forge.repository, "renamed")
    assert (await read_repository(forge.client)).full_name == "octo/renamed"
    by_id = await read_repository_by_id(forge.client, forge.repository)
    assert by_id is not None
    assert by_id.full_name == "octo/renamed"
    with pytest.raises(Moved):
        await create_issue(forge.client, title="One", body="")
    renamed = forge.app.client("octo/renamed", forge.installation, repository=forge.repository)
    assert (await create_issue(renamed, title="One", body="")).number == 1


async def test_a_transferred_repository_is_ours_no_more(forge: Forge) -> None:
    await read_repository(forge.client)
    forge.hub.transfer(forge.repository, "elsewhere")
    assert await read_repository_by_id(forge.client, forge.repository) is None
    with pytest.raises(NotFound):
        await read_repository(forge.client)


async def test_an_archived_repository_is_not_written_to(forge: Forge) -> None:
    assert not (await read_repository(forge.client)).archived
    forge.hub.archive(forge.repository)
    with pytest.raises(Archived, match="unarchive"):
        await create_comment(forge.client, IssueNumber(1), "hello")
    seen = await read_repository(forge.client)
    assert (seen.archived, seen.private) == (True, True)
    forge.hub.unarchive(forge.repository)
    forge.hub.make_public(forge.repository)
    (listed,) = await list_repositories(forge.app.installation_client(forge.installation))
    assert (listed.archived, listed.private) == (False, False)


async def test_permissions_that_were_taken_back_are_missed_at_the_next_token(forge: Forge) -> None:
    forge.hub.grant(forge.installation, {"contents": "read"})
    with pytest.raises(NotPermitted, match="not granted"):
        await read_repository(forge.client)
    (held,) = await list_installations(forge.app.app_client())
    assert held.permissions == {"metadata": "read", "contents": "read"}


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
