"""The shapes of GitHub's payloads, as far as they are used, written by hand and tolerant.

Generated models refuse real payloads that lack a field nobody reads. A field typed `None` belongs to another event: its
presence means that the unsigned event header and the body do not fit. Shapes: GitHub docs, "Webhook events and
payloads".
"""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from bot.model.event import EventSource
from bot.model.ids import InstallationId, RepositoryId

Id = Annotated[int, Field(gt=0, lt=2**63)]
Sha = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})\z")]
Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\[\]-]{1,100}\z")]
FullName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}\z")]
Ref = Annotated[str, Field(min_length=1, max_length=1024)]
Action = Annotated[str, Field(pattern=r"^[a-z_]{1,50}\z")]


class Wire(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", strict=True, frozen=True)


class Identified(Wire):
    id: Id


class EventRepository(Wire):
    id: Id
    full_name: FullName


class Sender(Wire):
    login: Login
    type: str


class Payload(Wire):
    installation: Identified
    repository: EventRepository
    sender: Sender

    @property
    def source(self) -> EventSource:
        return EventSource(
            installation=InstallationId(self.installation.id),
            repository=RepositoryId(self.repository.id),
            full_name=self.repository.full_name,
            sender=self.sender.login,
            sender_is_bot=self.sender.type == "Bot",
        )


class Issue(Wire):
    number: Id
    title: str | None = None
    body: str | None = None
    pull_request: object = None


class Label(Wire):
    name: str


class Changes(Wire):
    """What an edit changed: what was there before, under the name of its field."""

    title: object = None
    body: object = None

    @property
    def of_text(self) -> bool:
        return self.title is not None or self.body is not None


class IssuesPayload(Payload):
    action: Action
    issue: Issue
    label: Label | None = None
    changes: Changes = Changes()
    comment: None = None


class Comment(Wire):
    id: Id
    body: str | None = None


class IssueCommentPayload(Payload):
    action: Action
    issue: Issue
    comment: Comment
    label: None = None
    pull_request: None = None


class Commit(Wire):
    head_sha: Sha
    head_branch: str | None = None


class Suite(Wire):
    head_branch: str | None = None


class CheckRun(Wire):
    head_sha: Sha
    external_id: str | None = None
    check_suite: Suite | None = None


class Branch(Wire):
    name: str


class RequestedAction(Wire):
    identifier: str


class CheckRunPayload(Payload):
    action: Action
    check_run: CheckRun
    requested_action: RequestedAction | None = None


class CheckSuitePayload(Payload):
    action: Action
    check_suite: Commit


class WorkflowRunPayload(Payload):
    action: Action
    workflow_run: Commit


class StatusPayload(Payload):
    sha: Sha
    state: str
    context: str
    branches: list[Branch] = []


class PushPayload(Payload):
    ref: Ref
    before: Sha
    after: Sha


class Head(Wire):
    ref: Ref
    repo: Identified | None


class PullRequest(Wire):
    head: Head


class PullRequestPayload(Payload):
    action: Action
    pull_request: PullRequest
    review: None = None
    comment: None = None
    thread: None = None


class NumberedPullRequest(PullRequest):
    number: Id


class ReviewPayload(Payload):
    action: Action
    pull_request: NumberedPullRequest
    review: Identified
    comment: None = None
    thread: None = None


class ReviewCommentPayload(Payload):
    action: Action
    pull_request: NumberedPullRequest
    comment: Identified
    review: None = None
    thread: None = None


class RepositoryPayload(Payload):
    action: Action
    issue: None = None
    pull_request: None = None
    ref: None = None


class InstallationPayload(Wire):
    action: Action
    installation: Identified
    sender: Sender
    repository: None = None
    repositories_added: None = None


class InstallationRepositoriesPayload(Wire):
    action: Action
    installation: Identified
    sender: Sender
    repository: None = None
    repositories_added: list[object]
