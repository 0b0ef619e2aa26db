"""The public face of the loopback GitHub: what a demo, a local run or a test sets up before the bot meets it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.types import ASGIApp

from bot.localhub.actions.queue import Execute, RunQueue
from bot.localhub.app import build_app
from bot.localhub.auth import issue_installation_token, issue_user_token
from bot.localhub.effects.webhooks import release, send
from bot.localhub.errors import LocalhubError
from bot.localhub.faults import Faults
from bot.localhub.git_http import install_hook
from bot.localhub.git_store import create_bare, first_commit, mirror
from bot.localhub.journal import Journal
from bot.localhub.shapes.accounts import installation as installation_shape
from bot.localhub.shapes.accounts import integration, simple_user
from bot.localhub.shapes.repositories import minimal_repository
from bot.localhub.state.accounts import App, Installation, Level, Role
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World
from bot.model.ids import InstallationId, RepositoryId


@dataclass(frozen=True, slots=True)
class RegisteredApp:
    """What GitHub's page shows after the registration of an App."""

    id: int
    client_id: str
    slug: str
    private_key_pem: str
    webhook_secret: str


def _now() -> datetime:
    return datetime.now(UTC)


class LocalHub:
    """A GitHub in this process. All methods belong to the event loop that serves it."""

    def __init__(
        self,
        root: Path,
        *,
        now: Callable[[], datetime] = _now,
        execute: Execute | None = None,
        runs_at_once: int = 1,
        first_id: int = 1001,
        most_issue_characters: int = 65_536,
        newest_only: bool = False,
    ) -> None:
        """Keep the git repositories under `root`; `execute` runs workflows, None switches Actions off.

        Ids of every kind count from `first_id`. GitHub's own limit of an issue's text holds unless told otherwise.
        `newest_only` saves the time of checking commits that a newer one of the branch has followed.
        """
        root.mkdir(parents=True, exist_ok=True)
        self.world = World(root, now, first_id, most_issue_characters)
        self.app: ASGIApp = build_app(self.world)
        """What is served; a test may wrap it before."""
        if execute is not None:
            self.world.start_run = RunQueue(self.world, execute, runs_at_once, newest_only=newest_only).submit

    @property
    def journal(self) -> Journal:
        """What was done here, by whom."""
        return self.world.journal

    @property
    def faults(self) -> Faults:
        """Where faults are ordered."""
        return self.world.faults

    def create_app(
        self,
        name: str,
        permissions: Mapping[str, Level],
        events: Sequence[str],
        webhook_url: str | None,
        webhook_secret: str,
        *,
        private_key_pem: str | None = None,
        app_id: int | None = None,
    ) -> RegisteredApp:
        """Register an App; a key is made unless one is given. Its bot is `<slug>[bot]`."""
        slug = "-".join(name.lower().split())
        if app_id in self.world.apps:
            raise LocalhubError(f"there is an App with id {app_id!r} already; choose another")
        key = _load_key(private_key_pem) if private_key_pem else rsa.generate_private_key(65537, 2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        number = self.world.next_id("app") if app_id is None else app_id
        app = App(
            id=number,
            client_id=f"Iv23li{number:014d}",
            slug=slug,
            name=name,
            owner=self.world.add_account("app-owner", "User"),
            bot=self.world.add_account(f"{slug}[bot]", "Bot", app_slug=slug),
            public_key=public,
            permissions={"metadata": "read", **permissions},
            events=tuple(events),
            webhook_url=webhook_url,
            webhook_secret=webhook_secret,
            created_at=self.world.now(),
        )
        self.world.apps[number] = app
        return RegisteredApp(number, app.client_id, slug, pem.decode(), webhook_secret)

    def set_webhook(self, app: RegisteredApp, url: str | None) -> None:
        """Change where webhooks go and send a `ping` there; None switches them off."""
        held = self._app(app)
        held.webhook_url = url
        hook = {"type": "App", "id": held.id, "name": "web", "active": True, "app_id": held.id}
        payload: dict[str, object] = {
            "zen": "Keep it logically awesome.",
            "hook_id": held.id,
            "hook": {
                **hook,
                "events": list(held.events),
                "config": {"content_type": "json", "insecure_ssl": "0", "url": url or ""},
                "created_at": integration(self.world, held)["created_at"],
                "updated_at": integration(self.world, held)["updated_at"],
                "deliveries_url": f"{self.world.api_url}/app/hook/deliveries",
            },
        }
        send(self.world, held, "ping", None, payload, None, None)

    def add_user(self, login: str, token: str | None = None) -> str:
        """A person, and a personal token of theirs (made unless one is given)."""
        account = self.world.add_account(login, "User")
        if token is None:
            return issue_user_token(self.world, account)
        self.world.user_tokens[token] = account
        return token

    async def create_repository(
        self,
        owner: str,
        name: str,
        source: Path | Mapping[str, str | bytes],
        default_branch: str = "main",
        *,
        default_workflow: str | None = None,
    ) -> RepositoryId:
        """A repository with all branches of the git repository at `source`, or one commit of the files given.

        `default_workflow` is the text of a workflow that runs on commits that have none of their own.
        A `source` path is only read. An unknown owner becomes an organisation. Raises LocalhubError where the name is
        taken or the default branch is not among what `source` holds.
        """
        if self.world.repository(owner, name) is not None:
            raise LocalhubError(f"there is a repository {f'{owner}/{name}'!r} already; choose another name")
        now = self.world.now()
        account = self.world.add_account(owner, "Organization")
        store = await create_bare(self.world.root / "repositories" / owner / f"{name}.git", default_branch)
        if isinstance(source, Path):
            await mirror(source, store)
        else:
            await first_commit(store, default_branch, _as_bytes(source), now)
        await store.close()  # if it is refused below, nobody would
        if await store.ref(f"refs/heads/{default_branch}") is None:
            raise LocalhubError(f"{str(source)!r} has no branch {default_branch!r}; name one that it has")
        install_hook(store.path)
        number = self.world.next_id("repository")
        repository = HubRepository(number, account, name, store, default_branch, now, now, now)
        repository.default_workflow = default_workflow
        self.world.repositories[number] = repository
        return RepositoryId(number)

    def install(self, app: RegisteredApp, repository: RepositoryId) -> InstallationId:
        """Give the App this repository; its first one on an account makes the installation."""
        held, found = self._app(app), self._repository(repository)
        owner = found.owner
        known = next(
            (each for each in self.world.installations.values() if each.app is held and each.account is owner), None
        )
        named = [_short_repository(self.world, found)]
        sender = simple_user(self.world, owner)
        if known is None:
            known = Installation(self.world.next_id("installation"), held, owner, self.world.now(), {found.id})
            self.world.installations[known.id] = known
            shape = installation_shape(self.world, known)
            payload: dict[str, object] = {"installation": shape, "repositories": named, "sender": sender}
            payload["requester"] = None
            send(self.world, held, "installation", "created", payload, known, None)
        else:
            known.repository_ids.add(found.id)
            payload = {
                "installation": installation_shape(self.world, known),
                "repository_selection": "selected",
                "repositories_added": named,
                "repositories_removed": [],
                "requester": None,
                "sender": sender,
            }
            send(self.world, held, "installation_repositories", "added", payload, known, None)
        return InstallationId(known.id)

    def suspend(self, installation: InstallationId) -> None:
        """Suspend an installation: its tokens answer 403 and no webhook is sent."""
        self.world.installations[installation].suspended_at = self.world.now()

    def uninstall(self, installation: InstallationId) -> None:
        """Remove an installation with its tokens."""
        del self.world.installations[installation]

    def set_role(self, repository: RepositoryId, login: str, role: Role | None) -> None:
        """Make a person a collaborator with this role; None takes the person out."""
        roles = self._repository(repository).roles
        if role is None:
            roles.pop(login.lower(), None)
        else:
            roles[login.lower()] = role

    def protect_branch(self, repository: RepositoryId, branch: str, required_checks: Sequence[str]) -> None:
        """Ask for these checks to be green before a merge into `branch`."""
        self._repository(repository).required_checks[branch] = tuple(required_checks)

    def archive(self, repository: RepositoryId) -> None:
        """Make a repository read-only."""
        self._repository(repository).archived = True

    def rename(self, repository: RepositoryId, name: str) -> None:
        """Give a repository another name; its id stays."""
        self._repository(repository).name = name

    def installation_token(self, installation: InstallationId) -> str:
        """A token of an installation with all its permissions, without the detour over the App's JWT."""
        held = self.world.installations[installation]
        return issue_installation_token(self.world, held, None, dict(held.app.permissions))[0]

    def release_held(self, *, newest_first: bool = False) -> None:
        """Send the webhooks that a `Hold` fault keeps back."""
        release(self.world, newest_first=newest_first)

    async def idle(self) -> None:
        """Wait until no webhook and no workflow is under way; raises what failed in one of them."""
        await self.world.background.idle()

    async def close(self) -> None:
        """Cancel what is under way and end the processes that serve it."""
        await self.world.close()

    def _app(self, app: RegisteredApp) -> App:
        return self.world.apps[app.id]

    def _repository(self, repository: RepositoryId) -> HubRepository:
        return self.world.repositories[repository]


def _as_bytes(files: Mapping[str, str | bytes]) -> dict[str, bytes]:
    return {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}


def _short_repository(world: World, repository: HubRepository) -> dict[str, object]:
    shape = minimal_repository(world, repository)
    return {name: shape[name] for name in ("id", "node_id", "name", "full_name", "private")}


def _load_key(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise LocalhubError("the App's private key is not an RSA key; give one, as GitHub does")
    return key
