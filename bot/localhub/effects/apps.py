"""Apps coming into being, and their installations coming, changing and going, with the webhooks of that."""

import re
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.localhub.effects.webhooks import send
from bot.localhub.errors import LocalhubError
from bot.localhub.shapes.accounts import Shape, integration, simple_user
from bot.localhub.shapes.accounts import installation as installation_shape
from bot.localhub.shapes.repositories import short_repository
from bot.localhub.state.accounts import Account, App, Installation, Level, RegisteredApp
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World


def slug_of(name: str) -> str:
    """The App's name in addresses; its bot is `<slug>[bot]`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def register(
    world: World,
    name: str,
    permissions: Mapping[str, Level],
    events: Sequence[str],
    webhook_url: str | None,
    webhook_secret: str,
    *,
    private_key_pem: str | None = None,
    app_id: int | None = None,
) -> RegisteredApp:
    """Register an App; a key is made unless one is given."""
    slug = slug_of(name)
    if app_id in world.apps:
        raise LocalhubError(f"there is an App with id {app_id!r} already; choose another")
    key = _load_key(private_key_pem) if private_key_pem else rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    number = world.next_id("app") if app_id is None else app_id
    app = App(
        id=number,
        client_id=f"Iv23li{number:014d}",
        slug=slug,
        name=name,
        owner=world.add_account("app-owner", "User"),
        bot=world.add_account(f"{slug}[bot]", "Bot", app_slug=slug),
        public_key=public,
        permissions={"metadata": "read", **permissions},
        events=tuple(events),
        webhook_url=webhook_url,
        webhook_secret=webhook_secret,
        created_at=world.now(),
    )
    world.apps[number] = app
    return RegisteredApp(number, app.client_id, slug, pem.decode(), webhook_secret)


def _load_key(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise LocalhubError("the App's private key is not an RSA key; give one, as GitHub does")
    return key


def ping(world: World, app: App) -> None:
    """What GitHub sends first to a new webhook address."""
    hook = {"type": "App", "id": app.id, "name": "web", "active": True, "app_id": app.id}
    shape = integration(world, app)
    payload: Shape = {
        "zen": "Keep it logically awesome.",
        "hook_id": app.id,
        "hook": {
            **hook,
            "events": list(app.events),
            "config": {"content_type": "json", "insecure_ssl": "0", "url": app.webhook_url or ""},
            "created_at": shape["created_at"],
            "updated_at": shape["updated_at"],
            "deliveries_url": f"{world.api_url}/app/hook/deliveries",
        },
    }
    send(world, app, "ping", None, payload, None, None)


def install(world: World, app: App, repository: HubRepository) -> Installation:
    """Give the App this repository; its first one on an account makes the installation."""
    owner = repository.owner
    held = [each for each in world.installations.values() if each.app is app and each.account is owner]
    if held:
        held[0].repository_ids.add(repository.id)
        _tell_repositories(world, held[0], "added", repository)
        return held[0]
    made = Installation(world.next_id("installation"), app, owner, world.now(), {repository.id})
    made.permissions = dict(app.permissions)
    world.installations[made.id] = made
    _tell(world, made, "created", repositories=[short_repository(world, repository)], requester=None)
    return made


def take_out(world: World, repository: HubRepository) -> None:
    """No installation has this repository any more: it was transferred to another account."""
    for held in world.installations_on(repository):
        held.repository_ids.discard(repository.id)
        _tell_repositories(world, held, "removed", repository)


def suspend(world: World, held: Installation, sender: Account) -> None:
    """Its tokens answer 403 from now on, and no webhook but this one is sent."""
    held.suspended_at = world.now()
    held.suspended_by = sender
    _tell(world, held, "suspend")


def unsuspend(world: World, held: Installation) -> None:
    """Everything works again; what happened meanwhile is not told."""
    held.suspended_at = None
    held.suspended_by = None
    _tell(world, held, "unsuspend")


def uninstall(world: World, held: Installation) -> None:
    """Remove an installation with its tokens."""
    repositories = [short_repository(world, world.repositories[each]) for each in sorted(held.repository_ids)]
    del world.installations[held.id]
    _tell(world, held, "deleted", repositories=repositories)


def grant(world: World, held: Installation, permissions: Mapping[str, Level]) -> None:
    """The account grants exactly these permissions from now on; tokens that were given out keep theirs."""
    held.permissions = {"metadata": "read", **permissions}
    _tell(world, held, "new_permissions_accepted")


def _tell(world: World, held: Installation, action: str, **more: object) -> None:
    shape = installation_shape(world, held)
    payload: Shape = {"installation": shape, **more, "sender": simple_user(world, held.account)}
    send(world, held.app, "installation", action, payload, held, None)


def _tell_repositories(world: World, held: Installation, action: str, repository: HubRepository) -> None:
    named = [short_repository(world, repository)]
    payload: Shape = {
        "installation": installation_shape(world, held),
        "repository_selection": "selected",
        "repositories_added": named if action == "added" else [],
        "repositories_removed": named if action == "removed" else [],
        "requester": None,
        "sender": simple_user(world, held.account),
    }
    send(world, held.app, "installation_repositories", action, payload, held, None)
