"""The section `learning` of the policy: lists become tuples, days become spans of time."""

from datetime import timedelta
from typing import Any, TypedDict, cast

from bot.model.learning_policy import (
    CanaryPolicy,
    LearningPolicy,
    ProposePolicy,
    ReplayPolicy,
    RouterPolicy,
    ScreenPolicy,
)


class LearningSection(TypedDict):
    """As the schema lets it through."""

    screen: dict[str, Any]
    propose: dict[str, Any]
    replay: dict[str, Any]
    canary: dict[str, Any]
    router: dict[str, Any]


def learning_policy(section: LearningSection) -> LearningPolicy:
    """The policy of a section that fits the schema, whose names are those of the policy's fields."""
    return LearningPolicy(
        screen=ScreenPolicy(**section["screen"]),
        propose=ProposePolicy(**_converted(section["propose"])),
        replay=ReplayPolicy(**_converted(section["replay"])),
        canary=CanaryPolicy(**_converted(section["canary"])),
        router=RouterPolicy(**section["router"]),
    )


def _converted(row: dict[str, Any]) -> dict[str, Any]:
    converted: dict[str, Any] = {}
    for name, value in row.items():
        if name.endswith("_days"):
            converted[name.removesuffix("_days")] = timedelta(days=value)
        else:
            converted[name] = tuple(cast("list[object]", value)) if isinstance(value, list) else value
    return converted
