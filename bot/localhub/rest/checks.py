"""Check runs and suites.

Limits: 50 annotations a request, summary and text 65,535 characters; a check run belongs to the App that made it.
https://docs.github.com/en/rest/checks/runs
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.effects.checks import changed, rerequest, suite_for, tell_check
from bot.localhub.errors import ApiError, invalid, not_accessible, not_found
from bot.localhub.permissions import read, write
from bot.localhub.rest.statuses import named_commit
from bot.localhub.shapes.checks import annotation, check_run, check_suite
from bot.localhub.state.accounts import App
from bot.localhub.state.checks import AnnotationLevel, CheckButton, CheckSuite, HubCheckRun, LineAnnotation
from bot.localhub.verdicts import latest_checks
from bot.model.check import CheckState

MOST_TEXT_CHARACTERS = 65_535
MOST_ANNOTATIONS = 50
Text = Annotated[str, Field(max_length=MOST_TEXT_CHARACTERS)]
GivenConclusion = Literal["action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"]


class AnnotationWish(BaseModel):
    path: str
    start_line: int
    end_line: int
    annotation_level: AnnotationLevel
    message: str
    title: str | None = None
    raw_details: str | None = None
    start_column: int | None = None
    end_column: int | None = None


class Output(BaseModel):
    title: str | None = None
    summary: Text | None = None
    text: Text | None = None
    annotations: Annotated[list[AnnotationWish], Field(max_length=MOST_ANNOTATIONS)] = []


class Button(BaseModel):
    label: Annotated[str, Field(max_length=20)]
    description: Annotated[str, Field(max_length=40)]
    identifier: Annotated[str, Field(max_length=20)]


class CheckChange(BaseModel):
    """Body of PATCH check-runs/{id}."""

    name: str | None = None
    status: CheckState | None = None
    conclusion: GivenConclusion | None = None
    details_url: str | None = None
    external_id: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    output: Output | None = None
    actions: Annotated[list[Button], Field(max_length=3)] | None = None


class NewCheck(CheckChange):
    """Body of POST check-runs."""

    head_sha: str


def _app(call: Call) -> App:
    if call.app is None:
        raise ApiError(403, "You must authenticate via a GitHub App.")
    return call.app


async def create_check(call: Call) -> Reply:
    wish, world, repository = call.parse(NewCheck), call.world, call.repository
    if not wish.name:
        raise ApiError(422, 'Invalid request.\n\n"name" wasn\'t supplied.')
    if await repository.git.kind(wish.head_sha) != "commit":
        raise ApiError(422, f"No commit found for SHA: {wish.head_sha}")
    suite = suite_for(world, repository, _app(call), wish.head_sha, await _branch_at(call, wish.head_sha))
    check = HubCheckRun(
        id=world.next_id("check"),
        suite=suite,
        name=wish.name,
        head_sha=wish.head_sha,
        status="queued",
        conclusion=None,
        started_at=world.now(),
        completed_at=None,
        external_id="",
        details_url=None,
    )
    _apply(call, check, wish)
    repository.checks[check.id] = check
    tell_check(world, repository, check, "created", call.actor)
    await changed(world, repository, check, False, call.actor)
    shape = check_run(world, repository, check)
    state = check.conclusion or check.status
    return Reply(shape, 201, {"location": str(shape["url"])}, f"created check run {check.id} {check.name!r}: {state}")


async def _branch_at(call: Call, sha: str) -> str | None:
    refs = await call.repository.git.refs("refs/heads/")
    return next((ref.removeprefix("refs/heads/") for ref, at in refs.items() if at == sha), None)


def _apply(call: Call, check: HubCheckRun, wish: CheckChange) -> None:
    check.name = wish.name or check.name
    check.details_url = wish.details_url or check.details_url
    check.external_id = check.external_id if wish.external_id is None else wish.external_id
    check.started_at = wish.started_at or check.started_at
    if wish.status == "completed" and wish.conclusion is None and check.conclusion is None:
        raise invalid("CheckRun", "conclusion", "missing_field")
    if wish.status is not None:
        check.status = wish.status
    if wish.status in ("queued", "in_progress") and wish.conclusion is None:
        check.conclusion, check.completed_at = None, None
    if wish.conclusion is not None:
        check.status, check.conclusion = "completed", wish.conclusion
        check.completed_at = wish.completed_at or check.completed_at or call.world.now()
    if wish.output is not None:
        _apply_output(check, wish.output)
    if wish.actions is not None:
        check.buttons = tuple(CheckButton(each.label, each.description, each.identifier) for each in wish.actions)


def _apply_output(check: HubCheckRun, output: Output) -> None:
    """Annotations of a further request come on top of those that are there."""
    check.title = output.title if output.title is not None else check.title
    check.summary = output.summary if output.summary is not None else check.summary
    check.text = output.text if output.text is not None else check.text
    for wish in output.annotations:
        check.annotations.append(
            LineAnnotation(
                path=wish.path,
                start_line=wish.start_line,
                end_line=wish.end_line,
                level=wish.annotation_level,
                message=wish.message,
                title=wish.title,
                raw_details=wish.raw_details,
                start_column=wish.start_column,
                end_column=wish.end_column,
            )
        )


def _check(call: Call) -> HubCheckRun:
    check = call.repository.checks.get(call.number("check_id"))
    if check is None:
        raise not_found()
    return check


async def get_check(call: Call) -> Reply:
    return Reply(check_run(call.world, call.repository, _check(call)))


async def update_check(call: Call) -> Reply:
    check, wish = _check(call), call.parse(CheckChange)
    if check.suite.app is not _app(call):
        raise not_accessible()
    was_completed = check.status == "completed"
    _apply(call, check, wish)
    await changed(call.world, call.repository, check, was_completed, call.actor)
    state = check.conclusion or check.status
    return Reply(check_run(call.world, call.repository, check), effect=f"changed check run {check.id}: {state}")


async def rerequest_check(call: Call) -> Reply:
    check = _check(call)
    rerequest(call.world, call.repository, check, call.actor)
    return Reply({}, 201, effect=f"asked for check run {check.id} again")


async def list_annotations(call: Call) -> Reply:
    check = _check(call)
    page, headers = call.page(check.annotations)
    return Reply([annotation(call.world, call.repository, check, each) for each in page], headers=headers)


def _filtered(call: Call, checks: list[HubCheckRun]) -> list[HubCheckRun]:
    name, status, app = call.query("check_name"), call.query("status"), call.query("app_id")
    return [
        each
        for each in checks
        if name in ("", each.name) and status in ("", each.status) and app in ("", str(each.suite.app.id))
    ]


async def list_for_ref(call: Call) -> Reply:
    repository, sha = call.repository, await named_commit(call)
    newest = latest_checks(repository, sha)
    every = [each for each in reversed(repository.checks.values()) if each.head_sha == sha]
    found = _filtered(call, every if call.query("filter") == "all" else newest)
    page, headers = call.page(found)
    shapes = [check_run(call.world, repository, each) for each in page]
    return Reply({"total_count": len(found), "check_runs": shapes}, headers=headers)


async def list_suites(call: Call) -> Reply:
    repository, sha = call.repository, await named_commit(call)
    app = call.query("app_id")
    found = [each for each in repository.suites if each.head_sha == sha and app in ("", str(each.app.id))]
    page, headers = call.page(found)
    head = await repository.git.commit(sha)
    shapes = [check_suite(call.world, repository, each, head) for each in page]
    return Reply({"total_count": len(found), "check_suites": shapes}, headers=headers)


def _suite(call: Call) -> CheckSuite:
    found = next((each for each in call.repository.suites if each.id == call.number("suite_id")), None)
    if found is None:
        raise not_found()
    return found


async def get_suite(call: Call) -> Reply:
    suite = _suite(call)
    return Reply(check_suite(call.world, call.repository, suite, await call.repository.git.commit(suite.head_sha)))


async def list_for_suite(call: Call) -> Reply:
    found = _filtered(call, call.repository.suite_runs(_suite(call)))
    page, headers = call.page(found)
    shapes = [check_run(call.world, call.repository, each) for each in page]
    return Reply({"total_count": len(found), "check_runs": shapes}, headers=headers)


_READ = read("checks")
_WRITE = write("checks", role=None)
_RUN = "/repos/{owner}/{repo}/check-runs/{check_id:int}"
_SUITE = "/repos/{owner}/{repo}/check-suites/{suite_id:int}"
_COMMIT = "/repos/{owner}/{repo}/commits/{ref:path}"

ROUTES = (
    Route("POST", "/repos/{owner}/{repo}/check-runs", _WRITE, create_check),
    Route("GET", _RUN, _READ, get_check),
    Route("PATCH", _RUN, _WRITE, update_check),
    Route("GET", f"{_RUN}/annotations", _READ, list_annotations),
    Route("POST", f"{_RUN}/rerequest", write("checks"), rerequest_check),
    Route("GET", _SUITE, _READ, get_suite),
    Route("GET", f"{_SUITE}/check-runs", _READ, list_for_suite),
    Route("GET", f"{_COMMIT}/check-runs", _READ, list_for_ref),
    Route("GET", f"{_COMMIT}/check-suites", _READ, list_suites),
)
