"""Questions about failures, read from texts that a person or a program typed; a wrong one is refused with a reason."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, get_args

from bot.model.failure import Category
from bot.store.errors import FilterInvalid

By = Literal["category", "rule", "fingerprint"]
"""The three levels of a failure's identity, from coarse to fine; `rule` is a tool with its rule."""

LIMIT: Final = 50
MOST: Final = 200
_TEXT_CHARACTERS: Final = 300
_NUMBER: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class FailureFilter:
    """Which failures are meant; None leaves that side open."""

    repository: str | None = None
    """Full name, in any case."""
    action_item: str | None = None
    category: Category | None = None
    tool: str | None = None
    fingerprint: str | None = None
    """A group, or a fingerprint of its own."""
    since: datetime | None = None
    until: datetime | None = None
    """The first moment that is not meant any more."""
    limit: int = LIMIT
    before: int | None = None
    """Only failures with a smaller id: where the page before ended."""
    by: By = "fingerprint"


NAMES: Final = ("repository", "action_item", "category", "tool", "fingerprint", "since", "until", "limit")
LIST_NAMES: Final = frozenset({*NAMES, "before"})
TOP_NAMES: Final = frozenset({*NAMES, "by"})


def read_filter(given: Mapping[str, str], allowed: frozenset[str]) -> FailureFilter:
    """The filter that `given` spells; raises FilterInvalid with the name and value of what can't be meant."""
    unknown = next((name for name in given if name not in allowed), None)
    if unknown is not None:
        raise FilterInvalid(f"there is no filter {unknown!r}; use {', '.join(sorted(allowed))}")

    found = FailureFilter(
        repository=_text(given, "repository"),
        action_item=_text(given, "action_item"),
        category=_category(given),
        tool=_text(given, "tool"),
        fingerprint=_text(given, "fingerprint"),
        since=_moment(given, "since"),
        until=_moment(given, "until"),
        limit=_limit(given),
        before=read_id("before", given["before"]) if "before" in given else None,
        by=_by(given),
    )
    if found.since and found.until and found.since >= found.until:
        raise FilterInvalid(f"since={given['since']!r} is not before until={given['until']!r}; give a period")
    return found


def read_id(name: str, text: str) -> int:
    """The id of a failure; raises FilterInvalid where it can't be one."""
    if _NUMBER.fullmatch(text) is None:
        raise FilterInvalid(f"{name}={text[:100]!r} is no id of a failure; give a number that a list has shown")
    return int(text)


def _limit(given: Mapping[str, str]) -> int:
    text = given.get("limit", str(LIMIT))
    if _NUMBER.fullmatch(text) is None or not 1 <= int(text) <= MOST:
        raise FilterInvalid(f"limit={text[:100]!r} can't be used; give a number from 1 to {MOST}")
    return int(text)


def _text(given: Mapping[str, str], name: str) -> str | None:
    text = given.get(name)
    if text is not None and (not text.isprintable() or not 0 < len(text) <= _TEXT_CHARACTERS):
        raise FilterInvalid(
            f"{name}={text[:100]!r} can't be used; give 1 to {_TEXT_CHARACTERS} characters that can be printed"
        )
    return text


def _moment(given: Mapping[str, str], name: str) -> datetime | None:
    return read_moment(name, given[name]) if name in given else None


def read_moment(name: str, text: str) -> datetime:
    """A day or moment, UTC where no zone is named; raises FilterInvalid where it can't be one."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise FilterInvalid(f"{name}={text[:100]!r} is no date; write it as 2026-01-31 or 2026-01-31T12:00Z") from error


def _category(given: Mapping[str, str]) -> Category | None:
    text = given.get("category")
    names: Mapping[str | None, Category] = {name: name for name in get_args(Category)}
    found = names.get(text)
    if text is not None and found is None:
        raise FilterInvalid(f"there is no category {text[:100]!r}; use one of {', '.join(names.values())}")
    return found


def _by(given: Mapping[str, str]) -> By:
    text = given.get("by", "fingerprint")
    names: Mapping[str, By] = {name: name for name in get_args(By)}
    found = names.get(text)
    if found is None:
        raise FilterInvalid(f"failures can't be counted by {text[:100]!r}; use one of {', '.join(names)}")
    return found
