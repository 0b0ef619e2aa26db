"""GitHub's payloads, as far as they are used, and the closed table of events and actions that lead to an event of ours.

Written by hand and tolerant, because generated models refuse real payloads that lack a field nobody reads. A field
typed `None` belongs to another event: its presence means that the unsigned event header and the body do not fit.
Shapes: GitHub docs, "Webhook events and payloads".
"""

from collections.abc import Callable
from typing import Annotated, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from bot.model.event import (
    BranchTouched,
    ChecksTouched,
    Event,
    EventSource,
    Ignored,
    IssueTouched,
    PullRequestTouched,
)
from bot.model.ids import CommitSha, InstallationId, IssueNumber, RepositoryId

TRIGGER_LABEL: Final = "rmo"
"""The label that starts a run: this very string, no look-alike, no other case."""

_ISSUE_ACTIONS: Final = frozenset(
    {"labeled", "unlabeled", "edited", "closed", "reopened", "deleted", "transferred", "locked", "unlocked"}
)
_PULL_REQUEST_ACTIONS: Final = frozenset(
    {"opened", "edited", "synchronize", "ready_for_review", "converted_to_draft", "closed", "reopened"}
)
_CHECK_RUN_ACTIONS: Final = frozenset({"completed", "rerequested", "requested_action"})
_CHECK_SUITE_ACTIONS: Final = frozenset({"completed", "rerequested"})
_WORKFLOW_RUN_ACTIONS: Final = frozenset({"completed"})

_Id = Annotated[int, Field(gt=0, lt=2**63)]
_Sha = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})\z")]
_Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\[\]-]{1,100}\z")]
_FullName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}\z")]
_Ref = Annotated[str, Field(min_length=1, max_length=1024)]
_Action = Annotated[str, Field(pattern=r"^[a-z_]{1,50}\z")]


class _Wire(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", strict=True, frozen=True)


class _Identified(_Wire):
    id: _Id


class _Repository(_Wire):
    id: _Id
    full_name: _FullName


class _Sender(_Wire):
    login: _Login
    type: str


class _Payload(_Wire):
    installation: _Identified
    repository: _Repository
    sender: _Sender

    @property
    def source(self) -> EventSource:
        return EventSource(
            installation=InstallationId(self.installation.id),
            repository=RepositoryId(self.repository.id),
            full_name=self.repository.full_name,
            sender=self.sender.login,
            sender_is_bot=self.sender.type == "Bot",
        )


class _Issue(_Wire):
    number: _Id
    pull_request: object = None


class _Label(_Wire):
    name: str


class _IssuesPayload(_Payload):
    action: _Action
    issue: _Issue
    label: _Label | None = None
    comment: None = None


class _Commit(_Wire):
    head_sha: _Sha


class _CheckRunPayload(_Payload):
    action: _Action
    check_run: _Commit


class _CheckSuitePayload(_Payload):
    action: _Action
    check_suite: _Commit


class _WorkflowRunPayload(_Payload):
    action: _Action
    workflow_run: _Commit


class _StatusPayload(_Payload):
    sha: _Sha
    state: str
    context: str


class _PushPayload(_Payload):
    ref: _Ref
    before: _Sha
    after: _Sha


class _Head(_Wire):
    ref: _Ref
    repo: _Identified | None


class _PullRequest(_Wire):
    head: _Head


class _PullRequestPayload(_Payload):
    action: _Action
    pull_request: _PullRequest
    review: None = None
    comment: None = None
    thread: None = None


def parse_payload(event: str, document: object) -> Event:
    """The event that a parsed body of the event named `event` stands for.

    Raises pydantic.ValidationError where the body has another shape than that event's.
    """
    read = _READERS.get(event)
    if read is None:
        return Ignored("no event that is acted on")
    return read(document)


def _issues(document: object) -> Event:
    payload = _IssuesPayload.model_validate(document)
    if payload.action not in _ISSUE_ACTIONS:
        return _unused_action()
    if payload.issue.pull_request is not None:
        return Ignored("a pull request, not an issue")
    if payload.action in {"labeled", "unlabeled"} and (payload.label is None or payload.label.name != TRIGGER_LABEL):
        return Ignored("another label")
    return IssueTouched(payload.source, IssueNumber(payload.issue.number), payload.action)


def _check_run(document: object) -> Event:
    payload = _CheckRunPayload.model_validate(document)
    if payload.action not in _CHECK_RUN_ACTIONS:
        return _unused_action()
    return ChecksTouched(payload.source, CommitSha(payload.check_run.head_sha))


def _check_suite(document: object) -> Event:
    payload = _CheckSuitePayload.model_validate(document)
    if payload.action not in _CHECK_SUITE_ACTIONS:
        return _unused_action()
    return ChecksTouched(payload.source, CommitSha(payload.check_suite.head_sha))


def _workflow_run(document: object) -> Event:
    payload = _WorkflowRunPayload.model_validate(document)
    if payload.action not in _WORKFLOW_RUN_ACTIONS:
        return _unused_action()
    return ChecksTouched(payload.source, CommitSha(payload.workflow_run.head_sha))


def _status(document: object) -> Event:
    payload = _StatusPayload.model_validate(document)
    return ChecksTouched(payload.source, CommitSha(payload.sha))


def _push(document: object) -> Event:
    payload = _PushPayload.model_validate(document)
    if not payload.ref.startswith("refs/heads/"):
        return Ignored("no branch")
    return BranchTouched(payload.source, payload.ref, CommitSha(payload.after))


def _pull_request(document: object) -> Event:
    payload = _PullRequestPayload.model_validate(document)
    if payload.action not in _PULL_REQUEST_ACTIONS:
        return _unused_action()
    head = payload.pull_request.head
    if head.repo is None or head.repo.id != payload.repository.id:
        return Ignored("a pull request from a fork")
    return PullRequestTouched(payload.source, head.ref, payload.action)


def _unused_action() -> Ignored:
    return Ignored("no action that is acted on")


_READERS: Final[dict[str, Callable[[object], Event]]] = {
    "issues": _issues,
    "check_run": _check_run,
    "check_suite": _check_suite,
    "workflow_run": _workflow_run,
    "status": _status,
    "push": _push,
    "pull_request": _pull_request,
}
