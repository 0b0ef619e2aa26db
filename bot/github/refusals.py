"""What an error answer of GitHub's means: a pure function of the answer, so that every case can be tried.

Limits are told by `retry-after`, else by an exhausted `x-ratelimit-remaining`, else by words; then a minute at least
is waited (GitHub docs: "Rate limits for the REST API", "Best practices for using the REST API"). The reset time is
read against the answer's own `Date`, so that a wrong clock here cannot shorten or lengthen the wait.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, cast

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
from bot.model.errors import RmoError

ONE_MINUTE = timedelta(minutes=1)
LIMIT_WORDS = ("rate limit", "abuse detection", "submitted too quickly")
READS = frozenset({"GET", "HEAD"})
SUSPENDED = "installation has been suspended"
ARCHIVED = "repository was archived"
SUSPENSION_CHECK = timedelta(hours=1)
"""An account's owner ends a suspension when they like, and a webhook tells; this is for where it gets lost."""


def error_of(method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> RmoError:
    """The error that an answer with status 300 or above stands for; `headers` has lower-case names."""
    reasons = _reasons(body)
    asked = f"{method} {path}"
    said = f"{status} {'; '.join(reasons)[:300]!r}"
    wait = limit_wait(status, headers, reasons)
    if wait is not None:
        return RateLimited(f"GitHub limits {asked} ({said}); wait {wait.total_seconds():.0f} s", after=wait)
    if status >= 500:
        after = _retry_after(headers)
        if method in READS:
            return Unavailable(f"GitHub failed at {asked} ({said}); try again later", after=after)
        return OutcomeUnknown(f"GitHub failed at {asked} ({said}); look whether it happened", after=after)
    if status < 400:
        return Moved(f"{asked} is answered by {status}: the repository moved; check its name and installation")
    if status in (404, 410):
        return NotFound(f"GitHub knows nothing at {asked} ({said}); check the name and what the App may see")
    if status == 403 and _say(reasons, SUSPENDED):
        message = f"GitHub forbids {asked} ({said}); unsuspend the App's installation, then this goes on"
        return Suspended(message, after=SUSPENSION_CHECK)
    if status == 403 and _say(reasons, ARCHIVED):
        return Archived(f"GitHub forbids {asked} ({said}); unarchive the repository, then start anew")
    if status in (401, 403):
        return NotPermitted(f"GitHub forbids {asked} ({said}); check the App's key, installation and permissions")
    return Refused(f"GitHub refuses {asked} ({said})", status=status, reasons=reasons)


def limit_wait(status: int, headers: Mapping[str, str], reasons: tuple[str, ...]) -> timedelta | None:
    """How long a limit asks to wait, None when the answer is about something else."""
    if status not in (403, 422, 429):
        return None
    in_words = any(_say(reasons, words) for words in LIMIT_WORDS)
    if status == 422:
        return ONE_MINUTE if in_words else None
    asked = _retry_after(headers)
    if asked is not None:
        return asked
    if headers.get("x-ratelimit-remaining") == "0" and "x-ratelimit-reset" in headers:
        return max(_until_reset(headers), timedelta(seconds=1))
    return ONE_MINUTE if status == 429 or in_words else None


def _say(reasons: tuple[str, ...], words: str) -> bool:
    return any(words in reason.casefold() for reason in reasons)


def answered_at(headers: Mapping[str, str]) -> datetime:
    """GitHub's own time of the answer, ours where it tells none."""
    if "date" in headers:
        try:
            return parsedate_to_datetime(headers["date"])
        except ValueError:
            pass
    return datetime.now(UTC)


def _until_reset(headers: Mapping[str, str]) -> timedelta:
    text = headers["x-ratelimit-reset"]
    if not text.isdecimal():
        return ONE_MINUTE
    return datetime.fromtimestamp(int(text), UTC) - answered_at(headers)


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    text = headers.get("retry-after", "")
    return timedelta(seconds=int(text)) if text.isdecimal() else None


def _reasons(body: bytes) -> tuple[str, ...]:
    """GitHub's words: its message and, of a failed validation, each remark."""
    try:
        parsed: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(parsed, dict):
        return ()
    answer = cast(dict[str, Any], parsed)
    reasons = [str(answer.get("message", ""))]
    remarks = answer.get("errors")
    if isinstance(remarks, list):
        for remark in cast(list[Any], remarks):
            fields = cast(dict[str, Any], remark) if isinstance(remark, dict) else {"message": remark}
            parts = (fields.get("field"), fields.get("code"), fields.get("message"))
            reasons.append(" ".join(str(part) for part in parts if part))
    return tuple(reason for reason in reasons if reason)
