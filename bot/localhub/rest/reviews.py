"""Reviews of pull requests, comments at lines, and who is asked to review."""

from typing import Literal

from pydantic import BaseModel

from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.effects.issues import react, remember, tell
from bot.localhub.effects.webhooks import emit
from bot.localhub.errors import ApiError, invalid, not_accessible, not_found
from bot.localhub.git_history import changed_files, merge_base
from bot.localhub.permissions import read, require_role, write
from bot.localhub.rest.comments import NewReaction
from bot.localhub.rest.issues import actor, check_body
from bot.localhub.rest.pulls import named_pull
from bot.localhub.shapes.accounts import simple_user
from bot.localhub.shapes.issues import reaction as reaction_shape
from bot.localhub.shapes.pulls import pull_simple, review_comment
from bot.localhub.shapes.pulls import review as review_shape
from bot.localhub.state.issues import Issue, Pull, Review, ReviewComment, ReviewState

_STATES: dict[str, ReviewState] = {
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
    "COMMENT": "COMMENTED",
}


class LineComment(BaseModel):
    """A comment at a line; `in_reply_to` continues another's thread instead."""

    body: str
    path: str = ""
    line: int | None = None
    side: Literal["LEFT", "RIGHT"] = "RIGHT"
    commit_id: str | None = None
    in_reply_to: int | None = None
    subject_type: Literal["line", "file"] = "line"


class NewReview(BaseModel):
    body: str = ""
    event: Literal["APPROVE", "REQUEST_CHANGES", "COMMENT"] = "COMMENT"
    commit_id: str | None = None
    comments: list[LineComment] = []


class CommentText(BaseModel):
    body: str


class ReviewersWish(BaseModel):
    reviewers: list[str] = []
    team_reviewers: list[str] = []


async def list_reviews(call: Call) -> Reply:
    issue, pull = named_pull(call)
    page, headers = call.page(pull.reviews)
    return Reply([review_shape(call.world, call.repository, issue, each) for each in page], headers=headers)


async def create_review(call: Call) -> Reply:
    wish, (issue, pull) = call.parse(NewReview), named_pull(call)
    check_body("PullRequestReview", wish.body)
    if wish.event != "APPROVE" and not wish.body and not wish.comments:
        raise ApiError(422, "Unprocessable Entity: body is needed for this event")
    if wish.event in ("APPROVE", "REQUEST_CHANGES") and issue.user is call.actor:
        verb = "approve" if wish.event == "APPROVE" else "request changes on"
        raise ApiError(422, "Unprocessable Entity", errors=[{"message": f"Can not {verb} your own pull request"}])
    if call.actor in pull.requested_reviewers:
        pull.requested_reviewers.remove(call.actor)
    review = _new_review(call, pull, _STATES[wish.event], wish.body, wish.commit_id)
    for comment in wish.comments:
        await _add_comment(call, issue, pull, review, comment)
    shape = review_shape(call.world, call.repository, issue, review)
    details: dict[str, object] = {
        "review": {**shape, "state": review.state.lower(), "body": review.body or None},
        "pull_request": pull_simple(call.world, call.repository, issue, pull),
    }
    emit(call.world, call.repository, "pull_request_review", "submitted", details, call.actor)
    return Reply(shape, effect=f"reviewed #{issue.number}: {review.state}")


def _new_review(call: Call, pull: Pull, state: ReviewState, body: str, commit_id: str | None) -> Review:
    at = call.world.now()
    review = Review(call.world.next_id("review"), call.actor, body, state, commit_id or pull.head_sha, at)
    pull.reviews.append(review)
    return review


async def _add_comment(call: Call, issue: Issue, pull: Pull, review: Review, wish: LineComment) -> ReviewComment:
    world, now = call.world, call.world.now()
    check_body("PullRequestReviewComment", wish.body)
    first = None
    if wish.in_reply_to is not None:
        first = next((each for each in pull.review_comments if each.id == wish.in_reply_to), None)
        if first is None:
            raise ApiError(422, "Validation Failed", errors=[{"message": "in_reply_to is not a comment here"}])
        if first.in_reply_to is not None:
            raise ApiError(422, "Validation Failed", errors=[{"message": "in_reply_to is itself a reply"}])
    path, line = (wish.path, wish.line) if first is None else (first.path, first.line)
    comment = ReviewComment(
        id=world.next_id("review-comment"),
        review_id=review.id,
        user=call.actor,
        body=wish.body,
        path=path,
        line=line,
        side=wish.side if first is None else first.side,
        commit_id=wish.commit_id or pull.head_sha,
        diff_hunk=await _hunk(call, pull, path) if first is None else first.diff_hunk,
        in_reply_to=None if first is None else first.id,
        created_at=now,
        updated_at=now,
    )
    pull.review_comments.append(comment)
    details: dict[str, object] = {
        "comment": review_comment(world, call.repository, issue, comment),
        "pull_request": pull_simple(world, call.repository, issue, pull),
    }
    emit(world, call.repository, "pull_request_review_comment", "created", details, call.actor)
    return comment


