"""Pull requests: from draft to merged, following their branch on the way."""

from typing import Any

import httpx
from github.Repository import Repository

from tests.conformance.localhub.town import Town

READY = "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } } }"


async def _open(town: Town, body: str = "Closes #1.") -> dict[str, Any]:
    await town.as_person("maintainer", lambda repository: repository.create_issue("Tax is missing"))
    await town.commit("rmo/issue-1", {"shop.py": "TAX = 7\n"}, "Add tax")
    made = await town.bot().rest.pulls.async_create(
        "acme", "shop", title="Add tax", head="rmo/issue-1", base="main", body=body, draft=True
    )
    return made.json()


async def test_a_draft_becomes_ready_by_graphql_and_back(town: Town) -> None:
    pull = await _open(town)
    assert (pull["draft"], pull["mergeable_state"], pull["user"]["login"]) == (True, "draft", "rmo-bot[bot]")
    answer = await town.bot().async_graphql(READY, {"id": pull["node_id"]})
    assert answer["markPullRequestReadyForReview"]["pullRequest"]["isDraft"] is False
    inline = 'mutation { convertPullRequestToDraft(input: {pullRequestId: "ID"}) { clientMutationId } }'
    await town.bot().async_graphql(inline.replace('"ID"', f'"{pull["node_id"]}"'))
    now = (await town.bot().rest.pulls.async_get("acme", "shop", pull["number"])).json()
    assert now["draft"] is True
    await town.hub.idle()
    told = [name for name in town.receiver.names if name.startswith("pull_request.")]
    assert told == ["pull_request.opened", "pull_request.ready_for_review", "pull_request.converted_to_draft"]


async def test_graphql_refuses_what_it_does_not_know(town: Town) -> None:
    async with httpx.AsyncClient(trust_env=False, headers={"authorization": f"Bearer {await town.token()}"}) as client:
        for root in (town.url, town.api, f"{town.url}/api"):
            answer = await client.post(f"{root}/graphql", json={"query": "{ viewer { login } }"})
            assert answer.status_code == 200
            assert answer.json()["errors"]


async def test_a_second_pull_request_for_a_branch_is_refused_and_the_first_is_found(town: Town) -> None:
    pull = await _open(town)
    async with town.http(await town.token()) as client:
        wish = {"title": "Again", "head": "rmo/issue-1", "base": "main"}
        again = await client.post(f"{town.repository_path}/pulls", json=wish)
        empty = await client.post(f"{town.repository_path}/pulls", json={**wish, "head": "main"})
        unknown = await client.post(f"{town.repository_path}/pulls", json={**wish, "head": "nowhere"})
    assert again.status_code == empty.status_code == unknown.status_code == 422
    assert "already exists for acme:rmo/issue-1" in again.json()["errors"][0]["message"]
    found = await town.bot().rest.pulls.async_list("acme", "shop", head="acme:rmo/issue-1", state="all")
    assert [each["number"] for each in found.json()] == [pull["number"]]
    none = await town.bot().rest.pulls.async_list("acme", "shop", head="acme:other")
    assert none.json() == []


async def test_a_pull_request_follows_its_branch(town: Town) -> None:
    pull = await _open(town)
    pushed = await town.commit("rmo/issue-1", {"more.py": "X = 1\n"}, "More")
    await town.hub.idle()
    [told] = [each.payload for each in town.receiver.named("pull_request.synchronize")]
    assert (told["before"], told["after"]) == (pushed.parent, pushed.sha)
    now = (await town.bot().rest.pulls.async_get("acme", "shop", pull["number"])).json()
    assert (now["head"]["sha"], now["commits"], now["changed_files"]) == (pushed.sha, 2, 2)
    files = (await town.bot().rest.pulls.async_list_files("acme", "shop", pull["number"])).json()
    assert [each["filename"] for each in files] == ["more.py", "shop.py"]


