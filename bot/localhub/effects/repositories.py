"""A repository getting another name, owner or standing, with the `repository` webhooks of that."""

from bot.localhub.effects.apps import take_out
from bot.localhub.effects.webhooks import emit
from bot.localhub.shapes.accounts import Shape, simple_user
from bot.localhub.state.accounts import Account
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World


def rename(world: World, repository: HubRepository, name: str) -> None:
    """Another name; GitHub sends on from the old one."""
    before = repository.name
    world.former_names[repository.full_name.lower()] = repository.id
    repository.name = name
    _tell(world, repository, "renamed", changes={"repository": {"name": {"from": before}}})


def transfer(world: World, repository: HubRepository, owner: Account) -> None:
    """Another owner: the installations of the old one lose it, and collaborators stay."""
    before = repository.owner
    world.former_names[repository.full_name.lower()] = repository.id
    take_out(world, repository)
    repository.owner = owner
    kind = "organization" if before.kind == "Organization" else "user"
    _tell(world, repository, "transferred", changes={"owner": {"from": {kind: simple_user(world, before)}}})


def archive(world: World, repository: HubRepository) -> None:
    """Read-only from now on."""
    repository.archived = True
    _tell(world, repository, "archived")


def unarchive(world: World, repository: HubRepository) -> None:
    """Writable again."""
    repository.archived = False
    _tell(world, repository, "unarchived")


def make_public(world: World, repository: HubRepository) -> None:
    """Everybody may read it from now on."""
    repository.private = False
    _tell(world, repository, "publicized")


def delete(world: World, repository: HubRepository) -> None:
    """Gone, from its installations too."""
    _tell(world, repository, "deleted")
    for held in world.installations_on(repository):
        held.repository_ids.discard(repository.id)
    del world.repositories[repository.id]


def _tell(world: World, repository: HubRepository, action: str, **details: object) -> None:
    told: Shape = dict(details)
    emit(world, repository, "repository", action, told, repository.owner)