async def _hunk(call: Call, pull: Pull, path: str) -> str:
    git = call.repository.git
    ancestor = await merge_base(git, pull.base_sha, pull.head_sha) or pull.base_sha
    changed = next((each for each in await changed_files(git, ancestor, pull.head_sha) if each.path == path), None)
    if changed is None:
        raise invalid("PullRequestReviewComment", "pull_request_review_thread.path", "invalid")
    return changed.patch or ""


async def list_review_comments(call: Call) -> Reply:
    issue, pull = named_pull(call)
    page, headers = call.page(pull.review_comments)
    return Reply([review_comment(call.world, call.repository, issue, each) for each in page], headers=headers)


async def create_review_comment(call: Call) -> Reply:
    wish, (issue, pull) = call.parse(LineComment), named_pull(call)
    review = _new_review(call, pull, "COMMENTED", "", wish.commit_id)
    comment = await _add_comment(call, issue, pull, review, wish)
    shape = review_comment(call.world, call.repository, issue, comment)
    return Reply(shape, 201, {"location": str(shape["url"])}, f"commented {comment.id} at {comment.path}")


def _review_comment(call: Call) -> tuple[Issue, ReviewComment]:
    for issue in call.repository.pulls:
        for comment in issue.pull.review_comments if issue.pull else ():
            if comment.id == call.number("comment_id"):
                return issue, comment
    raise not_found()


async def get_review_comment(call: Call) -> Reply:
    issue, comment = _review_comment(call)
    return Reply(review_comment(call.world, call.repository, issue, comment))


async def update_review_comment(call: Call) -> Reply:
    issue, comment = _review_comment(call)
    if comment.user is not call.actor:
        if call.app is not None:
            raise not_accessible()
        require_role(call.world, call.identity, call.repository, "write")
    before, comment.body = comment.body, call.parse(CommentText).body
    check_body("PullRequestReviewComment", comment.body)
    comment.updated_at = call.world.now()
    shape = review_comment(call.world, call.repository, issue, comment)
    details: dict[str, object] = {"comment": shape, "changes": {"body": {"from": before}}}
    if issue.pull is not None:
        details["pull_request"] = pull_simple(call.world, call.repository, issue, issue.pull)
    emit(call.world, call.repository, "pull_request_review_comment", "edited", details, call.actor)
    return Reply(shape, effect=f"edited review comment {comment.id}")


async def react_to_review_comment(call: Call) -> Reply:
    _, comment = _review_comment(call)
    wish = call.parse(NewReaction)
    reaction, fresh = react(call.world, comment.reactions, actor(call), wish.content)
    effect = f"reacted {wish.content!r} to review comment {comment.id}"
    return Reply(reaction_shape(call.world, reaction), 201 if fresh else 200, effect=effect)


async def list_requested(call: Call) -> Reply:
    _, pull = named_pull(call)
    return Reply({"users": [simple_user(call.world, each) for each in pull.requested_reviewers], "teams": []})


async def request_reviewers(call: Call) -> Reply:
    wish, (issue, pull) = call.parse(ReviewersWish), named_pull(call)
    for login in wish.reviewers:
        account = call.world.account(login)
        if account is issue.user:
            raise ApiError(422, "Review cannot be requested from pull request author.")
        if account is None or call.world.role(call.repository, account) is None:
            message = "Reviews may only be requested from collaborators."
            raise ApiError(422, f"{message} One or more of the users or teams you specified is not a collaborator.")
        if account not in pull.requested_reviewers:
            pull.requested_reviewers.append(account)
            remember(call.world, issue, "review_requested", actor(call), subject=account)
            reviewer = simple_user(call.world, account)
            await tell(call.world, call.repository, issue, "review_requested", actor(call), requested_reviewer=reviewer)
    shape = pull_simple(call.world, call.repository, issue, pull)
    return Reply(shape, 201, effect=f"asked {wish.reviewers} to review #{issue.number}")


_READ = read("pull_requests")
_WRITE = write("pull_requests", role="read")
_PULL = "/repos/{owner}/{repo}/pulls/{number:int}"
_COMMENT = "/repos/{owner}/{repo}/pulls/comments/{comment_id:int}"

ROUTES = (
    Route("GET", f"{_PULL}/reviews", _READ, list_reviews),
    Route("POST", f"{_PULL}/reviews", _WRITE, create_review),
    Route("GET", f"{_PULL}/comments", _READ, list_review_comments),
    Route("POST", f"{_PULL}/comments", _WRITE, create_review_comment),
    Route("GET", _COMMENT, _READ, get_review_comment),
    Route("PATCH", _COMMENT, _WRITE, update_review_comment),
    Route("POST", f"{_COMMENT}/reactions", _WRITE, react_to_review_comment),
    Route("GET", f"{_PULL}/requested_reviewers", _READ, list_requested),
    Route("POST", f"{_PULL}/requested_reviewers", write("pull_requests"), request_reviewers),
)
