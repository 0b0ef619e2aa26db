"""Issues and their history."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.effects import issues as effects
from bot.localhub.effects.issues import Actor
from bot.localhub.effects.pulls import reopen
from bot.localhub.errors import ApiError, invalid, moved, not_found
from bot.localhub.journal import READS
from bot.localhub.permissions import read, require_role, sees, write
from bot.localhub.shapes.issues import issue as issue_shape
from bot.localhub.shapes.issues import issue_event
from bot.localhub.state.accounts import Account
from bot.localhub.state.issues import Issue, IssueState

MOST_BODY_CHARACTERS = 65_536
"""Also of comments: https://github.com/orgs/community/discussions/41331"""


class LabelName(BaseModel):
    name: str


class NewIssue(BaseModel):
    title: str
    body: str | None = None
    labels: list[str | LabelName] = []
    assignees: list[str] = []


class IssueChange(BaseModel):
    """Body of PATCH issues/{n}; what is absent stays as it is."""

    title: str | None = None
    body: str | None = None
    state: IssueState | None = None
    state_reason: Literal["completed", "not_planned", "duplicate", "reopened"] | None = None
    labels: list[str | LabelName] | None = None
    assignees: list[str] | None = None


def label_names(wish: list[str | LabelName]) -> list[str]:
    """Names out of the two forms that GitHub accepts."""
    return [each if isinstance(each, str) else each.name for each in wish]


def actor(call: Call) -> Actor:
    return Actor(call.actor, call.app)


def named_issue(call: Call) -> Issue:
    """The issue or pull request that the path names; raises 404, or 301 to where it was transferred."""
    number = call.number("number")
    issue = call.repository.issues.get(number)
    if issue is None:
        _send_on(call, number)
        raise not_found()
    return issue


def _send_on(call: Call, number: int) -> None:
    target, new = call.repository.transferred.get(number, (-1, -1))
    found = call.world.repositories.get(target)
    if found is not None and sees(call.world, call.identity, found):
        rest = call.request.url.path.partition(f"/issues/{number}")[2]
        place = f"{call.world.api_url}/repositories/{found.id}/issues/{new}{rest}"
        raise moved(place, reading=call.request.method in READS)


def check_body(resource: str, body: str | None, most: int = MOST_BODY_CHARACTERS) -> None:
    """Refuse a text that GitHub finds too long."""
    if body is not None and len(body) > most:
        message = f"body is too long (maximum is {most} characters)"
        raise invalid(resource, "body", "custom", message)


def _accounts(call: Call, logins: list[str]) -> list[Account]:
    found = [call.world.account(login) for login in logins]
    return [account for account in found if account is not None and call.world.role(call.repository, account)]


async def list_issues(call: Call) -> Reply:
    """Open ones unless asked otherwise, newest first; pull requests are among them, as on GitHub."""
    issues = list(call.repository.issues.values())
    state = call.query("state", "open")
    if state != "all":
        issues = [each for each in issues if each.state == state]
    for wanted in filter(None, call.query("labels").split(",")):
        issues = [each for each in issues if wanted.lower() in [name.lower() for name in each.labels]]
    if since := call.query("since"):
        moment = datetime.fromisoformat(since)
        issues = [each for each in issues if each.updated_at >= moment]
    if creator := call.query("creator"):
        issues = [each for each in issues if each.user.login.lower() == creator.lower()]
    updated = call.query("sort") == "updated"
    issues.sort(
        key=lambda each: (each.updated_at if updated else each.created_at, each.number),
        reverse=call.query("direction", "desc") != "asc",
    )
    page, headers = call.page(issues)
    return Reply([issue_shape(call.world, call.repository, each) for each in page], headers=headers)


async def create_issue(call: Call) -> Reply:
    wish = call.parse(NewIssue)
    if not wish.title.strip():
        raise invalid("Issue", "title", "missing_field")
    check_body("Issue", wish.body, call.world.most_issue_characters)
    labels, assignees = label_names(wish.labels), _accounts(call, wish.assignees)
    may_triage = call.app is not None or call.world.has_role(call.repository, call.actor, "triage")
    if not may_triage:
        labels, assignees = [], []
    issue = await effects.open_issue(call.world, call.repository, actor(call), wish.title, wish.body, labels, assignees)
    shape = issue_shape(call.world, call.repository, issue)
    return Reply(shape, 201, {"location": str(shape["url"])}, f"opened issue #{issue.number}")


