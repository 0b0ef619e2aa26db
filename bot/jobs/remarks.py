"""What people ask for in reviews, as far as they may ask: the hostile rest is never read by anyone."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from bot.github import reviews
from bot.github.client import Client
from bot.github.comments import is_ours
from bot.github.repositories import permission_of
from bot.intake.text import clean
from bot.model.forge import AppIdentity, Review, ReviewComment
from bot.model.ids import CommentId, PullRequestNumber
from bot.model.steering import Place, ReviewRemark

MOST_CHARACTERS = 4_000
HUNK_CHARACTERS = 1_200
COMMAND = "/rmo"
_EARLIEST = datetime.min.replace(tzinfo=UTC)


async def new_remarks(
    client: Client, pull: PullRequestNumber, known: Collection[ReviewRemark]
) -> tuple[ReviewRemark, ...]:
    """Remarks by people who can write to the repository, oldest first, without those that are `known`."""
    seen = {remark.id for remark in known}
    app = await client.identity()
    comments = await reviews.list_review_comments(client, pull)
    asked = [comment for comment in comments if comment.id not in seen and asks(comment, comments, app)]
    reviewed = await reviews.list_reviews(client, pull)
    said = [review for review in reviewed if _id_of(review) not in seen and says(review)]
    allowed = [
        author
        for author in sorted({each.author for each in (*asked, *said)})
        if await permission_of(client, author) in ("admin", "write")
    ]
    if not allowed:
        return ()
    threads: Mapping[CommentId, str] = await reviews.find_threads(client, pull) if asked else {}
    timed = [(each.created_at, _of_thread(each, threads)) for each in asked if each.author in allowed]
    timed += [(each.submitted_at or _EARLIEST, _of_review(each)) for each in said if each.author in allowed]
    return tuple(remark for _, remark in sorted(timed, key=lambda pair: (pair[0], pair[1].id)))


def asks(comment: ReviewComment, among: Collection[ReviewComment], app: AppIdentity) -> bool:
    """A thread's first remark asks for something, and so does an answer to us; people's own talk does not."""
    if comment.author_is_bot or comment.author_app_id is not None or _is_command(comment.body):
        return False
    if comment.reply_to is None:
        return True
    thread = sorted((each for each in among if comment.reply_to in (each.id, each.reply_to)), key=lambda each: each.id)
    before = [each for each in thread if each.id < comment.id]
    return bool(before) and is_ours(app, before[-1].author, before[-1].author_app_id)


def says(review: Review) -> bool:
    """What a review says as a whole, unless it approves, asks for something."""
    wants = review.state in ("changes_requested", "commented")
    return wants and bool(review.body.strip()) and not review.author_is_bot and not _is_command(review.body)


def _id_of(review: Review) -> CommentId:
    """Reviews and remarks at lines are counted apart, so that one number may stand for both: here it does not."""
    return CommentId(-review.id)


def _is_command(text: str) -> bool:
    return text.lstrip().startswith(COMMAND)


def _of_thread(comment: ReviewComment, threads: Mapping[CommentId, str]) -> ReviewRemark:
    root = comment.reply_to or comment.id
    place = Place(comment.path, comment.line, clean("", comment.hunk[-HUNK_CHARACTERS:])[1])
    return ReviewRemark(
        comment.id, "thread", comment.author, _text(comment.body), place, threads.get(root, ""), comment.head
    )


def _of_review(review: Review) -> ReviewRemark:
    return ReviewRemark(_id_of(review), "review", review.author, _text(review.body), head=review.head)


def _text(body: str) -> str:
    return clean("", body)[1][:MOST_CHARACTERS]
