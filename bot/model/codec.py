"""Values of the language as JSON and back.

One converter for the journal, the state files and the command line: a member of a union carries its class name under
`_type`, so that two cases with equal fields are never mistaken for each other.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar, cast

from cattrs import Converter
from cattrs.preconf.json import make_converter
from cattrs.strategies import configure_tagged_union

from bot.model.change import Edit
from bot.model.check import Verdict
from bot.model.conversation import Message
from bot.model.event import Event
from bot.model.outcome import Outcome
from bot.model.reply import Call, Reply
from bot.model.step import Step
from bot.model.validation import Proof, Reproduction, Unproven

Value = TypeVar("Value")


@cache
def _converter() -> Converter:
    converter = make_converter()
    converter.register_unstructure_hook(datetime, lambda value: value.isoformat())
    converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
    converter.register_unstructure_hook(timedelta, lambda value: value.total_seconds())
    converter.register_structure_hook(timedelta, lambda value, _: timedelta(seconds=value))
    # Before the unions that hold them: a union takes the hooks of its members as they are at that moment.
    for union in (Proof, Proof | Unproven, Reproduction):
        configure_tagged_union(union, converter)
        _allow_none(converter, union)
    for union in (Edit, Verdict, Message, Event, Call, Reply, Outcome, Step):
        configure_tagged_union(union, converter)
    return converter


def _allow_none(converter: Converter, union: Any) -> None:
    """The union or nothing: cattrs would leave the tag out."""

    def unstructure(value: object) -> object:
        return None if value is None else converter.unstructure(value, unstructure_as=union)

    def structure(data: object, _: object) -> object:
        return None if data is None else converter.structure(data, union)

    def is_it(kind: object) -> bool:
        return kind == optional

    optional = union | None
    converter.register_unstructure_hook_func(is_it, unstructure)
    converter.register_structure_hook_func(is_it, structure)


def encode(value: object, as_type: object | None = None) -> object:
    """A JSON-ready value; `as_type` names the union that `value` is a case of."""
    return _converter().unstructure(value, unstructure_as=as_type)


def finite(data: object) -> object:
    """Encoded `data` with infinite numbers as texts, which JSON has no other word for; `float` reads them."""
    match data:
        case float() if not math.isfinite(data):
            return str(data)
        case dict():
            return {name: finite(each) for name, each in cast("dict[str, object]", data).items()}
        case list() | tuple():
            return [finite(each) for each in cast("Sequence[object]", data)]
        case _:
            return data


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
