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
    text: str | None = None


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
    details_url: str | None = None
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


MOST_TEXT = 65_535
MOST_LABEL = 20
MOST_DESCRIPTION = 40
LEFT_OUT = "\n\nThe rest is left out here."

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
    found = await _find(client, sha, name, external_id)
    return _check_run(found) if found is not None else None


async def keep_check_run(
    client: Client,
    head: CommitSha,
    *,
    name: str,
    external_id: str,
    status: CheckState,
    conclusion: Conclusion | None,
    title: str,
    summary: str,
    text: str,
    actions: tuple[tuple[str, str, str], ...],
    details_url: str = "",
) -> int:
    """Our one check run of this name and key on `head` says so afterwards; its id. Safe to repeat.

    `actions` are buttons as (label, description, identifier): at most three, which GitHub shows once the check run is
    `completed` (GitHub docs: "Check runs and requested actions"); labels and descriptions are cut to what it takes, as
    summary and text are. `conclusion` is given exactly with `completed`. Nothing is sent when it says all that already.
    """
    buttons = [
        {"label": label[:MOST_LABEL], "description": said[:MOST_DESCRIPTION], "identifier": identifier}
        for label, said, identifier in actions
    ]
    # GitHub does not tell which buttons a check run has, so the text does, unseen
    mark = f"\n<!-- buttons: {buttons!r} -->" if buttons else ""
    wanted: dict[str, Any] = {
        "status": status,
        "output": {"title": title, "summary": cut(summary, MOST_TEXT), "text": cut(text, MOST_TEXT - len(mark)) + mark},
        "actions": buttons,
        **({"conclusion": conclusion} if conclusion is not None else {}),
        **({"details_url": details_url} if details_url else {}),
    }
    wanted = client.guarded(wanted)
    found = await _find(client, head, name, external_id)
    if found is None:
        body = {"name": name, "head_sha": head, "external_id": external_id, **wanted}
        return (await client.send(_CHECK_RUN, "POST", f"{client.repository}/check-runs", body)).id
    if not _says(found, wanted):
        await client.send(_CHECK_RUN, "PATCH", f"{client.repository}/check-runs/{found.id}", wanted)
    return found.id


def cut(text: str, most: int) -> str:
    """The text, its end left out where it has more than `most` characters."""
    return text if len(text) <= most else text[: most - len(LEFT_OUT)] + LEFT_OUT


def _says(found: _CheckRun, wanted: dict[str, Any]) -> bool:
    same_output = all(
        (getattr(found.output, part) or "").strip() == said.strip() for part, said in wanted["output"].items()
    )
    same_place = wanted.get("details_url", found.details_url) == found.details_url
    return (
        same_output and same_place and (found.status, found.conclusion) == (wanted["status"], wanted.get("conclusion"))
    )


async def _find(client: Client, sha: CommitSha, name: str, external_id: str) -> _CheckRun | None:
    app = await client.identity()
    query = {"check_name": name, "app_id": app.id, "filter": "all"}
    async for page in client.pages(_CHECK_RUNS, f"{client.repository}/commits/{sha}/check-runs", query):
        for entry in page.check_runs:
            if entry.external_id == external_id and entry.app is not None and entry.app.id == app.id:
                return entry
    return None


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
