"""Workflows really run: `act` in the sandbox, over a prepared environment, without network."""

import io
import sys
import zipfile
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.localhub import LocalHub, act_runner, serve
from bot.model.environment import EnvironmentFailed, EnvironmentReady
from bot.model.ids import EnvironmentKey
from bot.sandbox import Sandbox, qualify
from tests.conformance.localhub.receiver import Receiver
from tests.conformance.localhub.town import PERMISSIONS, SECRET, Town, app_key, everything
from tests.conformance.localhub.workshop import FILES


@pytest.fixture
async def workshop(tmp_path: Path, receiver: Receiver) -> AsyncGenerator[Town]:
    """A town whose repository has workflows, on a branch that nothing has run on yet.

    The prepared environment is the one that the tests themselves run in.
    """
    sandbox = await qualify()
    assert isinstance(sandbox, Sandbox), sandbox

    async def prepare(full_name: str, commit: str, archive: bytes) -> EnvironmentReady | EnvironmentFailed:
        assert full_name == "acme/shop"
        assert len(commit) == 40
        if b"unobtainable" in archive:
            return EnvironmentFailed("pip install unobtainable", "No matching distribution found")
        return EnvironmentReady(EnvironmentKey("test"), sys.prefix, 0.0, cached=True)

    hub = LocalHub(tmp_path / "hub", execute=act_runner(sandbox.run, prepare, tmp_path / "runner"))
    async with serve(hub) as url:
        repository = await hub.create_repository("acme", "shop", FILES)
        app = hub.create_app("RMO Bot", PERMISSIONS, everything(), receiver.url, SECRET, private_key_pem=app_key())
        installation = hub.install(app, repository)
        tokens = {"maintainer": hub.add_user("maintainer")}
        hub.set_role(repository, "maintainer", "admin")
        place = Town(hub, url, repository, app, installation, tokens, receiver)
        try:
            yield place
        finally:
            place.close()


def _conclusions(check_runs: list[dict[str, object]]) -> dict[object, object]:
    return {check["name"]: check["conclusion"] for check in check_runs}


async def test_a_push_is_validated_and_leaves_logs_annotations_and_artifacts(workshop: Town) -> None:
    branch = await workshop.commit("topic", {"note.txt": "a note"}, "Add a note")
    await workshop.hub.idle()

    rest = workshop.bot().rest
    found = (await rest.checks.async_list_for_ref("acme", "shop", branch.sha)).json()["check_runs"]
    assert _conclusions(found) == {
        "Tests (3.x)": "success",
        "Tests (3.2)": "failure",
        "publish": "skipped",
        "coverage": "failure",
        "elsewhere": "skipped",
    }
    by_name = {check["name"]: check for check in found}
    assert {check["app"]["id"] for check in found} == {15368}
    assert by_name["Tests (3.x)"]["output"]["summary"] == "## Tested\n"

    green = by_name["Tests (3.x)"]["id"]
    marks = (await rest.checks.async_list_annotations("acme", "shop", green)).json()
    assert [(mark["path"], mark["annotation_level"], mark["message"]) for mark in marks] == [
        ("src/shop/__init__.py", "warning", "no docstring")
    ]
    missing = (await rest.checks.async_list_annotations("acme", "shop", by_name["Tests (3.2)"]["id"])).json()
    assert any("Python 3.2 is not available" in mark["message"] for mark in missing)
    refused = (await rest.checks.async_list_annotations("acme", "shop", by_name["coverage"]["id"])).json()
    assert any("codecov/codecov-action is not available on loopback" in mark["message"] for mark in refused)

    log = (await rest.actions.async_download_job_logs_for_workflow_run("acme", "shop", green)).text
    assert "subject:Add a note" in log
    assert "1 passed" in log
    assert "\x1b" not in log
    run = (await rest.actions.async_list_workflow_runs_for_repo("acme", "shop", head_sha=branch.sha)).json()
    assert [(each["name"], each["conclusion"]) for each in run["workflow_runs"]] == [("CI", "failure")]
    kept = (await rest.actions.async_list_workflow_run_artifacts("acme", "shop", run["workflow_runs"][0]["id"])).json()
    assert [each["name"] for each in kept["artifacts"]] == ["reports-3.x"]
    zipped = await rest.actions.async_download_artifact("acme", "shop", kept["artifacts"][0]["id"], "zip")
    with zipfile.ZipFile(io.BytesIO(zipped.content)) as archive:
        assert archive.namelist() == ["junit.xml"]
        assert b'tests="1"' in archive.read("junit.xml")


async def test_a_broken_test_is_red_and_says_where_it_ended(workshop: Town) -> None:
    branch = await workshop.commit("topic", {"src/shop/__init__.py": "def total(prices):\n    return 0\n"}, "Break it")
    await workshop.hub.idle()

    rest = workshop.bot().rest
    found = (await rest.checks.async_list_for_ref("acme", "shop", branch.sha, check_name="Tests (3.x)")).json()
    [red] = found["check_runs"]
    assert red["conclusion"] == "failure"
    marks = (await rest.checks.async_list_annotations("acme", "shop", red["id"])).json()
    assert "Process completed with exit code 1." in [mark["message"] for mark in marks]
    log = (await rest.actions.async_download_job_logs_for_workflow_run("acme", "shop", red["id"])).text
    assert "assert 0 == 3" in log
    completed = [each.payload for each in workshop.receiver.named("check_run.completed")]
    assert {each["check_run"]["head_sha"] for each in completed} == {branch.sha}


async def test_a_draft_pull_request_runs_on_its_merge_commit_without_secrets_or_network(workshop: Town) -> None:
    branch = await workshop.commit("topic", {"note.txt": "[skip ci] is not here"}, "Note it")
    await workshop.hub.idle()
    rest = workshop.bot().rest
    await rest.pulls.async_create("acme", "shop", title="Note", head="topic", base="main", draft=True)
    await workshop.hub.idle()

    found = (await rest.checks.async_list_for_ref("acme", "shop", branch.sha, check_name="offline")).json()
    [check] = found["check_runs"]
    log = (await rest.actions.async_download_job_logs_for_workflow_run("acme", "shop", check["id"])).text
    assert check["conclusion"] == "success", log
    assert "All checks passed" in log


async def test_dependencies_that_do_not_install_are_a_failure_with_the_reason(workshop: Town) -> None:
    branch = await workshop.commit("topic", {"requirements.txt": "unobtainable\n"}, "Want too much")
    await workshop.hub.idle()
    found = (await workshop.bot().rest.checks.async_list_for_ref("acme", "shop", branch.sha)).json()["check_runs"]
    assert set(_conclusions(found).values()) == {"failure"}
    assert "pip install unobtainable" in found[0]["output"]["summary"]
