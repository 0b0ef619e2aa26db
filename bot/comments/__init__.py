"""Every sentence the bot says on GitHub: short, kind, concrete, and with the next step that a person can take.

Pure functions of a run. What people or models wrote is quoted so that it can neither mention anyone, close an issue,
load an image nor break out of its place.
"""

from bot.comments.proof import in_words
from bot.comments.protocol_pull_request import (
    ProposalFacts,
    proposal_body,
    proposal_title,
    record_body,
    record_title,
)
from bot.comments.pull_request import pull_request_body, pull_request_title
from bot.comments.quoting import line, quote
from bot.comments.status import standing, status, status_marker

__all__ = [
    "ProposalFacts",
    "in_words",
    "line",
    "proposal_body",
    "proposal_title",
    "pull_request_body",
    "pull_request_title",
    "quote",
    "record_body",
    "record_title",
    "standing",
    "status",
    "status_marker",
]
