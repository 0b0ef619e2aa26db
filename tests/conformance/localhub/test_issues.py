"""A person files and labels issues; the bot is told, reads, comments. Roles and permissions decide who may."""

import asyncio

import pytest
from github import GithubException
from github.Repository import Repository

from tests.conformance.localhub.town import SECRET, Town


def _label(repository: Repository) -> int:
    repository.create_label("rmo", "5319e7", "Let the bot work on it")
    issue = repository.create_issue("Add discounts", "A 10 % discount\nfor *members*.")
    issue.add_to_labels("rmo")
    return issue.number


async def test_a_label_reaches_the_app_as_a_signed_webhook(town: Town) -> None:
    number = await town.as_person("maintainer", _label)
    await town.hub.idle()

    assert town.receiver.names == ["issues.opened", "issues.labeled"]
    labelled = town.receiver.deliveries[1]
    assert labelled.signed_with(SECRET)
    assert not labelled.signed_with("another secret")
    assert labelled.payload["issue"]["number"] == number
    assert labelled.payload["label"]["name"] == "rmo"
    assert labelled.payload["installation"]["id"] == town.installation
    assert labelled.payload["repository"]["id"] == town.repository_id
    assert labelled.payload["sender"]["login"] == "maintainer"
    assert labelled.headers["x-github-hook-installation-target-id"] == str(town.app.id)


async def test_the_bot_finds_who_labelled_in_the_events(town: Town) -> None:
    number = await town.as_person("maintainer", _label)
    rest = town.bot().rest

    events = (await rest.issues.async_list_events("acme", "shop", number)).json()
    assert [(event["event"], event["actor"]["login"], event["label"]["name"]) for event in events] == [
        ("labeled", "maintainer", "rmo")
    ]
    permission = await rest.repos.async_get_collaborator_permission_level("acme", "shop", "helper")
    assert (permission.parsed_data.permission, permission.parsed_data.role_name) == ("read", "triage")
    open_ones = await rest.issues.async_list_for_repo("acme", "shop", labels="rmo", state="open")
    assert [issue.number for issue in open_ones.parsed_data] == [number]


async def test_taking_a_label_off_is_an_event_too(town: Town) -> None:
    number = await town.as_person("maintainer", _label)
    await town.as_person("helper", lambda repository: repository.get_issue(number).remove_from_labels("rmo"))
    await town.hub.idle()

    assert town.receiver.names[-1] == "issues.unlabeled"
    kinds = await town.as_person("reader", lambda repo: [each.event for each in repo.get_issue(number).get_events()])
    assert kinds == ["labeled", "unlabeled"]


@pytest.mark.parametrize(("login", "status"), [("reader", 403), ("outsider", 404)])
async def test_labels_need_triage(town: Town, login: str, status: int) -> None:
    number = await town.as_person("maintainer", _label)
    async with town.http(town.tokens[login]) as client:
        answer = await client.post(f"{town.repository_path}/issues/{number}/labels", json={"labels": ["urgent"]})
    assert answer.status_code == status
    labels = await town.as_person("maintainer", lambda repo: [each.name for each in repo.get_issue(number).labels])
    assert labels == ["rmo"]


async def test_an_outsider_cannot_even_see_the_repository(town: Town) -> None:
    with pytest.raises(GithubException) as refused:
        await asyncio.to_thread(town.person, "outsider")
    assert refused.value.status == 404


async def test_the_bot_comments_edits_and_finds_its_comment_again(town: Town) -> None:
    number = await town.as_person("maintainer", _label)
    rest = town.bot().rest

    made = (await rest.issues.async_create_comment("acme", "shop", number, body="<!-- rmo:status -->\nworking")).json()
    assert made["user"]["login"] == "rmo-bot[bot]"
    assert made["user"]["type"] == "Bot"
    assert made["performed_via_github_app"]["id"] == town.app.id
    await rest.issues.async_update_comment("acme", "shop", made["id"], body="<!-- rmo:status -->\ndone")
    bodies = [each["body"] for each in (await rest.issues.async_list_comments("acme", "shop", number)).json()]
    assert bodies == ["<!-- rmo:status -->\ndone"]
    await town.hub.idle()
    assert town.receiver.names[-2:] == ["issue_comment.created", "issue_comment.edited"]


