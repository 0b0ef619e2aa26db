"""Workflow runs, their jobs, logs and artifacts.

Logs and artifacts answer with a redirect to an address that needs no credentials, as GitHub's storage does.
"""

import io
import secrets
import zipfile

from bot.localhub.actions.runs import restart_failed
from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.errors import ApiError, not_found
from bot.localhub.permissions import Open, read, write
from bot.localhub.shapes.workflows import artifact as artifact_shape
from bot.localhub.shapes.workflows import job as job_shape
from bot.localhub.shapes.workflows import workflow_run
from bot.localhub.state.workflows import Artifact, Job, WorkflowRun


async def list_runs(call: Call) -> Reply:
    repository = call.repository
    runs = list(reversed(repository.runs.values()))
    sha, branch, event = call.query("head_sha"), call.query("branch"), call.query("event")
    runs = [run for run in runs if sha in ("", run.head_sha) and branch in ("", run.head_branch)]
    runs = [run for run in runs if event in ("", run.event)]
    status = call.query("status")
    runs = [run for run in runs if status in ("", run.status, run.conclusion)]
    page, headers = call.page(runs)
    shapes = [workflow_run(call.world, repository, run, await repository.git.commit(run.head_sha)) for run in page]
    return Reply({"total_count": len(runs), "workflow_runs": shapes}, headers=headers)


def _run(call: Call) -> WorkflowRun:
    run = call.repository.runs.get(call.number("run_id"))
    if run is None:
        raise not_found()
    return run


async def get_run(call: Call) -> Reply:
    run = _run(call)
    head = await call.repository.git.commit(run.head_sha)
    return Reply(workflow_run(call.world, call.repository, run, head))


async def list_jobs(call: Call) -> Reply:
    run = _run(call)
    page, headers = call.page(run.jobs)
    shapes = [job_shape(call.world, call.repository, run, each) for each in page]
    return Reply({"total_count": len(run.jobs), "jobs": shapes}, headers=headers)


def _job(call: Call) -> tuple[WorkflowRun, Job]:
    for run in call.repository.runs.values():
        for job in run.jobs:
            if job.id == call.number("job_id"):
                return run, job
    raise not_found()


async def get_job(call: Call) -> Reply:
    run, job = _job(call)
    return Reply(job_shape(call.world, call.repository, run, job))


def _redirect(call: Call, content: bytes, media_type: str) -> Reply:
    """An address that works once a client follows it, without any credentials."""
    key = secrets.token_urlsafe(24)
    call.world.downloads[key] = (media_type, content)
    return Reply(status=302, headers={"location": f"{call.world.base_url}/_localhub/downloads/{key}"})


async def get_job_log(call: Call) -> Reply:
    _, job = _job(call)
    if job.check.status != "completed":
        raise not_found()
    return _redirect(call, job.log.encode(), "text/plain; charset=utf-8")


async def get_run_logs(call: Call) -> Reply:
    run = _run(call)
    if run.status != "completed":
        raise not_found()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, job in enumerate(run.jobs):
            archive.writestr(f"{number}_{job.name.replace('/', '_')}.txt", job.log)
    return _redirect(call, buffer.getvalue(), "application/zip")


async def list_run_artifacts(call: Call) -> Reply:
    run = _run(call)
    wanted = call.query("name")
    found = [each for each in run.artifacts if wanted in ("", each.name)]
    page, headers = call.page(found)
    shapes = [artifact_shape(call.world, call.repository, run, each) for each in page]
    return Reply({"total_count": len(found), "artifacts": shapes}, headers=headers)


def _artifact(call: Call) -> tuple[WorkflowRun, Artifact]:
    for run in call.repository.runs.values():
        for artifact in run.artifacts:
            if artifact.id == call.number("artifact_id"):
                return run, artifact
    raise not_found()


async def get_artifact(call: Call) -> Reply:
    run, artifact = _artifact(call)
    return Reply(artifact_shape(call.world, call.repository, run, artifact))


async def download_artifact(call: Call) -> Reply:
    return _redirect(call, _artifact(call)[1].archive, "application/zip")


async def rerun_failed(call: Call) -> Reply:
    run = _run(call)
    if not await restart_failed(call.world, call.repository, run):
        raise ApiError(403, "The workflow run cannot be retried")
    return Reply({}, 201, effect=f"queued the failed jobs of run {run.id} again")


async def download(call: Call) -> Reply:
    found = call.world.downloads.get(call.text("key"))
    if found is None:
        raise not_found()
    media_type, content = found
    return Reply(content=content, headers={"content-type": media_type})


_READ = read("actions")
_RUNS = "/repos/{owner}/{repo}/actions/runs"
_RUN = f"{_RUNS}/{{run_id:int}}"
_JOB = "/repos/{owner}/{repo}/actions/jobs/{job_id:int}"
_ARTIFACT = "/repos/{owner}/{repo}/actions/artifacts/{artifact_id:int}"

ROUTES = (
    Route("GET", _RUNS, _READ, list_runs),
    Route("GET", _RUN, _READ, get_run),
    Route("GET", f"{_RUN}/jobs", _READ, list_jobs),
    Route("GET", f"{_RUN}/logs", _READ, get_run_logs),
    Route("GET", f"{_RUN}/artifacts", _READ, list_run_artifacts),
    Route("POST", f"{_RUN}/rerun-failed-jobs", write("actions"), rerun_failed),
    Route("GET", _JOB, _READ, get_job),
    Route("GET", f"{_JOB}/logs", _READ, get_job_log),
    Route("GET", _ARTIFACT, _READ, get_artifact),
    Route("GET", f"{_ARTIFACT}/zip", _READ, download_artifact),
    Route("GET", "/_localhub/downloads/{key}", Open(), download),
)
