"""Opening protocol pull requests: a new item for a pattern, a person's item, or the record of a decision.

What is to be proposed is stored before anything is sent, so that an interrupted attempt is taken up and not made twice.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.comments.insight import insight_body, insight_title
from bot.comments.protocol_pull_request import (
    ProposalFacts,
    proposal_body,
    proposal_title,
    record_body,
    record_title,
)
from bot.github.errors import HeadMoved
from bot.jobs.context import Context
from bot.jobs.learn.choose import Told, choose
from bot.jobs.learn.protocols import Protocols
from bot.jobs.learn.publish import Change, find_published, publish
from bot.jobs.learn.standings import read_standings
from bot.jobs.library import Knowledge
from bot.learning.conflicts import conflicts
from bot.learning.drafting import Recorded, record, with_item
from bot.learning.guard import MayNot, may_open
from bot.learning.summary import summarize
from bot.model.pattern import Pattern, PatternEvent
from bot.model.proposal import Proposal, ProposedItem
from bot.model.protocol import ChecklistItem
from bot.rollout.router import tokens
from bot.store import patterns
from bot.store.proposals import list_proposals, open_proposals, write_proposal

_log = structlog.get_logger("bot.jobs.learn")


async def open_proposal(context: Context, protocols: Protocols) -> Proposal | None:
    """Open the next pull request that is due, oldest draft first; None where none is.

    Where the branch of one is somebody else's, the next one is opened all the same. Raises HeadMoved for the first such
    branch where nothing else is due, and as the GitHub edge does.
    """
    knowledge = context.library.current
    if knowledge.source != protocols.head:
        return None
    foreign: dict[str, HeadMoved] = {}
    while (proposal := await context.database.transact(_next, knowledge, context.now(), foreign.keys())) is not None:
        try:
            return await _open(proposal, knowledge, context, protocols)
        except HeadMoved as error:
            foreign[proposal.id] = error
    if foreign:
        raise next(iter(foreign.values()))
    return None


async def _open(proposal: Proposal, knowledge: Knowledge, context: Context, protocols: Protocols) -> Proposal | None:
    opened = await find_published(proposal, protocols)
    if opened is None:
        change = await context.database.transact(_change, proposal, knowledge)
        if change is None:
            reason = "the checklist says so already"
            dropped = replace(proposal, status="closed", closed_at=context.now(), reason=reason)
            await context.database.transact(write_proposal, dropped)
            return None
        opened = await publish(change, protocols)
    await context.database.transact(_opened, opened, context.now())
    return opened


def _opened(connection: Connection, proposal: Proposal, at: datetime) -> None:
    write_proposal(connection, proposal)
    if proposal.pattern is not None:
        detail = f"pull request #{proposal.pull_request}"
        patterns.write_pattern_event(connection, PatternEvent(proposal.pattern, at, "proposed", "rmo", detail, {}))


def _next(connection: Connection, knowledge: Knowledge, now: datetime, without: Collection[str]) -> Proposal | None:
    """What is to be proposed, stored as a draft; none of those whose ids are in `without`."""
    begun = [each for each in open_proposals(connection) if each.status == "drafted" and each.id not in without]
    if begun:
        return begun[0]
    found = _to_record(connection, knowledge, now) or _to_add(connection, knowledge, now)
    if found is not None:
        write_proposal(connection, found)
    return found


def _to_record(connection: Connection, knowledge: Knowledge, now: datetime) -> Proposal | None:
    """For the first item whose file does not say what was decided, unless a pull request says so already."""
    standings = read_standings(connection, knowledge.catalogue)
    known = {each.id for each in list_proposals(connection)}
    for item in knowledge.catalogue.items:
        event = standings.last(item.id)
        if event is None or event.kind in ("merged", "stage") or standings.of(item.id).state == item.state:
            continue
        name = f"record-{item.id}-{event.at:%Y%m%d%H%M%S}"
        if name not in known:
            return Proposal(name, "record", None, item.id, item.path, now, "drafted")
    return None


def _to_add(connection: Connection, knowledge: Knowledge, now: datetime) -> Proposal | None:
    """For the strongest pattern that nothing speaks against, where there is room for one more."""
    proposals = list_proposals(connection)
    if isinstance(may_open(proposals, now, knowledge.policy.learning.propose), MayNot):
        return None
    chosen, waiting = choose(connection, Told(knowledge.catalogue, knowledge.files, knowledge.policy.learning))
    for each in waiting:
        _log.info("not_proposed", pattern=each.pattern.registration.id, reason=each.reason)
    if chosen is None:
        return None
    pattern, item = chosen.pattern.registration.id, chosen.draft.item
    name = f"{pattern}-{sum(each.pattern == pattern for each in proposals) + 1}"
    return Proposal(name, "add", pattern, item.id, chosen.draft.path, now, "drafted", item)


def _change(connection: Connection, proposal: Proposal, knowledge: Knowledge) -> Change | None:
    """The files and the words of a proposal; None where there is nothing left to change."""
    if proposal.kind == "record":
        return _recorded(connection, proposal, knowledge)
    item, text = proposal.draft, knowledge.files.get(proposal.path)
    if item is None or text is None or any(each.id == item.id for each in knowledge.catalogue.items):
        return None
    files = {proposal.path: with_item(text, item)}
    pattern = patterns.read_pattern(connection, proposal.pattern) if proposal.pattern is not None else None
    subject = f"Add {item.id} to {proposal.path}"
    if pattern is None:
        return Change(proposal, files, subject, insight_title(item), insight_body(item, proposal.path))
    facts = _facts(connection, proposal, pattern, item, knowledge)
    title = proposal_title(item, pattern, knowledge.catalogue)
    return Change(proposal, files, subject, title, proposal_body(facts, knowledge.catalogue))


def _recorded(connection: Connection, proposal: Proposal, knowledge: Knowledge) -> Change | None:
    standings = read_standings(connection, knowledge.catalogue)
    event = standings.last(proposal.item)
    if event is None:
        return None
    state = standings.of(proposal.item).state
    found = record(proposal.item, state, knowledge.catalogue, knowledge.files)
    if not isinstance(found, Recorded):
        _log.info("not_recorded", item=proposal.item, reason=found.reason)
        return None
    body = record_body(proposal.item, found.path, found.item.state, event)
    subject = f"Set {proposal.item} to {state} in {found.path}"
    return Change(proposal, {found.path: found.text}, subject, record_title(proposal.item, event), body)


def _facts(
    connection: Connection, proposal: Proposal, pattern: Pattern, item: ProposedItem, knowledge: Knowledge
) -> ProposalFacts:
    standings = read_standings(connection, knowledge.catalogue)
    summary = summarize(pattern, patterns.count_proposals(connection, pattern.registration.quarter))
    odds, again = summary.odds_ratio, summary.reproducibility
    others = [
        each
        for each in patterns.list_patterns(connection)
        if each.registration.hypothesis.signature == pattern.registration.hypothesis.signature
        and each.registration.id != pattern.registration.id
    ]
    turned_down = [each for each in list_proposals(connection) if each.status == "closed"]
    text = _text_of(item, knowledge)
    return ProposalFacts(
        item=item,
        pattern=pattern,
        path=proposal.path,
        odds=None if odds is None else (odds.estimate, odds.low, odds.high),
        tasks=summary.evidence.inside,
        reproducibility=(again.rate, again.low, again.high, again.nature),
        tokens=tokens(ChecklistItem(item.id, item.kind, text, item.actions, item.state, item.evidence)),
        conflicts=conflicts(item, knowledge.catalogue, standings.by_item),
        replays=None,
        related=others,
        earlier=sum(each.pattern == proposal.pattern for each in turned_down),
    )


def _text_of(item: ProposedItem, knowledge: Knowledge) -> str:
    if item.kind != "example":
        return item.text
    return next((each.text for each in knowledge.catalogue.remedies if each.example == item.text), "")
