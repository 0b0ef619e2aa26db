"""Replies in the threads of a review: what came of a remark."""

from bot.comments.quoting import line
from bot.comments.status import last_tries
from bot.model.ids import CommentId
from bot.model.phase import Ended, FinishedItem, Stopping
from bot.model.run import Run
from bot.model.steering import ReviewRemark


def reply_marker(remark: CommentId) -> str:
    """Hidden in the reply to a remark, so that it is given once."""
    return f"<!-- rmo:reply {remark} -->"


def review_reply(run: Run, remark: ReviewRemark) -> str:
    """What was done about the remark, and in which commit; or why nothing was, and what the reviewer can do."""
    keys = {key for key, asked in run.remark_items.items() if asked == remark.id}
    done = [finished for finished in last_tries(run) if finished.item.key in keys]
    said = "\n\n".join(_done(finished) for finished in done) or _not_done(run)
    opening = f"To what {line(remark.author, 100) or 'somebody'} said of the change as a whole:\n\n"
    return f"{reply_marker(remark.id)}\n{opening if remark.kind == 'review' else ''}{said}\n"


def is_done(run: Run, remark: CommentId) -> bool:
    """Whether the last try at the remark changed code: its thread may count as resolved."""
    keys = {key for key, asked in run.remark_items.items() if asked == remark}
    return any(finished.code_sha is not None for finished in last_tries(run) if finished.item.key in keys)


def _done(finished: FinishedItem) -> str:
    summary = line(finished.summary, 1_000)
    if finished.code_sha is None:
        ask = "**Next step:** if it should change all the same, say how in a new remark."
        return f"I left it as it is: {summary}\n\n{ask}"
    return f"Done in {finished.code_sha}: {summary}"


def _not_done(run: Run) -> str:
    match run.phase:
        case Stopping(detail=detail) | Ended(detail=detail):
            why = f"the run ended before it: {line(detail, 500)}"
        case _:
            why = "it was taken out of the plan"
    return f"I did not do this: {why}.\n\n**Next step:** please change it yourself, or ask again in a new remark."
