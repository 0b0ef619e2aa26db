"""Storing what a journal entry proves, in the transaction that records the entry."""

import secrets

from sqlalchemy import Connection

from bot.failures.evidence import evidence_of
from bot.failures.vocabulary import Nodes, Vocabulary
from bot.model.journal import Entry
from bot.model.run import Run
from bot.store.failure_salt import read_salt
from bot.store.failures import write_evidence

__all__ = ["Nodes", "record_evidence"]


def record_evidence(connection: Connection, before: Run, after: Run, entry: Entry, nodes: Nodes) -> None:
    """Store the task, tries and failures that `entry`, which led from `before` to `after`, brought to light.

    To be called in the transaction that records the entry; a second time it changes nothing. `nodes` is the taxonomy.
    """
    vocabulary = Vocabulary(nodes, read_salt(connection, secrets.token_hex(32)))
    evidence = evidence_of(before, after, entry, vocabulary)
    if not evidence.is_empty:
        write_evidence(connection, (evidence,))
