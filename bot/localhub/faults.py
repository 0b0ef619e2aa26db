"""Faults that a test can order: this request answered with that error, that webhook lost, at the nth occurrence.

A fault happens on the wire or just before it, never inside an endpoint: what GitHub holds stays consistent, only the
caller's view of it suffers, which is what happens with the real one.
"""

import re
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Answer:
    """The request is answered like this, with its effect or without."""

    status: int
    body: str = '{"message": "Server Error"}'
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)
    effect: Literal["skipped", "done"] = "skipped"


@dataclass(frozen=True, slots=True)
class Delay:
    """The request is handled this many seconds late."""

    seconds: float


@dataclass(frozen=True, slots=True)
class LoseResponse:
    """The effect is done, then the connection is closed without a byte of answer."""


@dataclass(frozen=True, slots=True)
class CutResponse:
    """The effect is done, then the connection is closed in the middle of the answer's body."""


RequestFault = Answer | Delay | LoseResponse | CutResponse


@dataclass(frozen=True, slots=True)
class Drop:
    """The webhook is never sent, and GitHub's list of deliveries shows it as failed."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The webhook is sent twice with the same delivery id."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The webhook waits until `release` is called: for late and for reordered events."""


DeliveryFault = Drop | Duplicate | Hold


@dataclass(slots=True)
class _PlannedRequest:
    method: str
    path: re.Pattern[str]
    fault: RequestFault
    first: int
    last: int
    seen: int = 0


@dataclass(slots=True)
class _PlannedDelivery:
    event: str
    action: str | None
    fault: DeliveryFault
    first: int
    last: int
    seen: int = 0


@dataclass(slots=True)
class Faults:
    """The faults ordered so far; each counts its own occurrences from the moment it was ordered."""

    _requests: list[_PlannedRequest] = field(default_factory=list[_PlannedRequest])
    _deliveries: list[_PlannedDelivery] = field(default_factory=list[_PlannedDelivery])

    def on_request(self, method: str, path: str, fault: RequestFault, *, nth: int = 1, times: int = 1) -> None:
        """Order `fault` for the `nth` to `nth + times - 1`th request whose path fully matches the regex `path`.

        The path is that of github.com's REST API, without `/api/v3` and without the query.
        """
        self._requests.append(_PlannedRequest(method.upper(), re.compile(path), fault, nth, nth + times - 1))

    def on_delivery(
        self, event: str, fault: DeliveryFault, *, action: str | None = None, nth: int = 1, times: int = 1
    ) -> None:
        """Order `fault` for webhooks of this event; with `action` None for any action of it."""
        self._deliveries.append(_PlannedDelivery(event, action, fault, nth, nth + times - 1))

    def clear(self) -> None:
        """Forget every order."""
        self._requests.clear()
        self._deliveries.clear()

    def take_request(self, method: str, path: str) -> tuple[RequestFault, ...]:
        """Count this request and give the faults that fall on it."""
        due: list[RequestFault] = []
        for planned in self._requests:
            if planned.method == method and planned.path.fullmatch(path):
                planned.seen += 1
                if planned.first <= planned.seen <= planned.last:
                    due.append(planned.fault)
        return tuple(due)

    def take_delivery(self, event: str, action: str | None) -> tuple[DeliveryFault, ...]:
        """Count this webhook and give the faults that fall on it."""
        due: list[DeliveryFault] = []
        for planned in self._deliveries:
            if planned.event == event and planned.action in (None, action):
                planned.seen += 1
                if planned.first <= planned.seen <= planned.last:
                    due.append(planned.fault)
        return tuple(due)
