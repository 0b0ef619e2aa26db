"""What the host tells the runner, as the two sides of the channel read it; types alone, so it is not sent inside."""

from typing import TypedDict


class Limits(TypedDict):
    wall: float
    """Seconds."""
    address_space: int
    processes: int
    file: int
    output: int


class Plan(TypedDict):
    argv: list[str]
    environment: dict[str, str]
    work: str
    uid: int | None
    """Who to become first, where the start is as root of a namespace."""
    outer_processes: str | None
    """The host's PID namespace; None where the backend has none of its own."""
    limits: Limits
    archive: int | None
    """Bytes of the tar that follows."""
    files: list[tuple[str, int]]
    """Path and bytes of each file that follows."""
    collect: list[str]
    collect_bytes: int
