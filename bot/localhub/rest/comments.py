"""Comments on issues and pull requests, and reactions to both."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.effects import issues as effects
from bot.localhub.errors import invalid, not_accessible, not_found
from bot.localhub.permissions import read, require_role, write
from bot.localhub.rest.issues import actor, check_body, named_issue, require_unlocked
from bot.localhub.shapes.issues import comment as comment_shape
from bot.localhub.shapes.issues import reaction as reaction_shape
from bot.localhub.state.issues import Comment, Issue, Reaction


class CommentBody(BaseModel):
    body: str


class NewReaction(BaseModel):
    content: Literal["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"]


async def list_comments(call: Call) -> Reply:
    issue = named_issue(call)
    held = list(issue.comments)
    if since := call.query("since"):
        moment = datetime.fromisoformat(since)
        held = [each for each in held if each.updated_at >= moment]
    page, headers = call.page(held)
    return Reply([comment_shape(call.world, call.repository, issue, each) for each in page], headers=headers)


def _checked_body(call: Call) -> str:
    body = call.parse(CommentBody).body
    if not body.strip():
        raise invalid("IssueComment", "body", "unprocessable", "body cannot be blank")
    check_body("IssueComment", body)
    return body


async def create_comment(call: Call) -> Reply:
    issue = named_issue(call)
    require_unlocked(call, issue)
    comment = effects.add_comment(call.world, call.repository, issue, actor(call), _checked_body(call))
    shape = comment_shape(call.world, call.repository, issue, comment)
    return Reply(shape, 201, {"location": str(shape["url"])}, f"commented {comment.id} on #{issue.number}")


def _comment(call: Call) -> tuple[Issue, Comment]:
    for issue in call.repository.issues.values():
        for comment in issue.comments:
            if comment.id == call.number("comment_id"):
                return issue, comment
    raise not_found()


async def get_comment(call: Call) -> Reply:
    issue, comment = _comment(call)
    return Reply(comment_shape(call.world, call.repository, issue, comment))


def _require_own(call: Call, comment: Comment) -> None:
    """Comments of others belong to people with write access; an App changes only what it wrote itself."""
    if comment.user is call.actor:
        return
    if call.app is not None:
        raise not_accessible()
    require_role(call.world, call.identity, call.repository, "write")


async def update_comment(call: Call) -> Reply:
    issue, comment = _comment(call)
    _require_own(call, comment)
    before, comment.body = comment.body, _checked_body(call)
    comment.updated_at = call.world.now()
    changes = {"body": {"from": before}}
    effects.tell_comment(call.world, call.repository, issue, comment, "edited", actor(call), changes=changes)
    shape = comment_shape(call.world, call.repository, issue, comment)
    return Reply(shape, effect=f"edited comment {comment.id} on #{issue.number}")


async def delete_comment(call: Call) -> Reply:
    issue, comment = _comment(call)
    _require_own(call, comment)
    issue.comments.remove(comment)
    effects.tell_comment(call.world, call.repository, issue, comment, "deleted", actor(call))
    return Reply(status=204, effect=f"deleted comment {comment.id} on #{issue.number}")


async def _react(call: Call, held: list[Reaction], subject: str) -> Reply:
    wish = call.parse(NewReaction)
    reaction, fresh = effects.react(call.world, held, actor(call), wish.content)
    shape = reaction_shape(call.world, reaction)
    return Reply(shape, 201 if fresh else 200, effect=f"reacted {wish.content!r} to {subject}")


async def _list(call: Call, held: list[Reaction]) -> Reply:
    wanted = call.query("content")
    page, headers = call.page([each for each in held if wanted in ("", each.content)])
    return Reply([reaction_shape(call.world, each) for each in page], headers=headers)


def _remove(call: Call, held: list[Reaction], subject: str) -> Reply:
    found = next((each for each in held if each.id == call.number("reaction_id")), None)
    if found is None:
        raise not_found()
    held.remove(found)
    return Reply(status=204, effect=f"took back {found.content!r} from {subject}")


async def list_issue_reactions(call: Call) -> Reply:
    return await _list(call, named_issue(call).reactions)


async def create_issue_reaction(call: Call) -> Reply:
    issue = named_issue(call)
    return await _react(call, issue.reactions, f"#{issue.number}")


async def delete_issue_reaction(call: Call) -> Reply:
    issue = named_issue(call)
    return _remove(call, issue.reactions, f"#{issue.number}")


async def list_comment_reactions(call: Call) -> Reply:
    return await _list(call, _comment(call)[1].reactions)


async def create_comment_reaction(call: Call) -> Reply:
    comment = _comment(call)[1]
    return await _react(call, comment.reactions, f"comment {comment.id}")


async def delete_comment_reaction(call: Call) -> Reply:
    comment = _comment(call)[1]
    return _remove(call, comment.reactions, f"comment {comment.id}")


_READ = read("issues", "pull_requests")
_WRITE = write("issues", "pull_requests", role="read")
_ISSUE = "/repos/{owner}/{repo}/issues/{number:int}"
_COMMENT = "/repos/{owner}/{repo}/issues/comments/{comment_id:int}"

ROUTES = (
    Route("GET", f"{_ISSUE}/comments", _READ, list_comments),
    Route("POST", f"{_ISSUE}/comments", _WRITE, create_comment),
    Route("GET", _COMMENT, _READ, get_comment),
    Route("PATCH", _COMMENT, _WRITE, update_comment),
    Route("DELETE", _COMMENT, _WRITE, delete_comment),
    Route("GET", f"{_ISSUE}/reactions", _READ, list_issue_reactions),
    Route("POST", f"{_ISSUE}/reactions", _WRITE, create_issue_reaction),
    Route("DELETE", f"{_ISSUE}/reactions/{{reaction_id:int}}", _WRITE, delete_issue_reaction),
    Route("GET", f"{_COMMENT}/reactions", _READ, list_comment_reactions),
    Route("POST", f"{_COMMENT}/reactions", _WRITE, create_comment_reaction),
    Route("DELETE", f"{_COMMENT}/reactions/{{reaction_id:int}}", _WRITE, delete_comment_reaction),
)