async def get_issue(call: Call) -> Reply:
    return Reply(issue_shape(call.world, call.repository, named_issue(call)))


async def update_issue(call: Call) -> Reply:
    """Title, body and state are also the author's own; the rest asks for triage."""
    wish, issue, world, repository = call.parse(IssueChange), named_issue(call), call.world, call.repository
    own = issue.user is call.actor and wish.labels is None and wish.assignees is None
    if not own:
        require_role(world, call.identity, repository, "triage")
    if wish.title is not None and not wish.title.strip():
        raise invalid("Issue", "title", "missing_field")
    check_body("Issue", wish.body)
    body = "" if "body" in wish.model_fields_set and wish.body is None else wish.body
    await effects.edit(world, repository, issue, actor(call), wish.title, body)
    if wish.labels is not None:
        await set_labels(call, issue, label_names(wish.labels))
    if wish.assignees is not None:
        issue.assignees = _accounts(call, wish.assignees)
    if wish.state == "open" and issue.state == "closed" and issue.pull is not None:
        await reopen(world, repository, issue, issue.pull, actor(call))
    elif wish.state is not None:
        await effects.set_state(world, repository, issue, actor(call), wish.state, wish.state_reason)
    changed = ", ".join(sorted(wish.model_fields_set))
    return Reply(issue_shape(world, repository, issue), effect=f"changed {changed} of #{issue.number}")


async def set_labels(call: Call, issue: Issue, names: list[str]) -> None:
    """Make the issue carry exactly these labels."""
    wanted = {name.lower() for name in names}
    for name in list(issue.labels):
        if name.lower() not in wanted:
            await effects.remove_label(call.world, call.repository, issue, name, actor(call))
    await effects.add_labels(call.world, call.repository, issue, names, actor(call))


async def list_events(call: Call) -> Reply:
    page, headers = call.page(named_issue(call).events)
    return Reply([issue_event(call.world, call.repository, each) for each in page], headers=headers)


async def lock_issue(call: Call) -> Reply:
    issue = named_issue(call)
    issue.locked = True
    effects.remember(call.world, issue, "locked", actor(call))
    await effects.tell(call.world, call.repository, issue, "locked", actor(call))
    return Reply(status=204, effect=f"locked #{issue.number}")


async def unlock_issue(call: Call) -> Reply:
    issue = named_issue(call)
    issue.locked = False
    effects.remember(call.world, issue, "unlocked", actor(call))
    await effects.tell(call.world, call.repository, issue, "unlocked", actor(call))
    return Reply(status=204, effect=f"unlocked #{issue.number}")


def require_unlocked(call: Call, issue: Issue) -> None:
    """A locked conversation takes comments only from people with write access, and from Apps."""
    if issue.locked and call.app is None and not call.world.has_role(call.repository, call.actor, "write"):
        raise ApiError(403, "Unable to create comment because issue is locked.")


_READ = read("issues", "pull_requests")
_WRITE = write("issues", "pull_requests", role="read")
_MAINTAIN = write("issues", "pull_requests", role="write")

ROUTES = (
    Route("GET", "/repos/{owner}/{repo}/issues", _READ, list_issues),
    Route("POST", "/repos/{owner}/{repo}/issues", write("issues", role="read"), create_issue),
    Route("GET", "/repos/{owner}/{repo}/issues/{number:int}", _READ, get_issue),
    Route("PATCH", "/repos/{owner}/{repo}/issues/{number:int}", _WRITE, update_issue),
    Route("GET", "/repos/{owner}/{repo}/issues/{number:int}/events", _READ, list_events),
    Route("PUT", "/repos/{owner}/{repo}/issues/{number:int}/lock", _MAINTAIN, lock_issue),
    Route("DELETE", "/repos/{owner}/{repo}/issues/{number:int}/lock", _MAINTAIN, unlock_issue),
)
