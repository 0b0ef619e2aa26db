"""GitHub Actions: which runs and jobs a commit got, the end of a job's log, and having failed jobs run again."""

from collections import deque
from datetime import datetime

from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.errors import TooLarge
from bot.github.wire import conclusion, state
from bot.model.forge import Job, LogEnd, WorkflowRun
from bot.model.ids import CommitSha

MOST_LOG_BYTES = 512 * 1024**2
"""A log beyond this is not read to its end."""


class _Run(BaseModel):
    id: int
    name: str | None = None
    event: str
    head_sha: CommitSha
    status: str | None = None
    conclusion: str | None = None
    run_attempt: int = 1
    check_suite_id: int | None = None
    path: str = ""
    html_url: str = ""


class _Runs(BaseModel):
    workflow_runs: list[_Run]


class _Step(BaseModel):
    name: str
    conclusion: str | None = None


class _Job(BaseModel):
    id: int
    run_id: int
    name: str
    status: str
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    steps: list[_Step] = []
    html_url: str | None = None


class _Jobs(BaseModel):
    jobs: list[_Job]


_RUNS = TypeAdapter(_Runs)
_JOBS = TypeAdapter(_Jobs)


async def list_workflow_runs(client: Client, sha: CommitSha) -> tuple[WorkflowRun, ...]:
    """The workflow runs of a commit, newest first, each as of its latest attempt."""
    return tuple(
        WorkflowRun(
            id=run.id,
            name=run.name or "",
            event=run.event,
            head_sha=run.head_sha,
            state=state(run.status),
            conclusion=conclusion(run.conclusion),
            attempt=run.run_attempt,
            check_suite=run.check_suite_id,
            path=run.path,
            url=run.html_url,
        )
        for page in await client.every(_RUNS, f"{client.repository}/actions/runs", {"head_sha": sha})
        for run in page.workflow_runs
    )


async def list_jobs(client: Client, run: int) -> tuple[Job, ...]:
    """The jobs of a workflow run's latest attempt."""
    path = f"{client.repository}/actions/runs/{run}/jobs"
    return tuple(
        Job(
            id=job.id,
            run=job.run_id,
            name=job.name,
            state=state(job.status),
            conclusion=conclusion(job.conclusion),
            failed_steps=tuple(step.name for step in job.steps if step.conclusion == "failure"),
            started_at=job.started_at,
            completed_at=job.completed_at,
            url=job.html_url or "",
        )
        for page in await client.every(_JOBS, path, {"filter": "latest"})
        for job in page.jobs
    )


async def read_log_end(client: Client, job: int, *, most_bytes: int = 65_536) -> LogEnd:
    """The last `most_bytes` of a job's log; raises `NotFound` while there is none or when it has expired."""
    kept: deque[bytes] = deque()
    held = read = 0
    async for piece in client.download(f"{client.repository}/actions/jobs/{job}/logs"):
        kept.append(piece)
        read += len(piece)
        held += len(piece)
        while held - len(kept[0]) >= most_bytes:
            held -= len(kept.popleft())
        if read > MOST_LOG_BYTES:
            raise TooLarge(f"the log of job {job} has more than {MOST_LOG_BYTES} bytes; look at it on GitHub")
    end = b"".join(kept)[-most_bytes:]
    return LogEnd(end.decode("utf-8", "replace"), read - len(end))


async def rerun_failed_jobs(client: Client, run: int) -> None:
    """Run the failed jobs of a workflow run again; needs a client with `RERUNNING` permissions.

    Raises `NotPermitted` where no administrator granted that, `Refused` while the run has not ended.
    """
    await client.order("POST", f"{client.repository}/actions/runs/{run}/rerun-failed-jobs")
