"""Webhooks that did not reach us: GitHub does not repeat them of its own accord, but does when it is asked.

(GitHub docs: "Handling failed webhook deliveries"; attempts are kept for three days.)
"""

from datetime import datetime

from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.model.forge import DeliveryRecord
from bot.model.ids import DeliveryId, InstallationId


class _Delivery(BaseModel):
    id: int
    guid: DeliveryId
    event: str
    action: str | None = None
    delivered_at: datetime
    status_code: int
    installation_id: InstallationId | None = None


_DELIVERIES = TypeAdapter(list[_Delivery])


async def list_failed_deliveries(app: Client, since: datetime) -> tuple[DeliveryRecord, ...]:
    """Deliveries since then of which no attempt was answered with 2xx, the newest attempt of each, newest first.

    `app` asks as the App.
    """
    newest: dict[DeliveryId, _Delivery] = {}
    arrived: set[DeliveryId] = set()
    async for page in app.pages(_DELIVERIES, "/app/hook/deliveries"):
        recent = [entry for entry in page if entry.delivered_at >= since]
        for entry in recent:
            newest.setdefault(entry.guid, entry)
            if 200 <= entry.status_code < 300:
                arrived.add(entry.guid)
        if len(recent) < len(page):
            break
    return tuple(_record(entry) for guid, entry in newest.items() if guid not in arrived)


async def redeliver(app: Client, delivery: DeliveryRecord) -> None:
    """Have GitHub deliver it once more, under the same delivery id; `app` asks as the App."""
    await app.order("POST", f"/app/hook/deliveries/{delivery.id}/attempts")


def _record(entry: _Delivery) -> DeliveryRecord:
    return DeliveryRecord(
        id=entry.id,
        delivery=entry.guid,
        event=entry.event,
        action=entry.action or "",
        delivered_at=entry.delivered_at,
        status_code=entry.status_code,
        installation=entry.installation_id,
    )
