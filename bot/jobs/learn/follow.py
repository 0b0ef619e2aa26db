"""What became of the protocol pull requests: merged ones take effect with the file, closed ones are remembered."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.github.comments import list_comments
from bot.github.pulls import read_pull_request
from bot.jobs.context import Context
from bot.jobs.learn.protocols import Protocols
from bot.model.forge import PullRequestState
from bot.model.ids import IssueNumber
from bot.model.pattern import PatternAct, PatternEvent
from bot.model.proposal import Proposal
from bot.model.report import report_text
from bot.secrets.scan import redact
from bot.store.patterns import write_pattern_event
from bot.store.proposals import open_proposals, write_proposal

REASON_CHARACTERS = 500


async def follow_proposals(context: Context, protocols: Protocols) -> tuple[Proposal, ...]:
    """Look at every open protocol pull request; those that were merged or closed since.

    Raises as the GitHub edge does.
    """
    ended: list[Proposal] = []
    for proposal in await context.database.transact(open_proposals):
        if proposal.pull_request is None:
            continue
        pull = await read_pull_request(protocols.client, proposal.pull_request)
        if pull.state == "open":
            continue
        reason = "" if pull.merged else await _reason(protocols, pull)
        now = context.now()
        status = "merged" if pull.merged else "closed"
        done = replace(proposal, status=status, closed_at=now, reason=reason)
        await context.database.transact(_end, done, now)
        ended.append(done)
    return tuple(ended)


async def _reason(protocols: Protocols, pull: PullRequestState) -> str:
    """What a person said last before it was closed; for people to read, never for a model."""
    comments = await list_comments(protocols.client, IssueNumber(pull.number))
    said = [comment.body for comment in comments if comment.author_app_id is None and comment.body.strip()]
    return report_text(redact(said[-1].strip()), REASON_CHARACTERS) if said else ""


def _end(connection: Connection, proposal: Proposal, at: datetime) -> None:
    write_proposal(connection, proposal)
    if proposal.pattern is not None and proposal.kind == "add":
        act: PatternAct = "merged" if proposal.status == "merged" else "rejected"
        write_pattern_event(connection, PatternEvent(proposal.pattern, at, act, "person", proposal.reason, {}))
