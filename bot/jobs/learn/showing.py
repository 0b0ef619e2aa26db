"""What is read for people and programs that ask: patterns with all their numbers, and items with what decided them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.jobs.learn.evaluate import judge
from bot.jobs.learn.standings import Standings, read_standings
from bot.learning.summary import PatternSummary, summarize
from bot.model.learning_policy import LearningPolicy
from bot.model.pattern import Pattern, PatternId, PatternStatus
from bot.model.protocol import Catalogue, ChecklistItem
from bot.model.rollout import Decision, ItemEvent, ItemStanding, ReplayPair
from bot.rollout.late import Late
from bot.store import patterns, rollouts


def read_summary(connection: Connection, pattern: PatternId) -> PatternSummary | None:
    """The pattern with that id; None where there is none."""
    found = patterns.read_pattern(connection, pattern)
    return None if found is None else _summary(connection, found)


def read_summaries(connection: Connection, status: PatternStatus | None = None) -> tuple[PatternSummary, ...]:
    """All patterns, or those of one status, that were registered last first."""
    listed = patterns.list_patterns(connection, status)
    whole = (patterns.read_pattern(connection, each.registration.id) for each in listed)
    return tuple(_summary(connection, each) for each in whole if each is not None)


def _summary(connection: Connection, pattern: Pattern) -> PatternSummary:
    return summarize(pattern, patterns.count_proposals(connection, pattern.registration.quarter))


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item of the checklists, and what is in force for it."""

    item: ChecklistItem
    standing: ItemStanding
    last: ItemEvent | None
    """What happened to it last."""


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """An item with everything that is known of it."""

    item: ChecklistItem | None
    """None where only events know it: it stands in no checklist any more."""
    standing: ItemStanding
    decision: Decision | None
    """What the numbers say now; None where no live task is told it by lot."""
    late: Late | None
    """What people made of its work; None where no live task is told it by lot."""
    pairs: tuple[ReplayPair, ...]
    events: tuple[ItemEvent, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """An item that live tasks are told by lot, and what the numbers say now."""

    item: str
    standing: ItemStanding
    decision: Decision
    late: Late | None


def read_items(connection: Connection, catalogue: Catalogue) -> tuple[ItemLine, ...]:
    """Every item, in the order of the checklists."""
    standings = read_standings(connection, catalogue)
    return tuple(ItemLine(item, standings.of(item.id), standings.last(item.id)) for item in catalogue.items)


def read_item(
    connection: Connection, catalogue: Catalogue, policy: LearningPolicy, item: str, now: datetime
) -> ItemSummary | None:
    """The item of that name; None where neither the checklists nor an event knows it."""
    standings = read_standings(connection, catalogue)
    if item not in standings.by_item:
        return None
    trial = next((each for each in read_trials(connection, catalogue, policy, now) if each.item == item), None)
    return ItemSummary(
        item=_item(catalogue.items, item),
        standing=standings.of(item),
        decision=trial and trial.decision,
        late=trial and trial.late,
        pairs=rollouts.read_pairs(connection, item),
        events=_events(standings, item),
    )


def read_trials(
    connection: Connection, catalogue: Catalogue, policy: LearningPolicy, now: datetime
) -> tuple[Trial, ...]:
    """Every item on live trial, and every promoted one that is watched, in the order of the checklists."""
    judged = judge(connection, catalogue, policy.canary, now)
    return tuple(Trial(each.item.id, each.standing, each.decision, each.late) for each in judged)


def _item(items: Sequence[ChecklistItem], wanted: str) -> ChecklistItem | None:
    return next((each for each in items if each.id == wanted), None)


def _events(standings: Standings, item: str) -> tuple[ItemEvent, ...]:
    return tuple(event for event in standings.events if event.item == item)
