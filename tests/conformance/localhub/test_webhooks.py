"""Deliveries: lost, doubled, late, refused, and asked for again."""

from github.Repository import Repository

from bot.localhub.faults import Drop, Duplicate, Hold
from tests.conformance.localhub.town import SECRET, Town


def _issue(repository: Repository) -> None:
    issue = repository.create_issue("One")
    issue.add_to_labels("rmo")


async def test_a_refused_delivery_is_on_record_and_can_be_redelivered(town: Town) -> None:
    town.receiver.status = 503
    await town.as_person("maintainer", _issue)
    await town.hub.idle()
    rest = town.app_client().rest.apps
    failed = (await rest.async_list_webhook_deliveries(status="failure", per_page=1)).json()
    assert [(each["event"], each["action"], each["status_code"]) for each in failed] == [("issues", "labeled", 503)]

    town.receiver.status = 202
    before = len(town.receiver.deliveries)
    answer = await rest.async_redeliver_webhook_delivery(failed[0]["id"])
    assert answer.status_code == 202
    await town.hub.idle()
    again = town.receiver.deliveries[before]
    assert again.headers["x-github-delivery"] == failed[0]["guid"]
    assert again.signed_with(SECRET)
    newest = (await rest.async_list_webhook_deliveries(per_page=1)).json()[0]
    assert (newest["redelivery"], newest["status"], newest["guid"]) == (True, "OK", failed[0]["guid"])
    whole = (await rest.async_get_webhook_delivery(newest["id"])).json()
    assert whole["request"]["payload"]["action"] == "labeled"


async def test_nobody_at_home_is_a_failed_delivery(town: Town) -> None:
    town.hub.set_webhook(town.app, "http://127.0.0.1:9/webhook")
    await town.hub.idle()
    newest = (await town.app_client().rest.apps.async_list_webhook_deliveries(per_page=1)).json()[0]
    assert (newest["event"], newest["status"], newest["status_code"]) == ("ping", "failed to connect to host", 0)


async def test_webhooks_switched_off_are_not_missed_by_anything_else(town: Town) -> None:
    town.hub.set_webhook(town.app, None)
    await town.as_person("maintainer", _issue)
    await town.hub.idle()
    assert town.receiver.deliveries == []
    assert [each.path for each in town.hub.journal.entries][-1].endswith("/labels")


async def test_a_webhook_is_doubled(town: Town) -> None:
    town.hub.faults.on_delivery("issues", Duplicate(), action="labeled")
    await town.as_person("maintainer", _issue)
    await town.hub.idle()
    assert town.receiver.names == ["issues.opened", "issues.labeled", "issues.labeled"]
    assert len({each.headers["x-github-delivery"] for each in town.receiver.deliveries}) == 2


async def test_a_webhook_is_lost(town: Town) -> None:
    town.hub.faults.on_delivery("issues", Drop(), nth=2)
    await town.as_person("maintainer", _issue)
    await town.hub.idle()
    assert town.receiver.names == ["issues.opened"]


async def test_webhooks_come_late_and_in_the_wrong_order(town: Town) -> None:
    town.hub.faults.on_delivery("issues", Hold(), times=2)
    await town.as_person("maintainer", _issue)
    await town.hub.idle()
    assert town.receiver.deliveries == []
    town.hub.release_held(newest_first=True)
    await town.hub.idle()
    assert town.receiver.names == ["issues.labeled", "issues.opened"]


async def test_a_push_asks_the_app_for_checks_and_their_end_is_told(town: Town) -> None:
    written = await town.commit("topic", {"a.txt": "a"}, "A")
    rest = town.bot().rest
    made = await rest.checks.async_create(
        "acme", "shop", name="rmo", head_sha=written.sha, external_id="run-1", status="in_progress"
    )
    marks = [
        {"path": "a.txt", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": str(index)}
        for index in range(50)
    ]
    for _ in range(2):
        output = {"title": "Tried", "summary": "Twice", "annotations": marks}
        await rest.checks.async_update("acme", "shop", made.json()["id"], data={"output": output})
    await rest.checks.async_update("acme", "shop", made.json()["id"], data={"conclusion": "neutral"})
    await town.hub.idle()
    told = [name for name in town.receiver.names if name.startswith("check_")]
    assert told == ["check_suite.requested", "check_run.created", "check_run.completed", "check_suite.completed"]
    suites = (await rest.checks.async_list_suites_for_ref("acme", "shop", "topic")).json()["check_suites"]
    assert [(each["status"], each["conclusion"], each["app"]["id"]) for each in suites] == [
        ("completed", "neutral", town.app.id)
    ]
    listed = (await rest.checks.async_list_annotations("acme", "shop", made.json()["id"], per_page=100)).json()
    assert len(listed) == 100


async def test_too_many_annotations_at_once_are_refused_and_only_apps_make_check_runs(town: Town) -> None:
    head = await town.head("main")
    marks = [{"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}] * 51
    wish = {"name": "x", "head_sha": head, "output": {"title": "t", "summary": "s", "annotations": marks}}
    async with town.http(await town.token()) as client:
        assert (await client.post(f"{town.repository_path}/check-runs", json=wish)).status_code == 422
    async with town.http(town.tokens["maintainer"]) as person:
        refused = await person.post(f"{town.repository_path}/check-runs", json={"name": "x", "head_sha": head})
    assert refused.status_code == 403


async def test_statuses_are_combined(town: Town) -> None:
    head = await town.head("main")
    rest = town.bot().rest
    for context, state in (("ci/a", "failure"), ("ci/b", "success"), ("ci/a", "success")):
        await rest.repos.async_create_commit_status("acme", "shop", head, state=state, context=context)
        combined = (await rest.repos.async_get_combined_status_for_ref("acme", "shop", "main")).json()
    assert (combined["state"], combined["total_count"]) == ("success", 2)
    every = (await rest.repos.async_list_commit_statuses_for_ref("acme", "shop", head)).json()
    assert [each["context"] for each in every] == ["ci/a", "ci/b", "ci/a"]
    await town.hub.idle()
    assert [each.event for each in town.receiver.deliveries] == ["status"] * 3
