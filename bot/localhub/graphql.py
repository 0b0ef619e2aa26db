"""The few GraphQL mutations, and the one query, that have no REST counterpart; all else is refused as unknown.

https://docs.github.com/en/graphql/reference/mutations and, for the query, `PullRequest.reviewThreads` in
https://docs.github.com/en/graphql/reference/objects
"""

import json
import re
from typing import cast

from pydantic import BaseModel

from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.effects.issues import Actor
from bot.localhub.effects.pulls import set_draft, set_ready
from bot.localhub.permissions import SignedIn, grants, sees
from bot.localhub.state.accounts import AsInstallation
from bot.localhub.state.issues import Issue, Pull, ReviewComment
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import node_id

MUTATIONS = ("markPullRequestReadyForReview", "convertPullRequestToDraft", "resolveReviewThread")
PAGE = 100
_CALL = re.compile(
    rf"(?P<field>{'|'.join(MUTATIONS)})"
    r"\s*\(\s*input\s*:\s*(?P<input>\{[^}]*\}|\$\w+)\s*\)"
)
_ARGUMENT = re.compile(r"(?P<name>pullRequestId|threadId)\s*:\s*(?P<value>\"(?:[^\"\\]|\\.)*\"|\$\w+)")


class Query(BaseModel):
    query: str
    variables: dict[str, object] = {}


class _Refused(Exception):
    """An error that GraphQL answers with status 200."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


async def answer(call: Call) -> Reply:
    """Run one mutation, or list the threads of a pull request."""
    query = call.parse(Query)
    if "reviewThreads" in query.query and not re.search(r"\bmutation\b", query.query):
        return _threads(call, query.variables)
    found = _CALL.search(query.query)
    if found is None or not re.search(r"\bmutation\b", query.query):
        return _errors("undefinedField", f"Only the mutations {', '.join(MUTATIONS)} are answered here")
    field = found["field"]
    try:
        identifier = _identifier(found["input"], query.variables)
        result = await _run(call, field, identifier)
    except _Refused as refusal:
        return _errors(refusal.kind, refusal.message, field)
    return Reply({"data": {field: {"clientMutationId": None, **result}}}, effect=f"{field} {identifier}")


def _identifier(argument: str, variables: dict[str, object]) -> str:
    """The node id, which may stand in the query or in the variables, alone or inside an input object."""
    if argument.startswith("$"):
        given = variables.get(argument[1:])
        if isinstance(given, dict):
            fields = cast("dict[str, object]", given)
            return str(fields.get("pullRequestId") or fields.get("threadId") or "")
        raise _Refused("INVALID", f"Variable {argument} of type input object was provided invalid value")
    inner = _ARGUMENT.search(argument)
    if inner is None:
        raise _Refused("missingRequiredInputObjectAttribute", "Argument 'pullRequestId' or 'threadId' is required")
    value = inner["value"]
    return str(variables.get(value[1:], "")) if value.startswith("$") else str(json.loads(value))


def _threads(call: Call, variables: dict[str, object]) -> Reply:
    """Threads in the order of their first comments, a hundred a page, by the variables owner, name, number, after."""
    owner, name, number = variables.get("owner"), variables.get("name"), variables.get("number")
    repository = call.world.repository(str(owner), str(name))
    if repository is None or not sees(call.world, call.identity, repository):
        message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
        return _errors("NOT_FOUND", message, "repository")
    issue = repository.issues.get(int(str(number)))
    if issue is None or issue.pull is None:
        return _errors("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.", "repository")
    first = [each for each in issue.pull.review_comments if each.in_reply_to is None]
    start = int(str(variables.get("after") or 0))
    nodes: list[dict[str, object]] = [
        {
            "id": node_id("PRRT", each.id),
            "isResolved": each.id in issue.pull.resolved_threads,
            "comments": {"nodes": [{"fullDatabaseId": str(each.id)}]},
        }
        for each in first[start : start + PAGE]
    ]
    end = start + len(nodes)
    threads = {"nodes": nodes, "pageInfo": {"hasNextPage": end < len(first), "endCursor": str(end) if nodes else None}}
    return Reply({"data": {"repository": {"pullRequest": {"reviewThreads": threads}}}})


async def _run(call: Call, field: str, identifier: str) -> dict[str, object]:
    actor = Actor(call.actor, call.app)
    if field == "resolveReviewThread":
        repository, pull, comment = _thread(call, identifier)
        _require(call, repository)
        pull.resolved_threads.add(comment.id)
        return {"thread": {"id": identifier, "isResolved": True}}
    repository, issue, pull = _pull(call, identifier)
    _require(call, repository)
    change = set_ready if field == "markPullRequestReadyForReview" else set_draft
    await change(call.world, repository, issue, pull, actor)
    return {"pullRequest": {"id": identifier, "number": issue.number, "isDraft": pull.draft}}


def _require(call: Call, repository: HubRepository) -> None:
    identity = call.identity
    if isinstance(identity, AsInstallation):
        allowed = grants(identity.token.permissions, "pull_requests", "write")
    else:
        allowed = call.world.has_role(repository, call.actor, "write")
    if not allowed:
        raise _Refused("FORBIDDEN", "Resource not accessible by integration")


def _visible(call: Call) -> list[HubRepository]:
    return [each for each in call.world.repositories.values() if sees(call.world, call.identity, each)]


def _pull(call: Call, identifier: str) -> tuple[HubRepository, Issue, Pull]:
    for repository in _visible(call):
        for issue in repository.pulls:
            if issue.pull is not None and node_id("PR", issue.pull.id) == identifier:
                return repository, issue, issue.pull
    raise _Refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{identifier}'")


def _thread(call: Call, identifier: str) -> tuple[HubRepository, Pull, ReviewComment]:
    """A thread is named by its first comment: `PRRT_…` or that comment's own node id."""
    for repository in _visible(call):
        for issue in repository.pulls:
            for comment in issue.pull.review_comments if issue.pull is not None else ():
                names = (node_id("PRRT", comment.id), node_id("PRRC", comment.id))
                if issue.pull is not None and comment.in_reply_to is None and identifier in names:
                    return repository, issue.pull, comment
    raise _Refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{identifier}'")


def _errors(kind: str, message: str, field: str | None = None) -> Reply:
    error: dict[str, object] = {"type": kind, "message": message}
    if field is not None:
        error["path"] = [field]
    return Reply({"data": None, "errors": [error]})


ROUTES = (Route("POST", "/graphql", SignedIn(), answer),)