async def test_required_checks_stand_before_the_merge(town: Town) -> None:
    town.hub.protect_branch(town.repository_id, "main", ["validate"])
    pull = await _open(town)
    rest = town.bot().rest
    branch = (await rest.repos.async_get_branch("acme", "shop", "main")).json()
    assert branch["protection"]["required_status_checks"]["contexts"] == ["validate"]
    rules = (await rest.repos.async_get_branch_rules("acme", "shop", "main")).json()
    assert rules[0]["parameters"]["required_status_checks"] == [{"context": "validate"}]
    await town.bot().async_graphql(READY, {"id": pull["node_id"]})

    async with town.http(town.tokens["maintainer"]) as person:
        path = f"{town.repository_path}/pulls/{pull['number']}/merge"
        early = await person.put(path, json={})
        assert (early.status_code, early.json()["message"]) == (405, 'Required status check "validate" is expected.')
        sha = pull["head"]["sha"]
        await rest.checks.async_create("acme", "shop", name="validate", head_sha=sha, conclusion="success")
        stale = await person.put(path, json={"sha": "0" * 40})
        assert stale.status_code == 409
        merged = await person.put(path, json={"sha": sha, "merge_method": "squash"})
        assert merged.json()["merged"] is True

    assert await town.head("main") == merged.json()["sha"]
    await town.hub.idle()
    assert town.receiver.named("pull_request.closed")[0].payload["pull_request"]["merged"] is True
    issue = (await rest.issues.async_get("acme", "shop", 1)).json()
    assert (issue["state"], issue["closed_by"]["login"]) == ("closed", "maintainer")


async def test_a_conflict_cannot_be_merged(town: Town) -> None:
    pull = await _open(town)
    await town.commit("main", {"shop.py": "TAX = 19\n"}, "Other tax")
    await town.bot().async_graphql(READY, {"id": pull["node_id"]})
    now = (await town.bot().rest.pulls.async_get("acme", "shop", pull["number"])).json()
    assert (now["mergeable"], now["mergeable_state"]) == (False, "dirty")
    async with town.http(town.tokens["maintainer"]) as person:
        assert (await person.put(f"{town.repository_path}/pulls/{pull['number']}/merge", json={})).status_code == 405


async def test_people_review_and_the_bot_replies(town: Town) -> None:
    pull = await _open(town)

    def review(repository: Repository) -> int:
        opened = repository.get_pull(pull["number"])
        commit = repository.get_commit(pull["head"]["sha"])
        comment = opened.create_review_comment("Why 7?", commit, "shop.py", line=1)
        opened.create_review(body="Please explain.", event="REQUEST_CHANGES")
        return comment.id

    first = await town.as_person("maintainer", review)
    rest = town.bot().rest
    reply = await rest.pulls.async_create_review_comment(
        "acme",
        "shop",
        pull["number"],
        data={"body": "It is the law.", "in_reply_to": first, "path": "", "commit_id": ""},
    )
    assert reply.json()["in_reply_to_id"] == first
    assert reply.json()["path"] == "shop.py"
    reviews = (await rest.pulls.async_list_reviews("acme", "shop", pull["number"])).json()
    assert [each["state"] for each in reviews] == ["COMMENTED", "CHANGES_REQUESTED", "COMMENTED"]
    comments = (await rest.pulls.async_list_review_comments("acme", "shop", pull["number"])).json()
    await town.bot().async_graphql(
        "mutation($t: ID!) { resolveReviewThread(input: {threadId: $t}) { thread { isResolved } } }",
        {"t": comments[0]["node_id"]},
    )
    await town.hub.idle()
    assert "pull_request_review.submitted" in town.receiver.names
    assert town.receiver.names.count("pull_request_review_comment.created") == 2


async def test_deleting_the_branch_closes_the_pull_request(town: Town) -> None:
    pull = await _open(town)
    await town.bot().rest.git.async_delete_ref("acme", "shop", "heads/rmo/issue-1")
    now = (await town.bot().rest.pulls.async_get("acme", "shop", pull["number"])).json()
    assert (now["state"], now["merged"]) == ("closed", False)
    await town.hub.idle()
    assert {"delete", "push"} <= {each.event for each in town.receiver.deliveries}


async def test_title_body_and_state_change(town: Town) -> None:
    pull = await _open(town)
    rest = town.bot().rest.pulls
    changed = await rest.async_update("acme", "shop", pull["number"], title="Tax", body="New", state="closed")
    assert (changed.json()["title"], changed.json()["body"], changed.json()["state"]) == ("Tax", "New", "closed")
    again = await rest.async_update("acme", "shop", pull["number"], state="open")
    assert again.json()["state"] == "open"
