"""A file that says what the server starts with, for running it as a process of its own.

The pieces are made in the order: repositories, users, Apps, installations.
"""

import asyncio
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.localhub.actions.scripted import ScriptedConclusion
from bot.localhub.control import DeliveryFaultWish, RequestFaultWish, order
from bot.localhub.errors import SeedInvalid
from bot.localhub.hub import LocalHub
from bot.localhub.state.accounts import Level, RegisteredApp, Role
from bot.model.ids import RepositoryId


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RepositorySeed(_Strict):
    """A repository: mirrored from the git repository at `path`, or one commit of `files`."""

    owner: str
    name: str
    path: Path | None = None
    files: dict[str, str] = {}
    default_branch: str = "main"
    default_workflow: str | None = None
    required_checks: list[str] = []
    roles: dict[str, Role] = {}


class UserSeed(_Strict):
    login: str
    token: str


class AppSeed(_Strict):
    """An App; without a key file one is made, which only this process would know."""

    name: str
    id: int | None = None
    private_key_file: Path | None = None
    webhook_url: str | None = None
    webhook_secret: str
    permissions: dict[str, Level]
    events: list[str]
    repositories: list[str]
    """Full names of the repositories that it is installed on."""


class Seed(_Strict):
    """The whole file."""

    users: list[UserSeed] = []
    repositories: list[RepositorySeed] = []
    apps: list[AppSeed] = []
    faults: list[RequestFaultWish | DeliveryFaultWish] = []
    actions: list[ScriptedConclusion] | Literal["off"] = "off"
    """How workflow runs end, one after the other; `off` starts none."""


def read_seed(path: Path) -> Seed:
    """Read the file; raises SeedInvalid."""
    try:
        return Seed.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SeedInvalid(f"the seed file {str(path)!r} can't be read: {error.strerror}; check the path") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SeedInvalid(f"the seed file {str(path)!r} is wrong at {place!r}: {first['msg']}; correct it") from error


async def plant(hub: LocalHub, seed: Seed) -> list[RegisteredApp]:
    """Set the server up as the file says; gives the Apps in the file's order."""
    for user in seed.users:
        hub.add_user(user.login, user.token)
    numbers: dict[str, RepositoryId] = {}
    for wish in seed.repositories:
        source = wish.files if wish.path is None else wish.path
        number = await hub.create_repository(
            wish.owner, wish.name, source, wish.default_branch, default_workflow=wish.default_workflow
        )
        numbers[f"{wish.owner}/{wish.name}"] = number
        for login, role in wish.roles.items():
            hub.set_role(number, login, role)
        if wish.required_checks:
            hub.protect_branch(number, wish.default_branch, wish.required_checks)
    apps: list[RegisteredApp] = []
    for wish in seed.apps:
        key = None if wish.private_key_file is None else await asyncio.to_thread(wish.private_key_file.read_text)
        app = hub.create_app(
            wish.name,
            wish.permissions,
            wish.events,
            wish.webhook_url,
            wish.webhook_secret,
            private_key_pem=key,
            app_id=wish.id,
        )
        for full_name in wish.repositories:
            if full_name not in numbers:
                raise SeedInvalid(f"the App {wish.name!r} is installed on {full_name!r}, which is no repository here")
            hub.install(app, numbers[full_name])
        apps.append(app)
    for fault in seed.faults:
        order(hub.world, fault)
    return apps
