"""Protocol pull requests as they stand: one row each, replaced as it goes on. GitHub has their history."""

from typing import Final

from sqlalchemy import JSON, Column, Connection, DateTime, Select, Table, Text, select, update

from bot.model.codec import decode, encode
from bot.model.proposal import Proposal
from bot.store.tables import insert_once, metadata, storable, storable_json

proposal_table: Final = Table(
    "proposal",
    metadata,
    Column("id", Text, primary_key=True),
    Column("pattern", Text, nullable=True, index=True),
    Column("item", Text, nullable=False, index=True),
    Column("status", Text, nullable=False, index=True),
    Column("drafted_at", DateTime(timezone=True), nullable=False),
    Column("proposal", JSON, nullable=False),
)


def write_proposal(connection: Connection, proposal: Proposal) -> None:
    """Store the proposal in place of what was stored of it before."""
    row = {
        "pattern": proposal.pattern,
        "item": storable(proposal.item),
        "status": proposal.status,
        "drafted_at": proposal.drafted_at,
        "proposal": storable_json(encode(proposal)),
    }
    if not insert_once(connection, proposal_table, {"id": proposal.id, **row}):
        connection.execute(update(proposal_table).where(proposal_table.c.id == proposal.id).values(row))


def read_proposal(connection: Connection, proposal: str) -> Proposal | None:
    """The proposal with that id; None where there is none."""
    found = _read(connection, select(proposal_table.c.proposal).where(proposal_table.c.id == proposal))
    return found[0] if found else None


def open_proposals(connection: Connection) -> tuple[Proposal, ...]:
    """Those that are drafted or open, the oldest first."""
    query = select(proposal_table.c.proposal).where(proposal_table.c.status.in_(("drafted", "open")))
    return _read(connection, query.order_by(proposal_table.c.drafted_at, proposal_table.c.id))


def list_proposals(connection: Connection) -> tuple[Proposal, ...]:
    """All of them, the newest first."""
    order = (proposal_table.c.drafted_at.desc(), proposal_table.c.id)
    return _read(connection, select(proposal_table.c.proposal).order_by(*order))


def _read(connection: Connection, query: Select[tuple[object]]) -> tuple[Proposal, ...]:
    return tuple(decode(stored, Proposal) for stored in connection.execute(query).scalars())
