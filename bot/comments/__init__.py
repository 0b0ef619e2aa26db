"""Every sentence the bot says on GitHub: short, kind, concrete, and with the next step that a person can take.

Pure functions of a run. What people or models wrote is quoted so that it can neither mention anyone, close an issue,
load an image nor break out of its place.
"""

from bot.comments.check_run import (
    CHECK_NAME,
    CheckOutput,
    check_output,
    config_mended_output,
    config_problem_output,
    left_behind_output,
)
from bot.comments.command_answer import (
    CommandResult,
    Granted,
    NoRun,
    NotPermitted,
    Refused,
    answer_marker,
    command_answer,
    help_text,
    is_said_by_reaction,
    refusal_marker,
)
from bot.comments.dashboard import DASHBOARD_MARKER, DashboardRow, dashboard_body, dashboard_title
from bot.comments.estimating import estimate_words
from bot.comments.explaining import explain_text
from bot.comments.notes import (
    QUEUE_MARKER,
    QueueReason,
    duplicate_detail,
    exposure_list,
    note_marker,
    queue_empty,
    queue_summary,
    superseded_note,
    unsafe_checks_detail,
)
from bot.comments.onboarding import onboarding_body, onboarding_title
from bot.comments.planning import plan_text
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
from bot.comments.review import is_done, reply_marker, review_reply
from bot.comments.status import standing, status, status_marker

__all__ = [
    "CHECK_NAME",
    "DASHBOARD_MARKER",
    "QUEUE_MARKER",
    "CheckOutput",
    "CommandResult",
    "DashboardRow",
    "Granted",
    "NoRun",
    "NotPermitted",
    "ProposalFacts",
    "QueueReason",
    "Refused",
    "answer_marker",
    "check_output",
    "command_answer",
    "config_mended_output",
    "config_problem_output",
    "dashboard_body",
    "dashboard_title",
    "duplicate_detail",
    "estimate_words",
    "explain_text",
    "exposure_list",
    "help_text",
    "in_words",
    "is_done",
    "is_said_by_reaction",
    "left_behind_output",
    "line",
    "note_marker",
    "onboarding_body",
    "onboarding_title",
    "plan_text",
    "proposal_body",
    "proposal_title",
    "pull_request_body",
    "pull_request_title",
    "queue_empty",
    "queue_summary",
    "quote",
    "record_body",
    "record_title",
    "refusal_marker",
    "reply_marker",
    "review_reply",
    "standing",
    "status",
    "status_marker",
    "superseded_note",
    "unsafe_checks_detail",
]
