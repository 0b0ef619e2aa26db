"""Labels of the repository and of its issues."""

import json

from pydantic import BaseModel

from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.effects import issues as effects
from bot.localhub.errors import ApiError, invalid, not_found
from bot.localhub.permissions import read, write
from bot.localhub.rest.issues import LabelName, actor, label_names, named_issue, set_labels
from bot.localhub.shapes.issues import issue_labels
from bot.localhub.shapes.repositories import label as label_shape
from bot.localhub.state.issues import Label


class NewLabel(BaseModel):
    name: str
    color: str = "ededed"
    description: str | None = None


class LabelChange(BaseModel):
    new_name: str | None = None
    color: str | None = None
    description: str | None = None


class LabelList(BaseModel):
    """The object form of the body; GitHub also takes the bare list."""

    labels: list[str | LabelName] = []


def _wished(call: Call) -> list[str]:
    try:
        content: object = json.loads(call.raw or b"{}")
    except ValueError as error:
        raise ApiError(400, "Problems parsing JSON") from error
    if isinstance(content, list):
        call.raw = json.dumps({"labels": content}).encode()
    return label_names(call.parse(LabelList).labels)


async def list_repository_labels(call: Call) -> Reply:
    page, headers = call.page(list(call.repository.labels.values()))
    return Reply([label_shape(call.world, call.repository, each) for each in page], headers=headers)


async def create_label(call: Call) -> Reply:
    wish = call.parse(NewLabel)
    if wish.name.lower() in call.repository.labels:
        raise invalid("Label", "name", "already_exists")
    held = Label(call.world.next_id("label"), wish.name, wish.color, wish.description)
    call.repository.labels[wish.name.lower()] = held
    shape = label_shape(call.world, call.repository, held)
    return Reply(shape, 201, {"location": str(shape["url"])}, f"created label {wish.name!r}")


def _label(call: Call) -> Label:
    held = call.repository.labels.get(call.text("name").lower())
    if held is None:
        raise not_found()
    return held


async def get_label(call: Call) -> Reply:
    return Reply(label_shape(call.world, call.repository, _label(call)))


async def update_label(call: Call) -> Reply:
    held, wish = _label(call), call.parse(LabelChange)
    if wish.new_name is not None:
        del call.repository.labels[held.name.lower()]
        for issue in call.repository.issues.values():
            issue.labels = [wish.new_name if name == held.name else name for name in issue.labels]
        held.name = wish.new_name
        call.repository.labels[held.name.lower()] = held
    held.color = held.color if wish.color is None else wish.color
    held.description = held.description if wish.description is None else wish.description
    return Reply(label_shape(call.world, call.repository, held), effect=f"changed label {held.name!r}")


async def list_labels(call: Call) -> Reply:
    page, headers = call.page(issue_labels(call.world, call.repository, named_issue(call)))
    return Reply(page, headers=headers)


async def add_labels(call: Call) -> Reply:
    issue = named_issue(call)
    added = await effects.add_labels(call.world, call.repository, issue, _wished(call), actor(call))
    effect = f"added labels {added} to #{issue.number}"
    return Reply(issue_labels(call.world, call.repository, issue), effect=effect)


async def replace_labels(call: Call) -> Reply:
    issue = named_issue(call)
    await set_labels(call, issue, _wished(call))
    effect = f"set labels {issue.labels} of #{issue.number}"
    return Reply(issue_labels(call.world, call.repository, issue), effect=effect)


async def remove_label(call: Call) -> Reply:
    issue, name = named_issue(call), call.text("name")
    if not await effects.remove_label(call.world, call.repository, issue, name, actor(call)):
        raise ApiError(404, "Label does not exist")
    effect = f"removed label {name!r} from #{issue.number}"
    return Reply(issue_labels(call.world, call.repository, issue), effect=effect)


async def remove_all_labels(call: Call) -> Reply:
    issue = named_issue(call)
    await set_labels(call, issue, [])
    return Reply(status=204, effect=f"removed all labels from #{issue.number}")


_READ = read("issues", "pull_requests")
_TRIAGE = write("issues", "pull_requests", role="triage")
_ON_ISSUE = "/repos/{owner}/{repo}/issues/{number:int}/labels"

ROUTES = (
    Route("GET", "/repos/{owner}/{repo}/labels", _READ, list_repository_labels),
    Route("POST", "/repos/{owner}/{repo}/labels", write("issues", "pull_requests"), create_label),
    Route("GET", "/repos/{owner}/{repo}/labels/{name}", _READ, get_label),
    Route("PATCH", "/repos/{owner}/{repo}/labels/{name}", write("issues", "pull_requests"), update_label),
    Route("GET", _ON_ISSUE, _READ, list_labels),
    Route("POST", _ON_ISSUE, _TRIAGE, add_labels),
    Route("PUT", _ON_ISSUE, _TRIAGE, replace_labels),
    Route("DELETE", _ON_ISSUE, _TRIAGE, remove_all_labels),
    Route("DELETE", f"{_ON_ISSUE}/{{name:path}}", _TRIAGE, remove_label),
)
