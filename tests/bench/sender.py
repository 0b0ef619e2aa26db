"""A sender of signed webhooks that costs little: closed loops over kept connections, and requests written beforehand.

Each connection sends the next request when the last was answered, so `concurrency` of them are under way at a time. A
client library would take longer for a request than the receiver that is measured.
"""

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final, cast
from urllib.parse import urlsplit

SECRET: Final = "a secret of the bench"
BODY_BYTES: Final = 12_000
"""About what GitHub sends for an issue that was labelled."""
API: Final = "https://api.example.org/repos/octo/shop/"
_STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3})")
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_numbers = count()


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back to one burst."""

    statuses: Counter[int]
    seconds: float
    """From the first request to the last answer."""
    waits: tuple[float, ...]
    """Seconds from a request to its answer, ascending."""

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.waits) / self.seconds

    def quantile(self, share: float) -> float:
        """The wait that this share of the requests stays within."""
        return self.waits[min(len(self.waits) - 1, int(share * len(self.waits)))]


def labelled(size: int = BODY_BYTES) -> bytes:
    """A body of `size` bytes that says that an issue was labelled, with the text that issues have around it."""
    document: dict[str, object] = {
        "action": "labeled",
        "issue": {"number": 5, "title": "The total is wrong", "body": "", "labels": [{"name": "rmo"}]},
        "label": {"name": "rmo"},
        "installation": {"id": 7},
        "repository": {"id": 42, "full_name": "octo/shop"},
        "sender": {"login": "ada", "type": "User"},
    }
    document["links"] = links = {f"url_{number}": f"{API}{number}" for number in range(size // 80)}
    while (short := size - len(json.dumps(document))) < 0:
        links.popitem()
    document["text"] = ""
    body = json.dumps({**document, "text": "x" * (short - len(', "text": ""'))}).encode()
    assert len(body) == size
    return body


def requests(url: str, body: bytes) -> Iterator[bytes]:
    """Whole HTTP requests with the headers of a delivery, each of another id."""
    parts = urlsplit(url)
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\naccept: */*\r\ncontent-type: application/json\r\n"
        f"user-agent: GitHub-Hookshot/bench\r\nx-github-event: issues\r\nx-hub-signature-256: sha256={signature}\r\n"
        f"content-length: {len(body)}\r\nx-github-delivery: "
    ).encode()
    for number in _numbers:
        yield b"%s72d3162e-cc78-11e3-81ab-%012d\r\n\r\n%s" % (head, number, body)


async def burst(url: str, number: int, concurrency: int, body: bytes) -> Answers:
    """Send `number` deliveries over `concurrency` connections; raises ConnectionError where one is closed."""
    each = requests(url, body)
    waiting = [next(each) for _ in range(number)]
    loop = asyncio.get_running_loop()
    parts = urlsplit(url)
    assert parts.hostname is not None
    connections: list[_Connection] = []
    for _ in range(concurrency):
        _, made = await loop.create_connection(lambda: _Connection(waiting), parts.hostname, parts.port or 80)
        connections.append(made)
    started = time.perf_counter()
    for connection in connections:
        connection.send_next()
    await asyncio.gather(*(connection.done for connection in connections))
    seconds = time.perf_counter() - started
    statuses = sum((connection.statuses for connection in connections), Counter[int]())
    return Answers(statuses, seconds, tuple(sorted(wait for connection in connections for wait in connection.waits)))


class _Connection(asyncio.Protocol):
    """One kept connection, which takes from what waits until nothing is left."""

    def __init__(self, waiting: list[bytes]) -> None:
        self._waiting = waiting
        self._read = b""
        self._sent_at = 0.0
        self.statuses = Counter[int]()
        self.waits: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the receiver closed a connection"))

    def send_next(self) -> None:
        if not self._waiting:
            self.done.set_result(None)
            self._transport.close()
            return
        request = self._waiting.pop()
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._read += data
        end = self._read.find(b"\r\n\r\n")
        if end < 0:
            return
        length = _LENGTH.search(self._read, 0, end)
        assert length is not None, self._read
        if len(self._read) < end + 4 + int(length[1]):
            return
        status = _STATUS.match(self._read)
        assert status is not None, self._read
        self.statuses[int(status[1])] += 1
        self.waits.append(time.perf_counter() - self._sent_at)
        self._read = b""
        self.send_next()
