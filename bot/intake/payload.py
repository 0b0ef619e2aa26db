"""The closed table of GitHub's events and actions, and the event of ours that each of them leads to."""

import re
from collections.abc import Callable
from typing import Final

from bot.intake.command import parse_commands
from bot.intake.shapes import (
    CheckRunPayload,
    CheckSuitePayload,
    EventRepository,
    InstallationPayload,
    InstallationRepositoriesPayload,
    IssueCommentPayload,
    IssuesPayload,
    NumberedPullRequest,
    Payload,
    PullRequest,
    PullRequestPayload,
    PushPayload,
    RepositoryPayload,
    ReviewCommentPayload,
    ReviewPayload,
    StatusPayload,
    WorkflowRunPayload,
)
from bot.model.event import (
    BranchTouched,
    ButtonPressed,
    ChecksTouched,
    CommentWritten,
    Event,
    Ignored,
    InstallationTouched,
    IssueTouched,
    PullRequestReviewed,
    PullRequestTouched,
    RepositoryTouched,
)
from bot.model.ids import CommentId, CommitSha, InstallationId, IssueNumber, PullRequestNumber
from bot.model.task import text_digest

TRIGGER_LABEL: Final = "rmo"
"""The label that starts a run: this very string, no look-alike, no other case."""

_ISSUE_ACTIONS: Final = frozenset(
    {"labeled", "unlabeled", "edited", "closed", "reopened", "deleted", "transferred", "locked", "unlocked"}
)
_PULL_REQUEST_ACTIONS: Final = frozenset(
    {"opened", "edited", "synchronize", "ready_for_review", "converted_to_draft", "closed", "reopened"}
)
BUTTONS: Final = frozenset({"stop", "retry", "approve"})
"""Identifiers of the actions that our own check run offers."""

_CHECK_RUN_ACTIONS: Final = frozenset({"completed", "rerequested", "requested_action"})
_CHECK_SUITE_ACTIONS: Final = frozenset({"completed", "rerequested"})
_WORKFLOW_RUN_ACTIONS: Final = frozenset({"completed"})
_REPOSITORY_ACTIONS: Final = frozenset(
    {"renamed", "transferred", "archived", "unarchived", "publicized", "privatized", "deleted"}
)
_INSTALLATION_ACTIONS: Final = frozenset({"created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"})
_INSTALLATION_REPOSITORIES_ACTIONS: Final = frozenset({"added", "removed"})

_RUN: Final = re.compile(r"[0-9]{1,20}-[0-9]{1,20}-[0-9]{1,20}")
"""What the ids of our runs look like; check runs of others carry anything."""


def parse_payload(event: str, document: object) -> Event:
    """The event that a parsed body of the event named `event` stands for.

    Raises pydantic.ValidationError where the body has another shape than that event's.
    """
    read = _READERS.get(event)
    if read is None:
        return Ignored("no event that is acted on")
    return read(document)


def _issues(document: object) -> Event:
    payload = IssuesPayload.model_validate(document)
    if payload.action not in _ISSUE_ACTIONS:
        return _unused_action()
    if payload.issue.pull_request is not None:
        return Ignored("a pull request, not an issue")
    if payload.action in {"labeled", "unlabeled"} and (payload.label is None or payload.label.name != TRIGGER_LABEL):
        return Ignored("another label")
    edited = payload.action == "edited" and payload.changes.of_text
    issue = payload.issue
    labelled = payload.action == "labeled" and issue.title is not None
    digest = text_digest(issue.title or "", issue.body or "") if labelled else ""
    return IssueTouched(payload.source, IssueNumber(issue.number), payload.action, edited, digest)


def _issue_comment(document: object) -> Event:
    payload = IssueCommentPayload.model_validate(document)
    if payload.action != "created":
        return _unused_action()
    if not parse_commands(payload.comment.body or ""):
        return Ignored("a comment without a command")
    return CommentWritten(
        payload.source,
        IssueNumber(payload.issue.number),
        CommentId(payload.comment.id),
        on_pull_request=payload.issue.pull_request is not None,
    )


