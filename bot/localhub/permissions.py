"""What an endpoint asks of its caller, and whether the caller has it.

Levels per endpoint: https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
"""

from dataclasses import dataclass
from typing import assert_never

from bot.localhub.errors import ApiError, not_accessible, not_found
from bot.localhub.state.accounts import LEVELS, Anonymous, AsApp, AsInstallation, AsUser, Identity, Level, Role
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World


@dataclass(frozen=True, slots=True)
class Open:
    """Anyone may ask, also without credentials."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Any token of a person or an installation."""


@dataclass(frozen=True, slots=True)
class AppOnly:
    """The App itself, by its JWT."""


@dataclass(frozen=True, slots=True)
class InstallationOnly:
    """An installation's token."""


@dataclass(frozen=True, slots=True)
class OnRepository:
    """An App with one of `permissions`, or a person with at least `role`."""

    permissions: tuple[tuple[str, Level], ...]
    role: Role | None = "read"
    """None: only Apps may."""


Needs = Open | SignedIn | AppOnly | InstallationOnly | OnRepository


def read(*names: str) -> OnRepository:
    """One of these permissions to read; a person who sees the repository."""
    return OnRepository(tuple((name, "read") for name in names))


def write(*names: str, role: Role | None = "write") -> OnRepository:
    """One of these permissions to write; a person with `role`."""
    return OnRepository(tuple((name, "write") for name in names), role)


def grants(permissions: dict[str, Level], name: str, level: Level) -> bool:
    """Whether `permissions` hold at least `level`; metadata can be read by every App."""
    if name == "metadata" and level == "read":
        return True
    held = permissions.get(name)
    return held is not None and LEVELS.index(held) >= LEVELS.index(level)


def sees(world: World, identity: Identity, repository: HubRepository) -> bool:
    """Whether the repository exists for this caller at all."""
    match identity:
        case AsInstallation(token):
            chosen = token.repository_ids is None or repository.id in token.repository_ids
            return chosen and repository.id in token.installation.repository_ids
        case AsUser(account):
            return world.has_role(repository, account, "read")
        case AsApp() | Anonymous():
            return False
        case _:
            assert_never(identity)


def check(world: World, identity: Identity, needs: Needs, repository: HubRepository | None) -> None:
    """Let the caller through, or raise the ApiError that GitHub answers with."""
    match needs:
        case Open():
            return
        case SignedIn():
            if not isinstance(identity, AsUser | AsInstallation):
                raise ApiError(401, "Requires authentication")
        case AppOnly():
            if not isinstance(identity, AsApp):
                raise ApiError(401, "A JSON web token could not be decoded")
        case InstallationOnly():
            if isinstance(identity, AsUser):
                raise ApiError(
                    403, "You must authenticate with an installation access token in order to list repositories."
                )
            if not isinstance(identity, AsInstallation):
                raise ApiError(401, "Requires authentication")
        case OnRepository():
            _check_repository(world, identity, needs, repository)
        case _:
            assert_never(needs)


def _check_repository(world: World, identity: Identity, needs: OnRepository, repository: HubRepository | None) -> None:
    if isinstance(identity, AsApp):
        raise ApiError(401, "Bad credentials")
    if repository is None or not sees(world, identity, repository):
        raise not_found()
    if isinstance(identity, AsInstallation):
        if not any(grants(identity.token.permissions, name, level) for name, level in needs.permissions):
            raise not_accessible()
    elif needs.role is None:
        raise ApiError(403, "You must authenticate via a GitHub App.")
    else:
        require_role(world, identity, repository, needs.role)


def require_role(world: World, identity: Identity, repository: HubRepository, role: Role) -> None:
    """Refuse a person with less than `role`; Apps are judged by their permissions instead."""
    if isinstance(identity, AsUser) and not world.has_role(repository, identity.account, role):
        raise ApiError(403, f"Must have {role} rights to Repository.")


def require_writable(repository: HubRepository) -> None:
    """An archived repository is read-only."""
    if repository.archived:
        raise ApiError(403, "Repository was archived so is read-only.")
