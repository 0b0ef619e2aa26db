"""Workflow runs, jobs, artifacts."""

from datetime import timedelta

from bot.localhub.git_store import StoredCommit
from bot.localhub.shapes.accounts import Shape, simple_user
from bot.localhub.shapes.commits import simple_commit
from bot.localhub.shapes.pulls import pull_minimal
from bot.localhub.shapes.repositories import minimal_repository, repository_api, repository_page
from bot.localhub.shapes.times import stamp, stamp_or_none
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import Artifact, Job, WorkflowRun
from bot.localhub.state.world import World, node_id


def workflow_run(world: World, repository: HubRepository, run: WorkflowRun, head: StoredCommit) -> Shape:
    """`workflow-run`."""
    api = repository_api(world, repository)
    url = f"{api}/actions/runs/{run.id}"
    pull = run.pull.pull if run.pull is not None else None
    linked = [] if run.pull is None or pull is None else [pull_minimal(world, repository, run.pull, pull)]
    return {
        "id": run.id,
        "name": run.workflow_name,
        "node_id": node_id("WFR", run.id),
        "check_suite_id": run.suite.id,
        "check_suite_node_id": node_id("CS", run.suite.id),
        "head_branch": run.head_branch,
        "head_sha": run.head_sha,
        "path": run.path,
        "run_number": run.number,
        "run_attempt": run.attempt,
        "event": run.event,
        "display_title": run.title,
        "status": run.status,
        "conclusion": run.conclusion,
        "workflow_id": run.workflow_id,
        "url": url,
        "html_url": f"{repository_page(world, repository)}/actions/runs/{run.id}",
        "pull_requests": linked,
        "created_at": stamp(run.created_at),
        "updated_at": stamp(run.updated_at),
        "run_started_at": stamp(run.created_at),
        "actor": simple_user(world, run.actor),
        "triggering_actor": simple_user(world, run.actor),
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{api}/check-suites/{run.suite.id}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": None,
        "workflow_url": f"{api}/actions/workflows/{run.workflow_id}",
        "head_commit": simple_commit(head),
        "repository": minimal_repository(world, repository),
        "head_repository": minimal_repository(world, repository),
    }


def job(world: World, repository: HubRepository, run: WorkflowRun, held: Job) -> Shape:
    """`job`."""
    api = repository_api(world, repository)
    check = held.check
    started = check.started_at or run.created_at
    return {
        "id": held.id,
        "run_id": run.id,
        "run_url": f"{api}/actions/runs/{run.id}",
        "run_attempt": run.attempt,
        "node_id": node_id("CR", held.id),
        "head_sha": run.head_sha,
        "head_branch": run.head_branch,
        "workflow_name": run.workflow_name,
        "url": f"{api}/actions/jobs/{held.id}",
        "html_url": f"{repository_page(world, repository)}/runs/{held.id}",
        "status": check.status,
        "conclusion": check.conclusion,
        "created_at": stamp(run.created_at),
        "started_at": stamp(started),
        "completed_at": stamp_or_none(check.completed_at),
        "name": check.name,
        "steps": [
            {
                "name": step.name,
                "status": "queued" if step.conclusion is None else "completed",
                "conclusion": step.conclusion,
                "number": step.number,
                "started_at": None,
                "completed_at": None,
            }
            for step in held.steps
        ],
        "check_run_url": f"{api}/check-runs/{check.id}",
        "labels": list(held.labels),
        "runner_id": 1,
        "runner_name": "localhub",
        "runner_group_id": 1,
        "runner_group_name": "localhub",
    }


def artifact(world: World, repository: HubRepository, run: WorkflowRun, held: Artifact) -> Shape:
    """`artifact`; kept as long as the process, though 90 days are announced as on GitHub."""
    url = f"{repository_api(world, repository)}/actions/artifacts/{held.id}"
    return {
        "id": held.id,
        "node_id": node_id("MDg", held.id),
        "name": held.name,
        "size_in_bytes": len(held.archive),
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": False,
        "created_at": stamp(held.created_at),
        "expires_at": stamp(held.created_at + timedelta(days=90)),
        "updated_at": stamp(held.created_at),
        "workflow_run": {
            "id": run.id,
            "repository_id": repository.id,
            "head_repository_id": repository.id,
            "head_branch": run.head_branch,
            "head_sha": run.head_sha,
        },
    }
