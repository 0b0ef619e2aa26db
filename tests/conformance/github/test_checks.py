"""Checks, workflow runs, logs and artifacts, on a GitHub whose pipeline fails at first."""

import asyncio
from typing import Any

import pytest

from bot.github.app import RERUNNING
from bot.github.artifacts import download_artifact, list_artifacts
from bot.github.branches import create_ref
from bot.github.checks import (
    MOST_TEXT,
    find_check_run,
    keep_check_run,
    list_annotations,
    list_check_runs,
    list_check_suites,
    list_statuses,
)
from bot.github.errors import NotPermitted, OutcomeUnknown, TooLarge
from bot.github.required_checks import required_checks
from bot.github.workflows import list_jobs, list_workflow_runs, read_log_end, rerun_failed_jobs
from bot.localhub.faults import LoseResponse
from bot.localhub.state.world import ACTIONS_APP_ID
from bot.model.forge import RequiredCheck
from tests.conformance.github.conftest import ZIP, Forge


async def pushed(forge: Forge) -> None:
    await create_ref(forge.client, "refs/heads/rmo/issue-1-2", forge.base)
    await forge.hub.idle()


async def test_a_failing_pipeline_is_seen_with_all_it_says(forge: Forge) -> None:
    await pushed(forge)
    (check,) = await list_check_runs(forge.client, forge.base)
    assert (check.name, check.app, check.state, check.conclusion) == ("test", ACTIONS_APP_ID, "completed", "failure")
    assert check.head_sha == forge.base
    (remark,) = await list_annotations(forge.client, check.id)
    assert (remark.path, remark.line, remark.level, remark.message) == ("src/greet.py", 2, "failure", "wrong greeting")
    suites = await list_check_suites(forge.client, forge.base)
    (suite,) = [each for each in suites if each.app == ACTIONS_APP_ID]
    assert (suite.state, suite.conclusion, suite.check_runs) == ("completed", "failure", 1)


async def test_a_workflow_run_shows_jobs_log_and_artifacts(forge: Forge) -> None:
    await pushed(forge)
    (run,) = await list_workflow_runs(forge.client, forge.base)
    assert (run.name, run.event, run.state, run.conclusion, run.attempt) == ("CI", "push", "completed", "failure", 1)
    assert run.path == ".github/workflows/ci.yml"
    (job,) = await list_jobs(forge.client, run.id)
    assert (job.name, job.conclusion, job.failed_steps) == ("test", "failure", ("Run pytest",))
    end = await read_log_end(forge.client, job.id)
    assert "1 failed" in end.text
    assert end.dropped_bytes == 0
    assert len((await read_log_end(forge.client, job.id, most_bytes=9)).text) == 9
    (artifact,) = await list_artifacts(forge.client, run.id)
    assert (artifact.name, artifact.size, artifact.expired) == ("reports", len(ZIP), False)
    assert await download_artifact(forge.client, artifact.id, most_bytes=100) == ZIP
    with pytest.raises(TooLarge):
        await download_artifact(forge.client, artifact.id, most_bytes=21)


async def test_failed_jobs_run_again_only_with_a_token_for_it(forge: Forge) -> None:
    await pushed(forge)
    (run,) = await list_workflow_runs(forge.client, forge.base)
    with pytest.raises(NotPermitted):
        await rerun_failed_jobs(forge.client, run.id)
    granted = forge.app.client("octo/repo", forge.installation, repository=forge.repository, permissions=RERUNNING)
    await rerun_failed_jobs(granted, run.id)
    await forge.hub.idle()
    (again,) = await list_workflow_runs(forge.client, forge.base)
    assert (again.id, again.conclusion, again.attempt) == (run.id, "success", 2)
    assert [check.conclusion for check in await list_check_runs(forge.client, forge.base)] == ["success"]


