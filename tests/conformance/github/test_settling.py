"""What was written may be invisible for a while: a write whose answer was lost is not looked for too soon."""

from datetime import timedelta

import pytest

from bot.github.comments import keep_comment
from bot.github.errors import OutcomeUnknown
from bot.github.pace import GITHUB_LIMITS
from bot.model.ids import IssueNumber
from tests.conformance.github.conftest import Clock, Start
from tests.conformance.github.scripted import HANG_UP, Answer, Request, said

VISIBLE_AFTER = 9.0
COMMENT = {"id": 1, "body": "<!-- rmo:status 1 --> hello", "user": {"login": "rmo[bot]", "type": "Bot", "id": 3}}
LOST: dict[str, Answer | None] = {
    "no answer": HANG_UP,
    "a bad gateway": Answer(502, b"<html>Bad Gateway</html>"),
    "a server that asks to come again": Answer(503, b"", {"retry-after": "1"}),
}


@pytest.mark.parametrize("how", LOST)
async def test_a_write_that_shows_late_is_found_and_not_repeated(start: Start, clock: Clock, how: str) -> None:
    written: list[float] = []

    def script(request: Request) -> Answer | None:
        if request.target == "/app":
            return said({"id": 3, "slug": "rmo"})
        if request.method == "POST":
            written.append(clock.now)
            return LOST[how]
        return said([COMMENT] if written and clock.now >= written[0] + VISIBLE_AFTER else [])

    async with start(script, GITHUB_LIMITS) as (_, client, _):
        with pytest.raises(OutcomeUnknown) as caught:
            await keep_comment(client, IssueNumber(1), "<!-- rmo:status 1 -->", str(COMMENT["body"]))
        assert caught.value.after is not None
        assert caught.value.after >= timedelta(seconds=VISIBLE_AFTER)
        clock.now += caught.value.after.total_seconds()
        found = await keep_comment(client, IssueNumber(1), "<!-- rmo:status 1 -->", str(COMMENT["body"]))
        assert (found.id, len(written)) == (1, 1)
