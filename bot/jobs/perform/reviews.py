"""Reading what people ask to be changed, and telling them what came of it."""

from bot import comments
from bot.github import reviews
from bot.github.client import Client
from bot.github.comments import keep_comment
from bot.github.errors import Refused
from bot.jobs.remarks import new_remarks
from bot.model.ids import IssueNumber
from bot.model.outcome import Outcome, ReviewAnswered, ReviewsRead
from bot.model.run import Run
from bot.model.step import AnswerReview


async def read_reviews(run: Run, client: Client) -> Outcome:
    """What people with write access ask for and the run has not dealt with."""
    assert run.pull_request is not None
    return ReviewsRead(await new_remarks(client, run.pull_request.number, run.remarks))


async def answer_review(step: AnswerReview, run: Run, client: Client) -> Outcome:
    """The thread says what came of the remark, is resolved where it was done, and its author is asked to look again."""
    assert run.pull_request is not None
    remark = next(each for each in run.remarks if each.id == step.remark)
    marker = comments.reply_marker(remark.id)
    body = comments.review_reply(run, remark)
    number = run.pull_request.number
    if remark.kind == "review":
        await keep_comment(client, IssueNumber(number), marker, body)
    else:
        await reviews.keep_reply(client, number, remark.id, marker, body)
        if remark.thread and comments.is_done(run, remark.id):
            await reviews.resolve_thread(client, remark.thread)
    if comments.is_done(run, remark.id):
        try:
            await reviews.request_review(client, number, (remark.author,))
        except Refused:
            # The author of a pull request can't review it, and a member who has left can't either.
            return ReviewAnswered(step.remark)
    return ReviewAnswered(step.remark)
