"""Freezing the task: who asked, what the issue says, where the work starts and what the repository's owners ask for."""

from dataclasses import replace

from bot import comments
from bot.catalog.repository_config import CONFIG_PATH
from bot.ci.exposure import exposure, unaccepted
from bot.github import issues, repositories
from bot.github.branches import read_branch_head
from bot.github.client import Client
from bot.github.commits import recent_commits
from bot.github.errors import TooLarge
from bot.github.pulls import linked_pull_requests
from bot.github.workflow_files import read_workflow_files
from bot.intake.payload import TRIGGER_LABEL
from bot.intake.text import clean
from bot.intake.text import freeze as freeze_text
from bot.jobs.configuration import read_configuration
from bot.jobs.context import Context
from bot.jobs.learn.assign import assign_items
from bot.jobs.perform.authority import may_still_start
from bot.loop.convention import is_conventional
from bot.model.evidence import TaskId
from bot.model.forge import IssueSnapshot
from bot.model.ids import CommitSha
from bot.model.outcome import Outcome, StepFailed, TaskFrozen
from bot.model.repository import BaseCommit, Guidance, RepositoryConfig
from bot.model.run import Frozen, Run, RunRequest
from bot.model.task import text_digest
from bot.secrets.scan import redact_certain, scan_certain

GUIDANCE_PATHS = (
    "AGENTS.md",
    "CONTRIBUTING.md",
    ".github/CONTRIBUTING.md",
    ".github/pull_request_template.md",
    ".github/PULL_REQUEST_TEMPLATE.md",
)
GUIDANCE_CHARACTERS = 8_000
"""Of all guidance together."""


async def freeze(run: Run, context: Context, client: Client) -> Outcome:
    """Everything that a run is told, read once; StepFailed where it may not or cannot start."""
    request = run.request
    issue = await issues.read_issue(client, request.issue)
    refused = _not_workable(issue, request)
    if refused is not None:
        return refused
    branch = request.repository.default_branch
    head = await read_branch_head(client, branch)
    if head is None:
        return StepFailed("refused", f"the branch {branch!r} has no commits yet; push a first commit")
    found = await read_configuration(client, head)
    if found.problem:
        return StepFailed("refused", f"`{CONFIG_PATH}` can't be used: {found.problem}")
    refused = (
        await may_still_start(client, request.label, found.config.label_apps)
        or (None if context.is_local else await _hands_out_secrets(client, found.config, head, branch))
        or await _is_taken(client, request)
    )
    if refused is not None:
        return refused
    task = freeze_text(request.repository, request.issue, issue.title, issue.body, request.label)
    # Its digest is that of the text as it stands on GitHub, to which it will be held
    secrets = len(scan_certain(task.title)) + len(scan_certain(task.body))
    task = replace(
        task,
        title=redact_certain(task.title),
        body=redact_certain(task.body),
        cleaning=replace(task.cleaning, secrets=secrets),
    )
    assigned = await context.database.transact(
        assign_items,
        TaskId(run.id),
        f"{request.repository.id}:{context.model.spec}",
        context.catalogue,
        context.policy.learning.canary,
        context.now(),
    )
    return TaskFrozen(
        Frozen(
            task=task,
            base=BaseCommit(branch, head),
            config=found.config,
            guidance=await _guidance(client, head),
            budget=context.policy.budget,
            model=context.model.spec,
            price=context.model.price,
            protocol=context.catalogue.digest,
            items=assigned.items,
            arms=assigned.arms,
            conventional_commits=await _writes_conventional_commits(client, branch),
        )
    )


def _not_workable(issue: IssueSnapshot, request: RunRequest) -> StepFailed | None:
    """Why there is nothing to work on, whoever asks."""
    if issue.is_pull_request:
        return StepFailed("refused", "this is a pull request; label an issue instead")
    if issue.state == "closed" or issue.locked or TRIGGER_LABEL not in issue.labels:
        return StepFailed("cancelled", "the issue was closed, locked or its label removed before the work began")
    if request.digest and text_digest(issue.title, issue.body) != request.digest:
        return StepFailed("edited", "the text of the issue was edited after it was labelled")
    return None


async def _hands_out_secrets(
    client: Client, config: RepositoryConfig, head: CommitSha, branch: str
) -> StepFailed | None:
    """The workflows of the repository run what a model wrote, before any person has read it."""
    app = await client.identity()
    found = exposure(
        await read_workflow_files(client, head), default_branch=branch, actor=app.login, repository=client.full_name
    )
    exposed = unaccepted(found, config.accept_ci_secrets)
    return StepFailed("unsafe_checks", comments.unsafe_checks_detail(exposed)) if exposed else None


async def _is_taken(client: Client, request: RunRequest) -> StepFailed | None:
    """Somebody is at work on the issue already: their pull request closes it."""
    app = await client.identity()
    theirs = [
        pull
        for pull in await linked_pull_requests(client, request.issue)
        # Anybody can say in a pull request that it closes an issue, and must not keep us from it by that.
        if pull.author != app.login and await repositories.permission_of(client, pull.author) in ("admin", "write")
    ]
    return StepFailed("duplicate", comments.duplicate_detail(theirs)) if theirs else None


async def _writes_conventional_commits(client: Client, branch: str) -> bool:
    """Whether the people here do, by what they have committed of late."""
    return is_conventional([commit.message for commit in await recent_commits(client, branch)])


async def _guidance(client: Client, head: CommitSha) -> tuple[Guidance, ...]:
    found: list[Guidance] = []
    left = GUIDANCE_CHARACTERS
    for path in GUIDANCE_PATHS:
        text = await _text(client, path, head)
        if text and left > 0:
            found.append(Guidance(path, text[:left]))
            left -= len(text)
    return tuple(found)


async def _text(client: Client, path: str, head: CommitSha) -> str:
    """Guidance without what its readers don't see either; too large a file guides nobody."""
    try:
        content = await repositories.read_file(client, path, head)
    except TooLarge:
        return ""
    return clean("", content.decode("utf-8", "replace"))[1] if content else ""
