"""Webhook deliveries of an App."""

import json
from datetime import UTC

from bot.localhub.shapes.accounts import Shape
from bot.localhub.state.deliveries import HookDelivery


def delivery_item(held: HookDelivery) -> Shape:
    """`hook-delivery-item`."""
    return {
        "id": held.id,
        "guid": held.guid,
        "delivered_at": held.delivered_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "redelivery": held.redelivery,
        "duration": round(held.duration, 3),
        "status": held.status,
        "status_code": held.status_code,
        "event": held.event,
        "action": held.action,
        "installation_id": held.installation_id,
        "repository_id": held.repository_id,
        "throttled_at": None,
    }


def delivery(held: HookDelivery) -> Shape:
    """`hook-delivery`, with what was sent and what came back."""
    return {
        **delivery_item(held),
        "url": held.app.webhook_url or "",
        "request": {"headers": held.request_headers or {}, "payload": json.loads(held.body)},
        "response": {"headers": held.response_headers or {}, "payload": held.response_body},
    }