def _check_run(document: object) -> Event:
    payload = CheckRunPayload.model_validate(document)
    if payload.action not in _CHECK_RUN_ACTIONS:
        return _unused_action()
    head = CommitSha(payload.check_run.head_sha)
    run = payload.check_run.external_id or ""
    if payload.action == "completed" or _RUN.fullmatch(run) is None:
        suite = payload.check_run.check_suite
        return ChecksTouched(payload.source, head, (suite.head_branch if suite is not None else None) or "")
    if payload.action == "rerequested":
        return ButtonPressed(payload.source, head, run, "rerequested")
    if payload.requested_action is None or payload.requested_action.identifier not in BUTTONS:
        return Ignored("no button of ours")
    return ButtonPressed(payload.source, head, run, payload.requested_action.identifier)


def _check_suite(document: object) -> Event:
    payload = CheckSuitePayload.model_validate(document)
    if payload.action not in _CHECK_SUITE_ACTIONS:
        return _unused_action()
    return ChecksTouched(payload.source, CommitSha(payload.check_suite.head_sha), payload.check_suite.head_branch or "")


def _workflow_run(document: object) -> Event:
    payload = WorkflowRunPayload.model_validate(document)
    if payload.action not in _WORKFLOW_RUN_ACTIONS:
        return _unused_action()
    return ChecksTouched(
        payload.source, CommitSha(payload.workflow_run.head_sha), payload.workflow_run.head_branch or ""
    )


def _status(document: object) -> Event:
    payload = StatusPayload.model_validate(document)
    branch = next((each.name for each in payload.branches if each.name.startswith(WORK_BRANCHES)), "")
    return ChecksTouched(payload.source, CommitSha(payload.sha), branch)


def _push(document: object) -> Event:
    payload = PushPayload.model_validate(document)
    if not payload.ref.startswith("refs/heads/"):
        return Ignored("no branch")
    return BranchTouched(payload.source, payload.ref, CommitSha(payload.after))


def _pull_request(document: object) -> Event:
    payload = PullRequestPayload.model_validate(document)
    if payload.action not in _PULL_REQUEST_ACTIONS:
        return _unused_action()
    if _is_from_fork(payload.pull_request, payload.repository):
        return Ignored(_FROM_FORK)
    return PullRequestTouched(payload.source, payload.pull_request.head.ref, payload.action)


def _pull_request_review(document: object) -> Event:
    payload = ReviewPayload.model_validate(document)
    if payload.action != "submitted":
        return _unused_action()
    return _reviewed(payload, payload.pull_request)


def _pull_request_review_comment(document: object) -> Event:
    payload = ReviewCommentPayload.model_validate(document)
    if payload.action != "created":
        return _unused_action()
    return _reviewed(payload, payload.pull_request)


def _reviewed(payload: Payload, pull_request: NumberedPullRequest) -> Event:
    if _is_from_fork(pull_request, payload.repository):
        return Ignored(_FROM_FORK)
    return PullRequestReviewed(payload.source, PullRequestNumber(pull_request.number), pull_request.head.ref)


def _is_from_fork(pull_request: PullRequest, repository: EventRepository) -> bool:
    head = pull_request.head
    return head.repo is None or head.repo.id != repository.id


def _repository(document: object) -> Event:
    payload = RepositoryPayload.model_validate(document)
    if payload.action not in _REPOSITORY_ACTIONS:
        return _unused_action()
    return RepositoryTouched(payload.source, payload.action)


def _installation(document: object) -> Event:
    payload = InstallationPayload.model_validate(document)
    if payload.action not in _INSTALLATION_ACTIONS:
        return _unused_action()
    return InstallationTouched(InstallationId(payload.installation.id), payload.action)


def _installation_repositories(document: object) -> Event:
    payload = InstallationRepositoriesPayload.model_validate(document)
    if payload.action not in _INSTALLATION_REPOSITORIES_ACTIONS:
        return _unused_action()
    return InstallationTouched(InstallationId(payload.installation.id), payload.action)


def _unused_action() -> Ignored:
    return Ignored("no action that is acted on")


WORK_BRANCHES: Final = "rmo/issue-"
"""How the names of the bot's work branches begin."""
_FROM_FORK: Final = "a pull request from a fork"
_READERS: Final[dict[str, Callable[[object], Event]]] = {
    "issues": _issues,
    "issue_comment": _issue_comment,
    "check_run": _check_run,
    "check_suite": _check_suite,
    "workflow_run": _workflow_run,
    "status": _status,
    "push": _push,
    "pull_request": _pull_request,
    "pull_request_review": _pull_request_review,
    "pull_request_review_comment": _pull_request_review_comment,
    "repository": _repository,
    "installation": _installation,
    "installation_repositories": _installation_repositories,
}
