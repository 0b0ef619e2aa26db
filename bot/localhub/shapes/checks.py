"""Check suites, check runs, annotations, commit statuses."""

from bot.localhub.git_store import StoredCommit
from bot.localhub.shapes.accounts import Shape, integration, simple_user
from bot.localhub.shapes.commits import simple_commit
from bot.localhub.shapes.pulls import pulls_at
from bot.localhub.shapes.repositories import minimal_repository, repository_api, repository_page
from bot.localhub.shapes.times import stamp, stamp_or_none
from bot.localhub.state.checks import CheckSuite, CommitStatus, HubCheckRun, LineAnnotation
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World, node_id
from bot.localhub.verdicts import combined_state, latest_statuses, together


def check_run(world: World, repository: HubRepository, held: HubCheckRun) -> Shape:
    """`check-run`."""
    url = f"{repository_api(world, repository)}/check-runs/{held.id}"
    page = f"{repository_page(world, repository)}/runs/{held.id}"
    return {
        "id": held.id,
        "node_id": node_id("CR", held.id),
        "name": held.name,
        "head_sha": held.head_sha,
        "external_id": held.external_id,
        "url": url,
        "html_url": page,
        "details_url": held.details_url or page,
        "status": held.status,
        "conclusion": held.conclusion,
        "started_at": stamp_or_none(held.started_at),
        "completed_at": stamp_or_none(held.completed_at),
        "output": {
            "title": held.title,
            "summary": held.summary,
            "text": held.text,
            "annotations_count": len(held.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": held.suite.id},
        "app": integration(world, held.suite.app),
        "pull_requests": pulls_at(world, repository, held.head_sha),
    }


def annotation(world: World, repository: HubRepository, held: HubCheckRun, mark: LineAnnotation) -> Shape:
    """`check-annotation`."""
    return {
        "path": mark.path,
        "blob_href": f"{repository_page(world, repository)}/blob/{held.head_sha}/{mark.path}",
        "start_line": mark.start_line,
        "end_line": mark.end_line,
        "start_column": mark.start_column,
        "end_column": mark.end_column,
        "annotation_level": mark.level,
        "title": mark.title,
        "message": mark.message,
        "raw_details": mark.raw_details,
    }


def check_suite(world: World, repository: HubRepository, held: CheckSuite, head: StoredCommit) -> Shape:
    """`check-suite`."""
    api = repository_api(world, repository)
    runs = repository.suite_runs(held)
    status, conclusion = together(runs)
    if held.ended_without_runs is not None and not runs:
        status, conclusion = "completed", held.ended_without_runs
    url = f"{api}/check-suites/{held.id}"
    return {
        "id": held.id,
        "node_id": node_id("CS", held.id),
        "head_branch": held.head_branch,
        "head_sha": held.head_sha,
        "status": status,
        "conclusion": conclusion,
        "url": url,
        "before": held.before,
        "after": held.head_sha,
        "pull_requests": pulls_at(world, repository, held.head_sha),
        "app": integration(world, held.app),
        "repository": minimal_repository(world, repository),
        "created_at": stamp(held.created_at),
        "updated_at": stamp(held.updated_at),
        "head_commit": simple_commit(head),
        "latest_check_runs_count": len(runs),
        "check_runs_url": f"{url}/check-runs",
        "rerequestable": True,
        "runs_rerequestable": True,
    }


def _status_fields(world: World, repository: HubRepository, held: CommitStatus) -> Shape:
    return {
        "id": held.id,
        "node_id": node_id("SC", held.id),
        "url": f"{repository_api(world, repository)}/statuses/{held.sha}",
        "avatar_url": str(simple_user(world, held.creator)["avatar_url"]),
        "state": held.state,
        "description": held.description,
        "target_url": held.target_url,
        "context": held.context,
        "created_at": stamp(held.created_at),
        "updated_at": stamp(held.created_at),
    }


def commit_status(world: World, repository: HubRepository, held: CommitStatus) -> Shape:
    """`status`."""
    return {**_status_fields(world, repository, held), "creator": simple_user(world, held.creator)}


def combined_status(world: World, repository: HubRepository, sha: str) -> Shape:
    """`combined-commit-status`."""
    api = repository_api(world, repository)
    latest = latest_statuses(repository, sha)
    return {
        "state": combined_state(latest),
        "sha": sha,
        "total_count": len(latest),
        "statuses": [{**_status_fields(world, repository, each), "required": False} for each in latest],
        "repository": minimal_repository(world, repository),
        "commit_url": f"{api}/commits/{sha}",
        "url": f"{api}/commits/{sha}/status",
    }
