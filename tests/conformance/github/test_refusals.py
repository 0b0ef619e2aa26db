"""What each kind of error answer means to the job that got it."""

import json
from datetime import timedelta

import pytest

from bot.github.errors import (
    Archived,
    Moved,
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Suspended,
    Unavailable,
)
from bot.github.refusals import error_of
from bot.model.errors import Final, NeedsHuman, Retryable, RmoError

DATE = {"date": "Thu, 01 Jan 2026 00:00:00 GMT"}
NEW_YEAR_2026 = 1767225600


def said(message: str, **more: object) -> bytes:
    return json.dumps({"message": message, **more}).encode()


@pytest.mark.parametrize(
    ("method", "status", "body", "kind", "parent"),
    [
        ("GET", 500, b"", Unavailable, Retryable),
        ("GET", 502, b"<html>Bad gateway</html>", Unavailable, Retryable),
        ("POST", 502, b"<html>Bad gateway</html>", OutcomeUnknown, Retryable),
        ("PATCH", 503, b"", OutcomeUnknown, Retryable),
        ("DELETE", 500, b"\xff\xfe", OutcomeUnknown, Retryable),
        ("GET", 404, said("Not Found"), NotFound, Final),
        ("GET", 410, said("Artifact has expired"), NotFound, Final),
        ("GET", 401, said("Bad credentials"), NotPermitted, NeedsHuman),
        ("POST", 403, said("Resource not accessible by integration"), NotPermitted, NeedsHuman),
        ("POST", 422, said("Validation Failed"), Refused, Final),
        ("POST", 409, said("Git Repository is empty."), Refused, Final),
        ("GET", 403, said("This installation has been suspended"), Suspended, Retryable),
        ("POST", 403, said("Repository was archived so is read-only."), Archived, NeedsHuman),
        ("GET", 404, said("This installation has been suspended"), NotFound, Final),
        ("POST", 301, said("Moved Permanently"), Moved, NeedsHuman),
        ("GET", 400, b"[]", Refused, Final),
        ("GET", 400, b"[" * 100_000, Refused, Final),
    ],
)
def test_says_who_can_act(method: str, status: int, body: bytes, kind: type[RmoError], parent: type[RmoError]) -> None:
    error = error_of(method, "/repos/o/r", status, {}, body)
    assert type(error) is kind
    assert isinstance(error, parent)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("status", "headers", "message", "wait"),
    [
        (403, {"retry-after": "2"}, "You have exceeded a secondary rate limit", 2),
        (429, {"retry-after": "30", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, "", 30),
        (403, {**DATE, "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(NEW_YEAR_2026 + 3000)}, "", 3000),
        (403, {**DATE, "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(NEW_YEAR_2026 - 50)}, "", 1),
        (403, {"x-ratelimit-remaining": "4000"}, "You have exceeded a secondary rate limit.", 60),
        (403, {}, "You have triggered an abuse detection mechanism.", 60),
        (429, {}, "Too many requests", 60),
        (422, {}, "Validation Failed: body was submitted too quickly", 60),
    ],
)
def test_limits_say_how_long_to_wait(status: int, headers: dict[str, str], message: str, wait: int) -> None:
    error = error_of("POST", "/repos/o/r/issues/1/comments", status, headers, said(message))
    assert isinstance(error, RateLimited)
    assert error.after == timedelta(seconds=wait)


def test_a_forbidden_answer_with_quota_left_is_no_limit() -> None:
    headers = {"x-ratelimit-remaining": "4999", "x-ratelimit-reset": "1"}
    assert isinstance(error_of("GET", "/app", 403, headers, said("Forbidden")), NotPermitted)


def test_refusals_keep_github_s_remarks() -> None:
    body = said("Validation Failed", errors=[{"field": "head", "code": "custom", "message": "No commits"}, "plain"])
    error = error_of("POST", "/repos/o/r/pulls", 422, {}, body)
    assert isinstance(error, Refused)
    assert error.reasons == ("Validation Failed", "head custom No commits", "plain")
    assert error.says("no COMMITS")
    assert not error.says("draft")


def test_a_failing_server_may_say_when_to_come_again() -> None:
    error = error_of("GET", "/app", 503, {"retry-after": "7"}, b"")
    assert isinstance(error, Unavailable)
    assert error.after == timedelta(seconds=7)
