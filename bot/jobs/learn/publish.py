"""Opening a protocol pull request: one commit on a branch of its own, once, whatever dies in between.

The branch's name says which proposal it is, and the commit's trailer says so too: what an interrupted attempt has left
behind is found by both and taken up. A branch of that name that is not ours is left alone.
"""

from dataclasses import dataclass, replace

from bot.github.branches import create_ref, read_branch_head
from bot.github.client import Client
from bot.github.commits import create_commit, create_tree, list_commits_between, read_commit
from bot.github.errors import HeadMoved
from bot.github.pulls import create_pull_request, find_pull_request, mark_ready
from bot.jobs.learn.protocols import Protocols
from bot.model.change import Overlay
from bot.model.ids import CommitSha
from bot.model.proposal import Proposal


@dataclass(frozen=True, slots=True)
class Change:
    """What a proposal changes, and how it is told."""

    proposal: Proposal
    files: Overlay
    subject: str
    """First line of the commit."""
    title: str
    body: str


def branch_of(proposal: Proposal) -> str:
    return f"rmo/protocol-{proposal.id}"


async def find_published(proposal: Proposal, protocols: Protocols) -> Proposal | None:
    """The proposal as an attempt that was interrupted has opened it, whatever people did with it since; None else."""
    pull = await find_pull_request(protocols.client, branch_of(proposal))
    if pull is None or not _is_named(proposal, (await read_commit(protocols.client, pull.head_sha)).message):
        return None
    if pull.state == "open":
        await mark_ready(protocols.client, pull)
    return replace(proposal, status="open", pull_request=pull.number, head=pull.head_sha)


async def publish(change: Change, protocols: Protocols) -> Proposal:
    """The proposal as an open pull request; safe to repeat.

    Raises HeadMoved where its branch is somebody else's, and as the GitHub edge does.
    """
    branch = branch_of(change.proposal)
    head = await read_branch_head(protocols.client, branch)
    if head is None:
        head = await _commit(change, protocols)
        await create_ref(protocols.client, f"refs/heads/{branch}", head)
    elif not await _is_ours(protocols.client, protocols.head, head, change.proposal):
        raise HeadMoved(f"the branch {branch!r} is not ours; delete it, and the proposal is made again")
    pull = await create_pull_request(
        protocols.client,
        title=change.title,
        body=change.body,
        head=branch,
        base=protocols.repository.default_branch,
    )
    await mark_ready(protocols.client, pull)
    return replace(change.proposal, status="open", pull_request=pull.number, head=head)


async def _commit(change: Change, protocols: Protocols) -> CommitSha:
    client, base = protocols.client, protocols.head
    tree = await create_tree(client, (await read_commit(client, base)).tree, change.files)
    message = f"{change.subject}\n\n{_trailers(change.proposal)}\n"
    return (await create_commit(client, message, tree, (base,))).sha


def _trailers(proposal: Proposal) -> str:
    lines = [_named(proposal), f"RMO-Item: {proposal.item}"]
    if proposal.pattern is not None:
        lines.append(f"RMO-Pattern: {proposal.pattern}")
    return "\n".join(lines)


def _named(proposal: Proposal) -> str:
    return f"RMO-Proposal: {proposal.id}"


async def _is_ours(client: Client, base: CommitSha, head: CommitSha, proposal: Proposal) -> bool:
    """Whether everything that the branch adds is our one commit."""
    between = await list_commits_between(client, base, head)
    return len(between) == 1 and _is_named(proposal, between[0].message)


def _is_named(proposal: Proposal, message: str) -> bool:
    return _named(proposal) in message.splitlines()
