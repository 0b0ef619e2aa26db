"""What keeps learning slow and in people's hands: what may be registered and proposed now, and else why not.

A proposal is a request for a person's time, so there is one at a time, none soon after a rejection, and none that only
one person's tasks, or one day's, stand behind (L3 of the security design): nobody can teach the program alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from bot.learning.matching import holds
from bot.model.learning_policy import ProposePolicy, ScreenPolicy
from bot.model.pattern import Hypothesis, PatternEvent, PatternId, Unit
from bot.model.proposal import Proposal
from bot.model.rollout import ItemStanding

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class May:
    """Nothing speaks against it."""

    factor: float = 1.0
    """By how much the threshold of a registration is raised."""


@dataclass(frozen=True, slots=True)
class MayNot:
    """One line for people, and when to look again; None where time alone changes nothing."""

    reason: str
    until: datetime | None = None


Permission = May | MayNot


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Who saw a failure in its context: independent of each other as far as can be known."""

    issues: int
    days: int
    labellers: int
    repositories: int


def first_objection(permissions: Iterable[Permission]) -> Permission:
    """The first that says no, or leave."""
    return next((each for each in permissions if isinstance(each, MayNot)), May())


def while_learning(is_on: bool) -> Permission:
    """Nothing is proposed where a person has switched learning off."""
    return May() if is_on else MayNot("learning is switched off; switch it on with `rmo learning on`")


def may_open(proposals: Sequence[Proposal], now: datetime, policy: ProposePolicy) -> Permission:
    """Whether there is room for one more pull request that adds an item, and nobody has just turned one down.

    Pull requests that record what was decided are none of these: they ask for no decision, and wait for nobody.
    """
    adding = [each for each in proposals if each.kind == "add"]
    waiting = [each for each in adding if each.status in ("drafted", "open")]
    if len(waiting) >= policy.open_at_once:
        return MayNot(f"{len(waiting)} of {policy.open_at_once} protocol pull requests wait for a person")
    closed = [each.closed_at for each in adding if each.status == "closed" and each.closed_at is not None]
    until = max(closed) + policy.cool_down if closed else now
    if now < until:
        return MayNot("a protocol pull request was closed without merging a short while ago", until)
    return May()


def may_register(events: Sequence[PatternEvent], now: datetime, policy: ProposePolicy) -> Permission:
    """Whether a hypothesis may be registered, given everything that ever happened to it, in order.

    What was rejected, or became an item that did not pay, is tried again at a raised threshold, after the cool-down and
    so many times a year. What a person deleted is never tried again.
    """
    if not events:
        return May()
    last = events[-1]
    match last.act:
        case "registered" | "crossed" | "proposed":
            return MayNot("it is being judged")
        case "merged":
            return MayNot("it has become an item")
        case "deleted":
            return MayNot("a person deleted it")
        case "rejected" | "retired":
            return _may_retry(events, last.at, now, policy)
        case _ as unreachable:
            assert_never(unreachable)


def _may_retry(events: Sequence[PatternEvent], last: datetime, now: datetime, policy: ProposePolicy) -> Permission:
    if now < last + policy.cool_down:
        return MayNot("it was turned down a short while ago", last + policy.cool_down)
    retries = [event.at for event in events if event.act == "registered"][1:]
    recent = [at for at in retries if at > now - YEAR]
    if len(recent) >= policy.retries_a_year:
        # All but so many have to be a year old
        until = recent[-policy.retries_a_year] + YEAR if policy.retries_a_year else None
        return MayNot(f"it was tried again {len(recent)} times within a year", until)
    return May(policy.retry_factor)


def retry_factors(
    histories: Mapping[PatternId, Sequence[PatternEvent]], now: datetime, policy: ProposePolicy
) -> Mapping[PatternId, float]:
    """Of the patterns with a history, those that may be registered again, and at how many times the threshold."""
    permissions = {pattern: may_register(events, now, policy) for pattern, events in histories.items()}
    return {pattern: each.factor for pattern, each in permissions.items() if isinstance(each, May)}


def witnesses(hypothesis: Hypothesis, units: Iterable[Unit]) -> Witnesses:
    """Of the failure in its context, among `units`."""
    seen = [unit for unit in units if hypothesis.signature in unit.signatures]
    seen = [unit for unit in seen if holds(hypothesis.context, unit.context)]
    return Witnesses(
        issues=len({unit.cluster for unit in seen}),
        days=len({unit.assigned_at.date() for unit in seen}),
        labellers=len({unit.labeller for unit in seen if unit.labeller}),
        repositories=len({unit.context.get("repository") for unit in seen}),
    )


def is_witnessed(found: Witnesses, writers: int, policy: ScreenPolicy) -> Permission:
    """Whether enough of them are independent. `writers`: how many people can label an issue where it was seen.

    Where only one person can, no second one is asked for, unless the failure was seen in more than one repository.
    """
    if found.issues < policy.issues:
        return MayNot(f"{found.issues} of {policy.issues} different issues have shown it")
    if found.days < policy.days:
        return MayNot(f"{found.days} of {policy.days} different days have shown it")
    asks_for_people = writers >= policy.labellers or found.repositories > 1
    if asks_for_people and found.labellers < policy.labellers:
        return MayNot(f"{found.labellers} of {policy.labellers} different people have labelled an issue that showed it")
    return May()


def is_wanted(item: str, standings: Mapping[str, ItemStanding]) -> Permission:
    """An item that a person banned is proposed no more."""
    standing = standings.get(item)
    return MayNot(f"a person banned the item {item!r}") if standing is not None and standing.banned else May()
