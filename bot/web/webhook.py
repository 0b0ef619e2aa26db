"""The webhook receiver: authenticate, store, acknowledge; nothing else happens while GitHub waits.

A bare ASGI function for this one path, because a framework's request costs more than the work here. Nothing is parsed:
the worker does that. The order of the checks is from cheap to dear, and a body is never held beyond its limit. GitHub
waits ten seconds for the answer (GitHub docs, "Best practices for using webhooks"), and 202 means: committed.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final, Literal, assert_never

import orjson
import structlog

from bot.intake.webhook import WebhookSecret, verify_signature
from bot.model.errors import Retryable
from bot.model.event import Delivery
from bot.model.ids import DeliveryId

Scope = MutableMapping[str, Any]  # the ASGI specification's own types
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Store = Callable[[Delivery], Awaitable[Literal["stored", "duplicate", "conflict"]]]

BODY_BYTES: Final = 25 * 1024 * 1024
"""GitHub's own limit of a payload (GitHub docs, "Webhook events and payloads")."""
BUFFERED_BYTES: Final = 8 * BODY_BYTES
"""How much all unfinished requests together may hold: anyone can send a large body, only GitHub can sign it."""
ANSWER_SECONDS: Final = 9.0
"""From the request's headers to the answer; below GitHub's patience, so that GitHub hears a reason and not silence."""

