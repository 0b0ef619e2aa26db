"""How a provider is reached: given by whoever read the settings, since this package reads no environment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2


@dataclass(frozen=True, slots=True)
class Access:
    """A key and a place; the key is in no `repr`."""

    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    """None for the provider's own; else a server that speaks the same interface, which may need no key."""
    timeout: timedelta = timedelta(minutes=5)
    """How long one request may take, from the connection to the last byte."""
    connect: "Callable[[], httpx2.AsyncBaseTransport] | None" = None
    """Opens the way to the provider; None goes as the environment says."""
