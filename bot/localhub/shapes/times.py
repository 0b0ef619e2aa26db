"""Times as GitHub writes them."""

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """ISO 8601 in UTC with whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_or_none(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)
