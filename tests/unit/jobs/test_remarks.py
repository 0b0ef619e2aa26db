"""Which words of a review ask the bot for something: those of people, at the start of a thread or in answer to us."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.github.reviews import ReviewState
from bot.jobs.remarks import asks, says
from bot.model.forge import AppIdentity, Review, ReviewComment
from bot.model.ids import CommentId

APP = AppIdentity(77, "fractal-rmo")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def at_line(
    number: int, author: str, body: str = "Rename it.", *, reply_to: int | None = None, app: int | None = None
) -> ReviewComment:
    return ReviewComment(
        id=CommentId(number),
        review=None,
        reply_to=CommentId(reply_to) if reply_to is not None else None,
        path="prices.py",
        line=1,
        hunk="",
        body=body,
        author=author,
        author_app_id=app,
        author_is_bot=author.endswith("[bot]"),
        head=None,
        created_at=NOW + timedelta(seconds=number),
    )


FIRST = at_line(1, "maintainer")
OURS = at_line(2, "fractal-rmo[bot]", "Done.", reply_to=1, app=77)
THEIRS = at_line(2, "linter[bot]", "Nice.", reply_to=1, app=5)


@pytest.mark.parametrize(
    ("thread", "asked"),
    [
        ((FIRST,), True),
        ((at_line(1, "maintainer", " /rmo status"),), False),
        ((OURS,), False),
        ((at_line(1, "linter[bot]"),), False),
        ((at_line(1, "maintainer", app=5),), False),
        ((FIRST, at_line(3, "helper", reply_to=1)), False),
        ((FIRST, OURS, at_line(3, "maintainer", reply_to=1)), True),
        ((FIRST, OURS, at_line(3, "maintainer", reply_to=1), at_line(4, "helper", reply_to=1)), False),
        ((FIRST, THEIRS, at_line(3, "maintainer", reply_to=1)), False),
        ((at_line(3, "maintainer", reply_to=1),), False),
    ],
)
def test_the_last_word_of_a_thread_asks(thread: tuple[ReviewComment, ...], asked: bool) -> None:
    assert asks(thread[-1], thread[::-1], APP) is asked


@pytest.mark.parametrize(
    ("state", "body", "author", "said"),
    [
        ("changes_requested", "Write it down.", "maintainer", True),
        ("commented", "Write it down.", "maintainer", True),
        ("approved", "Fine.", "maintainer", False),
        ("dismissed", "Write it down.", "maintainer", False),
        ("changes_requested", " \n", "maintainer", False),
        ("commented", "/rmo retry", "maintainer", False),
        ("changes_requested", "Write it down.", "linter[bot]", False),
    ],
)
def test_a_review_as_a_whole_asks_unless_it_is_content(state: ReviewState, body: str, author: str, said: bool) -> None:
    review = Review(
        id=CommentId(1),
        state=state,
        body=body,
        author=author,
        author_is_bot=author.endswith("[bot]"),
        head=None,
        submitted_at=NOW,
    )
    assert says(review) is said