_EVENT: Final = re.compile(rb"[a-z][a-z0-9_]{0,63}")
_GUID: Final = re.compile(rb"[0-9A-Za-z-]{1,64}")
_JSON: Final = re.compile(rb"application/json(?:\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)

_NOT_STORED: Final = "the delivery could not be stored: send it again"

_log = structlog.get_logger("bot.web.webhook")


class _Refusal(Exception):
    """Ends a request with this status and this text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class WebhookReceiver:
    """The ASGI application for `POST /webhook`. `store` returns after its commit, or raises a Retryable.

    Answers 202 stored or already stored · 400 header missing or twice · 401 signature · 405 · 408 · 409 the delivery's
    id is taken by another body · 413 · 415 not plain JSON · 503 not stored, or too many bodies at once.
    """

    def __init__(
        self,
        secret: WebhookSecret,
        store: Store,
        *,
        body_bytes: int = BODY_BYTES,
        buffered_bytes: int = BUFFERED_BYTES,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._secret = secret
        self._store = store
        self._body_bytes = body_bytes
        self._buffered_bytes = buffered_bytes
        self._answer_seconds = answer_seconds
        self._buffered = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held = _Held(self)
        try:
            status, text = await self._answer(scope, receive, held)
        except _Refusal as refusal:
            status, text = refusal.status, str(refusal)
        except _ClientGone:
            return
        finally:
            held.release()
        await _respond(send, status, text)

    async def _answer(self, scope: Scope, receive: Receive, held: "_Held") -> tuple[int, str]:
        if scope["method"] != "POST":
            raise _Refusal(405, "send deliveries with POST")
        headers = _Headers(scope["headers"])
        content_type = headers.single(b"content-type", 415)
        plain = content_type == b"application/json" or _JSON.fullmatch(content_type) is not None
        if not plain or headers.has(b"content-encoding"):
            raise _Refusal(415, "send plain application/json: set the webhook's content type to it")
        event = headers.single(b"x-github-event", 400, _EVENT).decode("ascii")
        guid = headers.single(b"x-github-delivery", 400, _GUID).decode("ascii")
        signature = headers.single(b"x-hub-signature-256", 401).decode("latin-1")
        if headers.length() > self._body_bytes:
            raise _Refusal(413, f"a body has at most {self._body_bytes} bytes")
        body: bytes | None = None
        try:
            async with asyncio.timeout(self._answer_seconds):
                body = await self._read(receive, held)
                if not verify_signature(self._secret, body, signature):
                    raise _Refusal(401, "the signature does not fit: set the same secret on both sides")
                return await self._keep(Delivery(DeliveryId(guid), event, body))
        except TimeoutError as error:
            if body is None:
                raise _Refusal(408, "the body did not arrive in time: send it again") from error
            _log.error("delivery_not_stored", delivery=guid, reason="the store did not answer in time")
            raise _Refusal(503, _NOT_STORED) from error

    async def _keep(self, delivery: Delivery) -> tuple[int, str]:
        try:
            result = await self._store(delivery)
        except Retryable as error:
            _log.error("delivery_not_stored", delivery=delivery.id, reason=str(error))
            raise _Refusal(503, _NOT_STORED) from error
        match result:
            case "stored" | "duplicate":
                return 202, result
            case "conflict":
                _log.warning("delivery_id_reused", delivery=delivery.id, delivered_event=delivery.event)
                return 409, "this delivery id belongs to another body"
            case _ as unreachable:
                assert_never(unreachable)

    async def _read(self, receive: Receive, held: "_Held") -> bytes:
        chunks: list[bytes] = []
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _ClientGone
            chunk: bytes = message.get("body", b"")
            held.add(len(chunk))
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)

    def reserve(self, count: int, size: int) -> None:
        """Counts `count` more bytes of a body that then has `size`; raises where either limit is passed."""
        self._buffered += count
        if size > self._body_bytes:
            raise _Refusal(413, f"a body has at most {self._body_bytes} bytes")
        if self._buffered > self._buffered_bytes:
            raise _Refusal(503, "too many large bodies at once: send it again")

    def release(self, count: int) -> None:
        """Gives back what `reserve` counted."""
        self._buffered -= count


class _Held:
    """What one request holds of the receiver's buffer."""

    def __init__(self, receiver: WebhookReceiver) -> None:
        self._receiver = receiver
        self._size = 0

    def add(self, count: int) -> None:
        self._size += count
        self._receiver.reserve(count, self._size)

    def release(self) -> None:
        self._receiver.release(self._size)


class _ClientGone(Exception):
    """The client left before its body was complete; nobody reads an answer."""


class _Headers:
    """A request's headers, none of which may come twice where it counts.

    The names are in lower case already (ASGI specification, "HTTP Connection Scope").
    """

    def __init__(self, pairs: Sequence[tuple[bytes, bytes]]) -> None:
        self._values: dict[bytes, bytes | None] = dict(pairs)
        """None where the header came more than once."""
        if len(self._values) != len(pairs):
            seen: set[bytes] = set()
            for name, _ in pairs:
                if name in seen:
                    self._values[name] = None
                seen.add(name)

    def has(self, name: bytes) -> bool:
        return name in self._values

    def single(self, name: bytes, status: int, form: re.Pattern[bytes] | None = None) -> bytes:
        """The only value of a header; refuses with `status` where it is missing, comes twice or has another form."""
        value = self._values.get(name)
        if value is None or (form is not None and form.fullmatch(value) is None):
            raise _Refusal(status, f"the header {name.decode()!r} must be there once, in GitHub's form")
        return value

    def length(self) -> int:
        """The announced length; 0 where there is none, since the body is counted as it comes."""
        value = self._values.get(b"content-length")
        return int(value) if value is not None and value.isdigit() and len(value) < 19 else 0


def in_front_of(application: Application, receiver: Application, path: str = "/webhook") -> Application:
    """`application`, with requests for exactly `path` answered by `receiver` before any middleware."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        chosen = receiver if scope["type"] == "http" and scope["path"] == path else application
        await chosen(scope, receive, send)

    return front


def _messages(status: int, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """An answer in ASGI's two messages; whoever sends them leaves them as they are."""
    body = orjson.dumps({"result" if status == 202 else "error": text})
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    if status != 202:
        # The rest of a refused body is not read; the connection cannot be used again.
        headers.append((b"connection", b"close"))
    start = {"type": "http.response.start", "status": status, "headers": headers}
    return start, {"type": "http.response.body", "body": body}


_USUAL: Final = {text: _messages(202, text) for text in ("stored", "duplicate")}


async def _respond(send: Send, status: int, text: str) -> None:
    start, body = _USUAL[text] if status == 202 else _messages(status, text)
    await send(start)
    await send(body)
