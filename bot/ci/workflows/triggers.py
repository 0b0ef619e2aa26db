"""Which events a branch of the bot and its pull request bring about, and whether a workflow listens to them.

Two kinds: events that run what the branch says, and events that run what the default branch says, with its secrets,
about the branch. The second kind counts as well, because such workflows are written to take the branch's content in.
https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from bot.ci.workflows.expression import Known, Unknown, Value
from bot.ci.workflows.pattern import matches
from bot.ci.workflows.reading import Node, WorkflowFile, strings

ON_THE_BRANCH: Final = ("push", "create")
ON_THE_PULL_REQUEST: Final = ("pull_request", "pull_request_review", "pull_request_review_comment")
ON_THE_DEFAULT_BRANCH: Final = ("pull_request_target", "workflow_run")

_OWN_ONLY: Final = frozenset({"dependabot[bot]", "dependabot-preview[bot]", "renovate[bot]"})
"""Bots that act on pull requests of their own alone."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What the bot does in a repository, as its workflows see it."""

    branch: str
    default_branch: str
    actor: str = ""
    """Login of the bot; empty where it is not known."""
    repository: str = ""
    """`owner/name`; empty where it is not known."""


def events(workflow: WorkflowFile, visit: Visit) -> list[str]:
    """Events of a visit that may start the workflow; `workflow_run` is `follows`."""
    return [
        event
        for event in (*ON_THE_BRANCH, *ON_THE_PULL_REQUEST, "pull_request_target")
        if event in workflow.triggers and _listens(event, workflow.triggers[event], visit)
    ]


def follows(workflow: WorkflowFile, running: Collection[str], silent: Collection[str], visit: Visit) -> bool:
    """Whether it may start after one of the workflows that run in a visit.

    `running` are names of workflows that do, `silent` of those that certainly don't; a name in neither is somebody
    else's, such as one that GitHub made up, and may run.
    """
    filters = workflow.triggers.get("workflow_run")
    if filters is None or not _branch_passes(filters, visit.branch):
        return False
    return any(name in running or name not in silent for name in strings(filters.get("workflows")))


def known_of(event: str, visit: Visit) -> Known:
    """What is certain of the contexts when `event` comes of a visit.

    Who acts on a pull request is not: a person may label or reopen what the bot wrote. Nobody has merged it yet.
    """
    bot: Value = visit.actor or Unknown(_OWN_ONLY)
    here: Value = visit.repository or Unknown()
    values: dict[str, Value] = {
        "github.event_name": event,
        "github.event.repository.default_branch": visit.default_branch,
        "github.repository": here,
        "github.actor": Unknown(_OWN_ONLY),
        "github.ref_type": "branch",
        "github.head_ref": "",
        "github.base_ref": "",
    }
    if event in ON_THE_BRANCH:
        pushed = {"github.event.deleted": False, "github.event.ref": f"refs/heads/{visit.branch}"}
        values |= _standing_on(visit.branch) | {"github.actor": bot} | (pushed if event == "push" else {})
    elif event == "workflow_run":
        values |= _standing_on(visit.default_branch) | {
            "github.event.workflow_run.head_branch": visit.branch,
            "github.event.workflow_run.head_repository.fork": False,
            "github.event.workflow_run.head_repository.full_name": here,
        }
    else:
        values |= _pull_request(visit, bot, here)
        # What runs is a merge of both, whose number no pull request has
        values |= {"github.ref": "refs/pull/0/merge", "github.ref_name": "0/merge"}
        values |= _standing_on(visit.default_branch) if event == "pull_request_target" else {}
    return Known(values, ("inputs", "github.event.inputs", *_without(event)))


def _pull_request(visit: Visit, bot: Value, here: Value) -> dict[str, Value]:
    return {
        "github.head_ref": visit.branch,
        "github.base_ref": visit.default_branch,
        "github.event.pull_request.head.ref": visit.branch,
        "github.event.pull_request.base.ref": visit.default_branch,
        "github.event.pull_request.head.repo.fork": False,
        "github.event.pull_request.head.repo.full_name": here,
        "github.event.pull_request.merged": False,
        "github.event.pull_request.user.login": bot,
    }


def _standing_on(branch: str) -> dict[str, Value]:
    return {"github.ref": f"refs/heads/{branch}", "github.ref_name": branch}


def _without(event: str) -> tuple[str, ...]:
    """Parts of the payload that the event does not have."""
    if event in ON_THE_BRANCH:
        return "github.event.pull_request", "github.event.workflow_run", "github.event.action"
    return ("github.event.pull_request",) if event == "workflow_run" else ("github.event.workflow_run",)


def _listens(event: str, filters: Mapping[str, Node], visit: Visit) -> bool:
    match event:
        case "push":
            only_tags = "branches" not in filters and "branches-ignore" not in filters
            if only_tags and ("tags" in filters or "tags-ignore" in filters):
                return False
            return _branch_passes(filters, visit.branch)
        case "pull_request" | "pull_request_target":
            return _branch_passes(filters, visit.default_branch)
        case _:
            return True


def _branch_passes(filters: Mapping[str, Node], branch: str) -> bool:
    """Filters of paths are not asked: what a change will touch is not known."""
    if "branches" in filters:
        return matches(strings(filters["branches"]), branch, unsure=True)
    return not matches(strings(filters.get("branches-ignore")), branch, unsure=False)
