"""The repository's own configuration, as its default branch has it now."""

from dataclasses import dataclass

from bot.catalog.errors import DataInvalid
from bot.catalog.repository_config import CONFIG_PATH, parse_repository_config
from bot.github import repositories
from bot.github.client import Client
from bot.github.errors import TooLarge
from bot.model.ids import CommitSha
from bot.model.repository import RepositoryConfig


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the owner has decided, or the defaults."""

    config: RepositoryConfig
    problem: str = ""
    """Why the file can't be used; empty where it can, or where there is none."""
    text: str | None = None
    """The file as it stands; None where there is none."""


async def read_configuration(client: Client, ref: CommitSha | str) -> Configuration:
    """The configuration at a commit or branch; raises as the GitHub edge does."""
    try:
        content = await repositories.read_file(client, CONFIG_PATH, ref)
    except TooLarge as error:
        return Configuration(RepositoryConfig(), str(error), "")
    if content is None:
        return Configuration(RepositoryConfig())
    text = content.decode("utf-8", "replace")
    try:
        return Configuration(parse_repository_config(text), text=text)
    except DataInvalid as error:
        return Configuration(RepositoryConfig(), str(error), text)