OURS: dict[str, Any] = {"name": "fractal-rmo", "external_id": "run-1", "title": "Working", "text": "", "actions": ()}
UNDER_WAY: dict[str, Any] = {**OURS, "status": "in_progress", "conclusion": None, "summary": "Planning"}
ENDED: dict[str, Any] = {**OURS, "status": "completed", "conclusion": "neutral", "summary": "Done"}
STOP = ("Stop this whole run at once", "End the run and leave its branch exactly as it is", "stop")
RETRY = ("Retry", "Begin anew", "retry")


async def test_our_own_check_is_made_once_and_concluded(forge: Forge) -> None:
    forge.hub.faults.on_request("POST", ".*/check-runs", LoseResponse())
    with pytest.raises(OutcomeUnknown):
        await keep_check_run(forge.client, forge.base, **UNDER_WAY)
    number = await keep_check_run(forge.client, forge.base, **UNDER_WAY)
    check = await find_check_run(forge.client, forge.base, "fractal-rmo", "run-1")
    assert check is not None
    assert (check.id, check.state, check.app) == (number, "in_progress", forge.registered.id)
    assert check.summary == "Working\nPlanning"
    assert await find_check_run(forge.client, forge.base, "fractal-rmo", "run-2") is None
    assert await keep_check_run(forge.client, forge.base, **ENDED) == number
    (check,) = await list_check_runs(forge.client, forge.base)
    assert (check.id, check.state, check.conclusion) == (number, "completed", "neutral")


async def test_our_own_check_is_only_written_where_it_says_something_else(forge: Forge) -> None:
    def written() -> int:
        return sum("/check-runs" in each.path for each in forge.hub.journal.entries)

    wanted: dict[str, Any] = {
        **ENDED,
        "actions": (STOP, RETRY),
        "details_url": "https://example.com/run",
        "text": "x" * 70_000,
    }
    number = await keep_check_run(forge.client, forge.base, **wanted)
    held = forge.hub.world.repositories[forge.repository].checks[number]
    assert [(len(each.label), len(each.description), each.identifier) for each in held.buttons] == [
        (20, 40, "stop"),
        (5, 10, "retry"),
    ]
    assert held.text is not None
    assert len(held.text) <= MOST_TEXT
    await keep_check_run(forge.client, forge.base, **wanted)
    assert written() == 1
    for count, change in enumerate(
        (
            {"actions": (RETRY,)},
            {"details_url": "https://example.com/2"},
            {"summary": "More"},
            {"conclusion": "failure"},
        ),
        2,
    ):
        wanted |= change
        for _ in range(2):
            await keep_check_run(forge.client, forge.base, **wanted)
        assert written() == count
    assert [each.identifier for each in held.buttons] == ["retry"]
    wanted |= {"status": "in_progress", "conclusion": None}
    await keep_check_run(forge.client, forge.base, **wanted)
    assert (held.status, held.conclusion) == ("in_progress", None)


async def test_commit_statuses_count_as_checks_of_no_app(forge: Forge) -> None:
    def report() -> None:
        commit = forge.human().get_commit(forge.base)
        commit.create_status("pending", context="build", description="building")
        commit.create_status("success", target_url="https://example.com/1", context="lint")
        commit.create_status("error", context="build", description="broken")

    await asyncio.to_thread(report)
    found = {status.name: status for status in await list_statuses(forge.client, forge.base)}
    assert {name: (status.state, status.conclusion, status.app) for name, status in found.items()} == {
        "build": ("completed", "failure", None),
        "lint": ("completed", "success", None),
    }
    assert found["build"].summary == "broken"
    assert found["lint"].url == "https://example.com/1"
    assert {status.head_sha for status in found.values()} == {forge.base}


async def test_required_checks_are_read_without_administration(forge: Forge) -> None:
    assert await required_checks(forge.client, "main") == ()
    forge.hub.protect_branch(forge.repository, "main", ["test", "lint"])
    assert {check.name for check in await required_checks(forge.client, "main")} == {"test", "lint"}
    assert RequiredCheck("test", None) in await required_checks(forge.client, "main")
    assert await required_checks(forge.client, "release/1") == ()