async def test_the_bot_may_not_edit_what_a_person_wrote(town: Town) -> None:
    number = await town.as_person("maintainer", _label)
    theirs = await town.as_person("maintainer", lambda repo: repo.get_issue(number).create_comment("please").id)
    async with town.http(await town.token()) as client:
        answer = await client.patch(f"{town.repository_path}/issues/comments/{theirs}", json={"body": "no"})
    assert answer.status_code == 403


async def test_a_reaction_is_given_once(town: Town) -> None:
    number = await town.as_person("maintainer", _label)
    comment = await town.as_person("maintainer", lambda repo: repo.get_issue(number).create_comment("/rmo retry").id)
    reactions = town.bot().rest.reactions
    for status in (201, 200):
        answer = await reactions.async_create_for_issue_comment("acme", "shop", comment, content="eyes")
        assert answer.status_code == status
    listed = (await reactions.async_list_for_issue_comment("acme", "shop", comment)).json()
    assert [each["content"] for each in listed] == ["eyes"]


async def test_closing_editing_and_reopening_are_told(town: Town) -> None:
    number = await town.as_person("maintainer", _label)

    def change(repository: Repository) -> None:
        issue = repository.get_issue(number)
        issue.edit(title="Add discounts for members", body="Ten per cent.")
        issue.edit(state="closed", state_reason="not_planned")
        issue.edit(state="open")

    await town.as_person("maintainer", change)
    await town.hub.idle()
    assert town.receiver.names[-3:] == ["issues.edited", "issues.closed", "issues.reopened"]
    edited = town.receiver.named("issues.edited")[0].payload
    assert edited["changes"]["title"]["from"] == "Add discounts"


async def test_a_too_long_comment_is_refused(town: Town) -> None:
    number = await town.as_person("maintainer", _label)
    async with town.http(await town.token()) as client:
        answer = await client.post(f"{town.repository_path}/issues/{number}/comments", json={"body": "x" * 65_537})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body"


async def test_an_unchanged_answer_is_304_and_free(town: Town) -> None:
    await town.as_person("maintainer", _label)
    async with town.http(town.tokens["reader"]) as client:
        first = await client.get(f"{town.repository_path}/issues")
        again = await client.get(f"{town.repository_path}/issues", headers={"if-none-match": first.headers["etag"]})
        after = await client.get(f"{town.repository_path}/issues")
    assert (again.status_code, again.content) == (304, b"")
    assert int(after.headers["x-ratelimit-used"]) == int(first.headers["x-ratelimit-used"]) + 1


async def test_pages_are_linked(town: Town) -> None:
    def many(repository: Repository) -> list[int]:
        for index in range(5):
            repository.create_issue(f"Issue {index}")
        return [issue.number for issue in repository.get_issues()]

    assert await town.as_person("maintainer", many) == [5, 4, 3, 2, 1]
    async with town.http(town.tokens["reader"]) as client:
        page = await client.get(f"{town.repository_path}/issues", params={"per_page": 2, "page": 2})
        assert [issue["number"] for issue in page.json()] == [3, 2]
        assert set(page.links) == {"prev", "next", "last", "first"}
        following = await client.get(page.links["next"]["url"])
    assert [issue["number"] for issue in following.json()] == [1]


async def test_both_addresses_of_the_api_are_the_same_world(town: Town) -> None:
    number = await town.as_person("maintainer", _label)
    plain = await asyncio.to_thread(lambda: town.person("reader", enterprise=False).get_issue(number).title)
    assert plain == "Add discounts"
