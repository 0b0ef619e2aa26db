"""Which pattern becomes a pull request next, and as which item: by rule, in words of the reviewed catalogue.

One at a time, none soon after a rejection, none that too few people or days stand behind, none that a person banned,
none that undoes another fix. A pattern that something speaks against waits, and the reason is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.agents.checklist import line_up
from bot.jobs.learn.standings import Standings, read_standings
from bot.learning.conflicts import conflicts
from bot.learning.drafting import Draft, Undrafted, draft
from bot.learning.guard import MayNot, Witnesses, is_witnessed
from bot.learning.summary import total
from bot.learning.wording import remedies_for
from bot.model.learning_policy import LearningPolicy, ScreenPolicy
from bot.model.pattern import EvidencePoint, Pattern
from bot.model.proposal import Proposal, ProposedItem
from bot.model.protocol import Catalogue, Remedy
from bot.rollout.lineage import Undoing, undoings
from bot.store import patterns
from bot.store.labellers import count_labellers
from bot.store.proposals import list_proposals
from bot.store.signatures import first_seen, parents_of


@dataclass(frozen=True, slots=True)
class Chosen:
    """A pattern, and the change of a checklist that it leads to."""

    pattern: Pattern
    draft: Draft


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pattern with enough evidence that is not proposed, and why."""

    pattern: Pattern
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """The protocols that are in force, their text, and the rules of the choice."""

    catalogue: Catalogue
    files: Mapping[str, str]
    policy: LearningPolicy


def choose(connection: Connection, told: Told) -> tuple[Chosen | None, tuple[Waiting, ...]]:
    """The crossed pattern with the strongest evidence that nothing speaks against, and those that wait before it."""
    standings = read_standings(connection, told.catalogue)
    listed = patterns.list_patterns(connection, "crossed")
    crossed = [each for one in listed if (each := patterns.read_pattern(connection, one.registration.id)) is not None]
    crossed.sort(key=_strength, reverse=True)
    waiting: list[Waiting] = []
    for pattern in crossed:
        found = _drafted(connection, pattern, told, standings)
        if isinstance(found, Draft):
            return Chosen(pattern, found), tuple(waiting)
        waiting.append(Waiting(pattern, found))
    return None, tuple(waiting)


def _strength(pattern: Pattern) -> float:
    return pattern.e_value / pattern.points[-1].threshold if pattern.points else 0.0


def _drafted(connection: Connection, pattern: Pattern, told: Told, standings: Standings) -> Draft | str:
    """The item for `pattern`, or why there is none."""
    witnessed = _witnessed(connection, pattern, told.policy.screen)
    if witnessed:
        return witnessed
    catalogue, hypothesis = told.catalogue, pattern.registration.hypothesis
    taken = [item for item in catalogue.items if standings.of(item.id).state != "draft"]
    banned = [item for item, standing in standings.by_item.items() if standing.banned]
    parents = parents_of(connection, hypothesis.signature)
    remedies = remedies_for(hypothesis, parents, catalogue, taken, banned)
    reasons = [] if remedies else ["no remedy of the catalogue is against it, or all were tried: write one"]
    for remedy in remedies:
        drafted = draft(hypothesis, remedy, catalogue, told.files, state="testing")
        if isinstance(drafted, Undrafted):
            reasons.append(drafted.reason)
            continue
        undone = _undone(connection, pattern, drafted.item, remedy, told, standings)
        if not undone:
            return drafted
        reasons += [each.reason for each in undone]
    return "; ".join(dict.fromkeys(reasons))


def _witnessed(connection: Connection, pattern: Pattern, policy: ScreenPolicy) -> str:
    """Why too little stands behind it; empty where enough does."""
    support = pattern.registration.support
    evidence = total([each.table for point in pattern.points for each in point.tables])
    seen = Witnesses(
        issues=support.table.inside_with + evidence.inside_with,
        days=max(support.days, len({point.at.date() for point in pattern.points if _shows(point)})),
        labellers=support.labellers,
        repositories=support.repositories,
    )
    if pattern.registration.origin == "transfer":
        # Nobody was counted when it was suggested: issues and days have to come from its own evidence
        policy = replace(policy, labellers=0)
    found = is_witnessed(seen, count_labellers(connection), policy)
    return found.reason if isinstance(found, MayNot) else ""


def _shows(point: EvidencePoint) -> bool:
    """Whether a task of its block had the failure in the context."""
    return any(each.table.inside_with for each in point.tables)


def _undone(
    connection: Connection,
    pattern: Pattern,
    item: ProposedItem,
    remedy: Remedy,
    told: Told,
    standings: Standings,
) -> tuple[Undoing, ...]:
    """What the item would undo of what was learned before."""
    nodes = told.catalogue.nodes
    opposed = conflicts(item, told.catalogue, standings.by_item)
    return undoings(
        item,
        earlier=proposed_before(list_proposals(connection)),
        events=standings.events,
        opposes={item.id: [*(each.item for each in opposed), *remedy.opposes]},
        above={node: line_up(nodes, node) for node in nodes},
        first_seen=first_seen(connection, pattern.registration.hypothesis.signature),
    )


def proposed_before(proposals: Sequence[Proposal]) -> tuple[ProposedItem, ...]:
    """Every item that a pull request was ever opened for, oldest first."""
    return tuple(each.draft for each in reversed(proposals) if each.draft is not None)
