"""Freezing the task: who asked, what the issue says, where the work starts and what the repository's owners ask for."""

from bot.catalog import DataInvalid, parse_repository_config
from bot.github import issues, repositories
from bot.github.branches import read_branch_head
from bot.github.client import Client
from bot.github.errors import TooLarge
from bot.intake.payload import TRIGGER_LABEL
from bot.intake.permission import Labeller, Refused, may_start
from bot.intake.text import clean
from bot.intake.text import freeze as freeze_text
from bot.jobs.context import Context
from bot.jobs.learn.assign import assign_items
from bot.model.evidence import TaskId
from bot.model.ids import CommitSha
from bot.model.journal import Outcome, StepFailed, TaskFrozen
from bot.model.repository import BaseCommit, Guidance, RepositoryConfig
from bot.model.run import Frozen, Run

CONFIG_PATH = ".github/fractal-rmo.yml"
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
    label = request.label
    permission = await repositories.permission_of(client, label.actor)
    is_bot = label.actor.endswith("[bot]")
    allowed = may_start(TRIGGER_LABEL, Labeller(label.actor, is_bot, None, permission), frozenset())
    if isinstance(allowed, Refused):
        return StepFailed("not_permitted", allowed.reason)
    issue = await issues.read_issue(client, request.issue)
    if issue.is_pull_request:
        return StepFailed("refused", "this is a pull request; label an issue instead")
    if issue.state == "closed" or TRIGGER_LABEL not in issue.labels:
        return StepFailed("cancelled", "the issue was closed or its label was removed before the work began")
    branch = request.repository.default_branch
    head = await read_branch_head(client, branch)
    if head is None:
        return StepFailed("refused", f"the branch {branch!r} has no commits yet; push a first commit")
    task = freeze_text(request.repository, request.issue, issue.title, issue.body, label)
    config, problem = await _configuration(client, head)
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
            config=config,
            guidance=await _guidance(client, head),
            budget=context.policy.budget,
            model=context.model.spec,
            price=context.model.price,
            protocol=context.catalogue.digest,
            config_problem=problem,
            items=assigned.items,
            arms=assigned.arms,
        )
    )


async def _configuration(client: Client, head: CommitSha) -> tuple[RepositoryConfig, str]:
    """The owner's configuration of the default branch, or the defaults and what is wrong with it."""
    content = await repositories.read_file(client, CONFIG_PATH, head)
    if content is None:
        return RepositoryConfig(), ""
    try:
        return parse_repository_config(content.decode("utf-8", "replace")), ""
    except DataInvalid as error:
        return RepositoryConfig(), str(error)


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
