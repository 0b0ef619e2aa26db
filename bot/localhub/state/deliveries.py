"""Webhook deliveries, as the App's page on GitHub lists them."""

from dataclasses import dataclass
from datetime import datetime

from bot.localhub.state.accounts import App


@dataclass(slots=True)
class HookDelivery:
    """One attempt to hand one event to one App."""

    id: int
    guid: str
    app: App
    event: str
    action: str | None
    installation_id: int | None
    repository_id: int | None
    body: bytes
    redelivery: bool
    delivered_at: datetime
    duration: float = 0.0
    """Seconds."""
    status: str = "pending"
    """`OK`, else the reason as GitHub words it."""
    status_code: int = 0
    request_headers: dict[str, str] | None = None
    response_headers: dict[str, str] | None = None
    response_body: str | None = None
