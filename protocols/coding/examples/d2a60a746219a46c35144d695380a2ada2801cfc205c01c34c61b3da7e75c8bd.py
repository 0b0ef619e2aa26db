def without_expired(sessions: dict[str, int], now: int) -> dict[str, int]:
    """A new dictionary, so that nothing changes while it is read."""
    return {name: until for name, until in sessions.items() if until > now}


def drop_expired(sessions: dict[str, int], now: int) -> None:
    """In place: what is to go is listed first."""
    expired = [name for name, until in sessions.items() if until <= now]
    for name in expired:
        del sessions[name]
