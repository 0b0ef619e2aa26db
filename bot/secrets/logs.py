"""Redaction of what is logged: the last processor before an event is written, after its traceback has become text.

https://www.structlog.org/en/stable/processors.html
"""

from collections.abc import Mapping, MutableMapping
from typing import Any, cast

from bot.secrets.scan import redact, redact_all


def redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A structlog processor: every text of the event redacted, and what is no plain data by way of its `repr`.

    Put it behind `structlog.processors.format_exc_info` and before the renderer.
    """
    return {name: _plain(value) for name, value in event.items()}


def _plain(value: object) -> object:
    match value:
        case None | bool() | int() | float():
            return value
        case str() | dict() | list() | tuple():
            return redact_all(cast(object, value))
        case _:
            return redact(repr(value))
