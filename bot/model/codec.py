"""Values of the language as JSON and back.

One converter for the journal, the state files and the command line: a member of a union carries its class name under
`_type`, so that two cases with equal fields are never mistaken for each other.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from cattrs import Converter
from cattrs.preconf.json import make_converter
from cattrs.strategies import configure_tagged_union

from bot.model.change import Edit
from bot.model.check import Verdict
from bot.model.conversation import Message
from bot.model.event import Event
from bot.model.journal import Outcome, Step
from bot.model.reply import Call, Reply

Value = TypeVar("Value")


@cache
def _converter() -> Converter:
    converter = make_converter()
    converter.register_unstructure_hook(datetime, lambda value: value.isoformat())
    converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
    converter.register_unstructure_hook(timedelta, lambda value: value.total_seconds())
    converter.register_structure_hook(timedelta, lambda value, _: timedelta(seconds=value))
    for union in (Edit, Verdict, Message, Event, Call, Reply, Outcome, Step):
        configure_tagged_union(union, converter)
    return converter


def encode(value: object, as_type: object | None = None) -> object:
    """A JSON-ready value; `as_type` names the union that `value` is a case of."""
    return _converter().unstructure(value, unstructure_as=as_type)


def decode(data: object, as_type: type[Value]) -> Value:
    """The value that `encode` was given; raises cattrs' own errors on anything else."""
    return _converter().structure(data, as_type)


def decode_step(data: object) -> Step:
    """The step that was encoded as a `Step`."""
    return _structure(data, Step)


def decode_outcome(data: object) -> Outcome:
    """The outcome that was encoded as an `Outcome`."""
    return _structure(data, Outcome)


def _structure(data: object, union: Any) -> Any:
    """A union is no `type` to the type checker, but one to cattrs."""
    return _converter().structure(data, union)
