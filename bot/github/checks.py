"""What is said about a commit: check runs, commit statuses, suites and annotations; and our own check run.

Commit statuses are older than check runs and still in use; they are read as check runs that no App made.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.wire import AppReference, conclusion, state
from bot.model.check import Annotation, CheckRun, CheckState, Conclusion
from bot.model.forge import CheckSuite
from bot.model.ids import CommitSha


class _Output(BaseModel):
    title: str | None = None
    summary: str | None = None


class _SuiteReference(BaseModel):
    id: int


class _CheckRun(BaseModel):
    id: int
    name: str
    head_sha: CommitSha
    external_id: str | None = None
    status: str
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    output: _Output = _Output()
    app: AppReference | None = None
    html_url: str | None = None
    check_suite: _SuiteReference | None = None


class _CheckRuns(BaseModel):
    check_runs: list[_CheckRun]


class _Suite(BaseModel):
    id: int
    app: AppReference | None = None
    status: str | None = None
    conclusion: str | None = None
    latest_check_runs_count: int = 0


class _Suites(BaseModel):
    check_suites: list[_Suite]


class _Status(BaseModel):
    id: int
    context: str
    state: str
    description: str | None = None
    target_url: str | None = None
    created_at: datetime
    updated_at: datetime


class _Statuses(BaseModel):
    sha: CommitSha
    statuses: list[_Status]


class _Annotation(BaseModel):
    path: str
    start_line: int
    annotation_level: str | None = None
    message: str | None = None


_CHECK_RUN = TypeAdapter(_CheckRun)
_CHECK_RUNS = TypeAdapter(_CheckRuns)
_SUITES = TypeAdapter(_Suites)
_STATUSES = TypeAdapter(_Statuses)
_ANNOTATIONS = TypeAdapter(list[_Annotation])


async def list_check_runs(client: Client, sha: CommitSha) -> tuple[CheckRun, ...]:
    """The latest check run of each name and App on a commit."""
    path = f"{client.repository}/commits/{sha}/check-runs"
    return tuple(
        _check_run(entry)
        for page in await client.every(_CHECK_RUNS, path, {"filter": "latest"})
        for entry in page.check_runs
    )


async def list_statuses(client: Client, sha: CommitSha) -> tuple[CheckRun, ...]:
    """The latest commit status of each context on a commit."""
    return tuple(
        _of_status(page.sha, entry)
        for page in await client.every(_STATUSES, f"{client.repository}/commits/{sha}/status")
        for entry in page.statuses
    )


async def list_check_suites(client: Client, sha: CommitSha) -> tuple[CheckSuite, ...]:
    """Which Apps have announced to say something about a commit, and how far they are."""
    return tuple(
        CheckSuite(
            id=suite.id,
            app=suite.app.id,
            state=state(suite.status),
            conclusion=conclusion(suite.conclusion),
            check_runs=suite.latest_check_runs_count,
        )
        for page in await client.every(_SUITES, f"{client.repository}/commits/{sha}/check-suites")
        for suite in page.check_suites
        if suite.app is not None
    )


async def list_annotations(client: Client, check_run: int, *, most: int = 500) -> tuple[Annotation, ...]:
    """A check run's remarks in the code, the first `most` of them: a hostile run can make any number."""
    found: list[Annotation] = []
    async for page in client.pages(_ANNOTATIONS, f"{client.repository}/check-runs/{check_run}/annotations"):
        found += [
            Annotation(entry.path, entry.start_line, entry.annotation_level or "", entry.message or "")
            for entry in page
        ]
        if len(found) >= most:
            break
    return tuple(found[:most])


async def find_check_run(client: Client, sha: CommitSha, name: str, external_id: str) -> CheckRun | None:
    """Our App's own check run of that name with that key, None when it was never made."""
    app = await client.identity()
    path = f"{client.repository}/commits/{sha}/check-runs"
    query = {"check_name": name, "app_id": app.id, "filter": "all"}
    async for page in client.pages(_CHECK_RUNS, path, query):
        for entry in page.check_runs:
            if entry.external_id == external_id and entry.app is not None and entry.app.id == app.id:
                return _check_run(entry)
    return None


async def create_check_run(
    client: Client,
    *,
    sha: CommitSha,
    name: str,
    external_id: str,
    title: str,
    summary: str,
    details_url: str | None = None,
) -> CheckRun:
    """Our check run with the key `external_id`, in progress, or the one that there is already; safe to repeat."""
    found = await find_check_run(client, sha, name, external_id)
    if found is not None:
        return found
    body: dict[str, Any] = {
        "name": name,
        "head_sha": sha,
        "external_id": external_id,
        "status": "in_progress",
        "output": {"title": title, "summary": summary},
    }
    if details_url is not None:
        body["details_url"] = details_url
    return _check_run(await client.send(_CHECK_RUN, "POST", f"{client.repository}/check-runs", body))


async def update_check_run(
    client: Client,
    check_run: int,
    *,
    title: str,
    summary: str,
    conclude: Conclusion | None = None,
) -> CheckRun:
    """Say how far it is or, with `conclude`, how it ended; safe to repeat."""
    body: dict[str, Any] = {"output": {"title": title, "summary": summary}}
    body |= {"status": "in_progress"} if conclude is None else {"status": "completed", "conclusion": conclude}
    return _check_run(await client.send(_CHECK_RUN, "PATCH", f"{client.repository}/check-runs/{check_run}", body))


def _check_run(entry: _CheckRun) -> CheckRun:
    said = [text for text in (entry.output.title, entry.output.summary) if text]
    return CheckRun(
        id=entry.id,
        name=entry.name,
        head_sha=entry.head_sha,
        app=entry.app.id if entry.app is not None else None,
        state=state(entry.status),
        conclusion=conclusion(entry.conclusion),
        started_at=entry.started_at,
        completed_at=entry.completed_at,
        summary="\n".join(said),
        url=entry.html_url or "",
        suite=entry.check_suite.id if entry.check_suite is not None else None,
    )


def _of_status(sha: CommitSha, entry: _Status) -> CheckRun:
    found: tuple[CheckState, Conclusion | None]
    match entry.state:
        case "success":
            found = "completed", "success"
        case "pending":
            found = "in_progress", None
        case _:
            found = "completed", "failure"
    return CheckRun(
        id=entry.id,
        name=entry.context,
        head_sha=sha,
        app=None,
        state=found[0],
        conclusion=found[1],
        started_at=entry.created_at,
        completed_at=entry.updated_at if found[0] == "completed" else None,
        summary=entry.description or "",
        url=entry.target_url or "",
    )
