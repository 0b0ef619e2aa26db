"""Telling Apps what happened: signed HTTP POSTs in the background, each attempt on record for redelivery.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers
"""

import hashlib
import hmac
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace

import httpx
import orjson

from bot.localhub.faults import Drop, Duplicate, Hold
from bot.localhub.shapes.accounts import Shape, simple_user
from bot.localhub.shapes.repositories import full_repository
from bot.localhub.state.accounts import Account, App, Installation
from bot.localhub.state.deliveries import HookDelivery
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World, node_id

ALWAYS_SENT = frozenset({"ping", "installation", "installation_repositories"})
"""Every App gets these without subscribing."""
ANSWER_WITHIN_SECONDS = 10.0
KEPT_RESPONSE_BYTES = 10_000


def emit(
    world: World,
    repository: HubRepository,
    event: str,
    action: str | None,
    details: Shape,
    sender: Account,
    *,
    only: App | None = None,
) -> None:
    """Queue this event for every App that is installed here and subscribed to it (or for `only` alone)."""
    for installation in world.installations_on(repository):
        if only is None or installation.app is only:
            payload: Shape = {
                **details,
                "repository": full_repository(world, repository, None),
                "sender": simple_user(world, sender),
            }
            send(world, installation.app, event, action, payload, installation, repository)


def send(
    world: World,
    app: App,
    event: str,
    action: str | None,
    payload: Shape,
    installation: Installation | None,
    repository: HubRepository | None,
) -> None:
    """Queue one event for one App, if it listens to such events at all."""
    if app.webhook_url is None or (event not in app.events and event not in ALWAYS_SENT):
        return
    if installation is not None and installation.suspended_at is not None and event != "installation":
        return
    body: Shape = {} if action is None else {"action": action}
    body |= payload
    if installation is not None and "installation" not in body:
        body["installation"] = {"id": installation.id, "node_id": node_id("IN", installation.id)}
    record = HookDelivery(
        id=world.next_id("delivery"),
        guid=str(uuid.uuid4()),
        app=app,
        event=event,
        action=action,
        installation_id=None if installation is None else installation.id,
        repository_id=None if repository is None else repository.id,
        body=orjson.dumps(body),
        redelivery=False,
        delivered_at=world.now(),
    )
    world.deliveries.append(record)
    _start(world, record)


def _start(world: World, record: HookDelivery) -> None:
    attempts = 1
    for fault in world.faults.take_delivery(record.event, record.action):
        match fault:
            case Drop():
                record.status, record.status_code = "failed to connect to host", 0
                return
            case Hold():
                world.held_deliveries.append(record)
                return
            case Duplicate():
                attempts += 1
    for _ in range(attempts):
        world.background.spawn(_deliver(world, record))


def release(world: World, *, newest_first: bool) -> None:
    """Send the webhooks that a fault holds back, in their order or in the reverse one."""
    held = list(world.held_deliveries)
    world.held_deliveries.clear()
    for record in reversed(held) if newest_first else held:
        world.background.spawn(_deliver(world, record))


def redeliver(world: World, record: HookDelivery) -> HookDelivery:
    """Attempt a delivery again, under the same guid, as a delivery of its own."""
    again = replace(
        record, id=world.next_id("delivery"), redelivery=True, delivered_at=world.now(), status="pending", status_code=0
    )
    world.deliveries.append(again)
    world.background.spawn(_deliver(world, again))
    return again


def signature(secret: str, body: bytes) -> str:
    """`X-Hub-Signature-256` of a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _headers(record: HookDelivery) -> Mapping[str, str]:
    return {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/localhub",
        "X-GitHub-Delivery": record.guid,
        "X-GitHub-Event": record.event,
        "X-GitHub-Hook-ID": str(record.app.id),
        "X-GitHub-Hook-Installation-Target-ID": str(record.app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        "X-Hub-Signature-256": signature(record.app.webhook_secret, record.body),
    }


async def _deliver(world: World, record: HookDelivery) -> None:
    """One attempt; one at a time per App, in the order of the events, unless a fault says otherwise."""
    url = record.app.webhook_url
    if url is None:
        record.status = "webhook is switched off"
        return
    async with world.delivery_lock(record.app):
        record.request_headers = dict(_headers(record))
        started = time.monotonic()
        try:
            response = await world.http.post(
                url, content=record.body, headers=record.request_headers, timeout=ANSWER_WITHIN_SECONDS
            )
        except httpx.TimeoutException:
            record.status, record.status_code = "timed out", 0
        except httpx.TransportError:
            record.status, record.status_code = "failed to connect to host", 0
        else:
            record.status = "OK" if response.is_success else f"Invalid HTTP Response: {response.status_code}"
            record.status_code = response.status_code
            record.response_headers = dict(response.headers)
            record.response_body = response.content[:KEPT_RESPONSE_BYTES].decode(errors="replace")
        record.duration = time.monotonic() - started
