"""A configuration that can't be used is said where it came from: on the commit that brought it, once.

Nothing is assumed about what its owner meant, so nothing begins in that repository until the file is mended, which is
said once too; every other repository goes on.
"""

from typing import Final

from bot import comments
from bot.catalog import CONFIG_PATH
from bot.comments import CheckOutput
from bot.github.checks import keep_check_run
from bot.github.client import Client
from bot.github.commits import last_commit_of
from bot.jobs.configuration import read_configuration
from bot.jobs.context import Context
from bot.model.repository import Repository, RepositoryConfig
from bot.store import notices
from bot.store.notices import Notice

NOTICE: Final = "configuration"
CHECK: Final = f"{comments.CHECK_NAME} configuration"
"""Another name than that of the runs' own check: what is required of runs is not required of this."""


async def usable_config(context: Context, client: Client, repository: Repository) -> RepositoryConfig | None:
    """What the owner has decided; None, and told to them, where it can't be used and no run may begin.

    Raises as the GitHub edge does.
    """
    found = await read_configuration(client, repository.default_branch)
    before = await context.database.transact(notices.read_notice, repository.id, NOTICE)
    if not found.problem:
        if before is not None:
            await _say(client, repository, comments.config_mended_output())
            await context.database.transact(notices.forget_notice, repository.id, NOTICE)
        return found.config
    if before is None or before.said != found.problem:
        await _say(client, repository, comments.config_problem_output(found.problem))
        said = Notice(0, found.problem, context.now())
        await context.database.transact(notices.write_notice, repository.id, NOTICE, said)
    return None


async def _say(client: Client, repository: Repository, output: CheckOutput) -> None:
    """On the newest commit that changed the file; a file that was deleted is silent, and so is this."""
    commit = await last_commit_of(client, CONFIG_PATH, repository.default_branch)
    if commit is not None:
        await keep_check_run(
            client,
            commit.sha,
            name=CHECK,
            external_id=f"configuration:{repository.id}",
            status=output.state,
            conclusion=output.conclusion,
            title=output.title,
            summary=output.summary,
            text=output.text,
            actions=output.buttons,
        )
