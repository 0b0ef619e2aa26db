"""Who may start a run: a person who can push to the repository, or an App that the operator named.

Triage is not enough: whoever may start a run makes code run in CI. The permission is the API's answer of now, not what
a webhook said; ask again before every write. Look-alikes of the label start nothing.
"""

from dataclasses import dataclass
from typing import Final

from bot.intake.payload import TRIGGER_LABEL

_MAY_PUSH: Final = frozenset({"write", "maintain", "admin"})


@dataclass(frozen=True, slots=True)
class Labeller:
    """Who put the label on, as GitHub's API tells it now."""

    login: str
    is_bot: bool
    app: int | None
    """Id of the App that acted, where it was one."""
    permission: str
    """`permission` of `GET /repos/{owner}/{repo}/collaborators/{login}/permission`."""


@dataclass(frozen=True, slots=True)
class Permitted:
    """The run may start."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The run may not start, and why."""

    reason: str


def may_start(label: str, labeller: Labeller, allowed_apps: frozenset[int]) -> Permitted | Refused:
    """Whether this labelling may start a run; `allowed_apps` are ids of Apps that the operator trusts to label."""
    if label != TRIGGER_LABEL:
        return Refused(f"the label {label!r} is not exactly {TRIGGER_LABEL!r}")
    if labeller.is_bot:
        if labeller.app is not None and labeller.app in allowed_apps:
            return Permitted()
        return Refused(f"{labeller.login!r} is a bot that the operator has not allowed; ask a person to set the label")
    if labeller.permission in _MAY_PUSH:
        return Permitted()
    return Refused(
        f"{labeller.login!r} has the permission {labeller.permission!r}; ask someone with write access to set the label"
    )
