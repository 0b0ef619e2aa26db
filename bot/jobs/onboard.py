"""Taking a repository up: one pull request with a documented configuration, and nothing else until it is merged.

Installing the App is easily done for a whole account; that somebody wants it in this repository is said by a merge.
What the workflows would hand to the bot's branches is said there too, where it can be decided. A pull request that
somebody has closed is an answer: it is never opened again.
"""

import hashlib
from contextlib import suppress
from datetime import timedelta
from typing import Final, Literal

from bot import comments
from bot.catalog import CONFIG_PATH, default_config
from bot.ci.exposure import exposure
from bot.github.branches import create_ref, read_branch_head
from bot.github.client import Client
from bot.github.commits import create_commit, create_tree, list_commits_between, read_commit
from bot.github.errors import HeadMoved, NotPermitted, Refused
from bot.github.pulls import create_pull_request, find_pull_request, mark_ready, update_pull_request
from bot.github.required_checks import required_checks
from bot.github.workflow_files import read_workflow_files
from bot.intake.payload import TRIGGER_LABEL
from bot.jobs.configuration import read_configuration
from bot.jobs.context import Context
from bot.model.exposure import Exposure
from bot.model.forge import PullRequestState
from bot.model.ids import CommitSha
from bot.model.onboarding import OnboardingFacts
from bot.model.repository import Repository
from bot.store import notices
from bot.store.notices import Notice

BRANCH: Final = "rmo/onboarding"
NOTICE: Final = "onboarding"
LOOK_AGAIN_AFTER: Final = timedelta(minutes=10)
"""How old what the open pull request says about workflows may become."""

Onboarding = Literal["ready", "waiting", "declined"]
"""`ready`: the configuration stands on the default branch. `waiting`: for the merge. `declined`: somebody closed the
pull request, or took the file away again; adding the file by hand takes the repository up all the same."""

_TRAILER: Final = "RMO-Onboarding: 1"


async def onboard(context: Context, client: Client, repository: Repository) -> Onboarding:
    """Whether work may begin in the repository; where nobody was asked yet, somebody is. Safe to repeat.

    Raises HeadMoved where a person has made a branch of that name, and as the GitHub edge does.
    """
    if not context.onboarding or (await read_configuration(client, repository.default_branch)).text is not None:
        return "ready"
    pull = await find_pull_request(client, BRANCH)
    if pull is not None and pull.state == "closed":
        return "declined"
    notice = await context.database.transact(notices.read_notice, repository.id, NOTICE)
    if pull is not None and notice is not None and context.now() - notice.at < LOOK_AGAIN_AFTER:
        return "waiting"
    head = await read_branch_head(client, repository.default_branch)
    if head is not None:
        await _ask(context, client, repository, head, pull, notice)
    return "waiting"


async def read_exposure(client: Client, repository: Repository, head: CommitSha) -> Exposure:
    """What the workflows at `head` of the default branch would hand to a branch of the bot."""
    return exposure(
        await read_workflow_files(client, head),
        default_branch=repository.default_branch,
        actor=(await client.identity()).login,
        repository=repository.full_name,
    )


async def _ask(
    context: Context,
    client: Client,
    repository: Repository,
    head: CommitSha,
    pull: PullRequestState | None,
    notice: Notice | None,
) -> None:
    """The pull request is open and says what is so now; words that a person changed there are left alone."""
    found = await read_exposure(client, repository, head)
    facts = OnboardingFacts(
        full_name=repository.full_name,
        default_branch=repository.default_branch,
        path=CONFIG_PATH,
        label=TRIGGER_LABEL,
        exposure=found,
        protected_by=await _required(client, repository.default_branch),
    )
    body = comments.onboarding_body(facts)
    digest = hashlib.sha256(body.encode()).hexdigest()
    if pull is None:
        await _make_branch(client, repository, head, default_config(found.secrets))
        pull = await _open(client, repository, body)
    elif notice is None or notice.said != digest:
        await update_pull_request(client, pull, body=body)
    await mark_ready(client, pull)
    said = Notice(pull.number, digest, context.now())
    await context.database.transact(notices.write_notice, repository.id, NOTICE, said)


async def _make_branch(client: Client, repository: Repository, head: CommitSha, config: str) -> None:
    """One commit on the default branch's head, or the one that another attempt has made."""
    if await read_branch_head(client, BRANCH) is None:
        tree = await create_tree(client, (await read_commit(client, head)).tree, {CONFIG_PATH: config})
        commit = await create_commit(client, f"Configure Fractal-RMO\n\n{_TRAILER}\n", tree, (head,))
        with suppress(HeadMoved):
            await create_ref(client, f"refs/heads/{BRANCH}", commit.sha)
            return
    between = await list_commits_between(client, head, BRANCH)
    if len(between) != 1 or _TRAILER not in between[0].message.splitlines():
        raise HeadMoved(
            f"the branch {BRANCH!r} of {repository.full_name} is not ours; delete it, or add {CONFIG_PATH} by hand"
        )


async def _open(client: Client, repository: Repository, body: str) -> PullRequestState:
    """The pull request, or the one that another worker has opened meanwhile."""
    try:
        return await create_pull_request(
            client, title=comments.onboarding_title(), body=body, head=BRANCH, base=repository.default_branch
        )
    except Refused:
        found = await find_pull_request(client, BRANCH)
        if found is None:
            raise
        return found


async def _required(client: Client, branch: str) -> tuple[str, ...]:
    try:
        return tuple(check.name for check in await required_checks(client, branch))
    except NotPermitted:
        return ()
