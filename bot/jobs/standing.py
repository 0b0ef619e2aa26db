"""Whether a repository is one to work in: taken up by its owner, with a configuration that can be used."""

from dataclasses import dataclass

from bot.github.client import Client
from bot.jobs.config_report import usable_config
from bot.jobs.context import Context
from bot.jobs.onboard import onboard
from bot.model.repository import Repository, RepositoryConfig


@dataclass(frozen=True, slots=True)
class Standing:
    """What the owner has decided, and whether that lets us work."""

    config: RepositoryConfig
    why_not: str = ""
    """In words; empty where runs may begin."""


async def standing_of(context: Context, client: Client, repository: Repository) -> Standing:
    """Looked up anew: an owner may change their mind at any time. Opens the pull request that takes it up.

    Raises as the GitHub edge does.
    """
    if repository.archived:
        return Standing(RepositoryConfig(), "the repository is archived")
    taken_up = await onboard(context, client, repository)
    if taken_up != "ready":
        return Standing(RepositoryConfig(), f"the repository is not taken up yet ({taken_up})")
    config = await usable_config(context, client, repository)
    if config is None:
        return Standing(RepositoryConfig(), "its configuration can't be used")
    return Standing(config)
