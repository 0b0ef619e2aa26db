"""The public face of the loopback GitHub: what a demo, a local run or a test sets up before the bot meets it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from starlette.types import ASGIApp

from bot.localhub.actions.queue import Execute, RunQueue
from bot.localhub.app import build_app
from bot.localhub.auth import issue_installation_token, issue_user_token
from bot.localhub.effects import apps, repositories
from bot.localhub.effects.checks import press, rerequest
from bot.localhub.effects.issues import Actor
from bot.localhub.effects.issues import transfer as transfer_issue
from bot.localhub.effects.webhooks import release
from bot.localhub.errors import LocalhubError
from bot.localhub.faults import Faults
from bot.localhub.git_http import install_hook
from bot.localhub.git_store import create_bare, first_commit, mirror
from bot.localhub.journal import Journal
from bot.localhub.state.accounts import App, Level, RegisteredApp, Role
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World
from bot.model.ids import InstallationId, RepositoryId


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
        return apps.register(
            self.world,
            name,
            permissions,
            events,
            webhook_url,
            webhook_secret,
            private_key_pem=private_key_pem,
            app_id=app_id,
        )

    def set_webhook(self, app: RegisteredApp, url: str | None) -> None:
        """Change where webhooks go and send a `ping` there; None switches them off."""
        held = self._app(app)
        held.webhook_url = url
        apps.ping(self.world, held)

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
        return InstallationId(apps.install(self.world, self._app(app), self._repository(repository)).id)

    def suspend(self, installation: InstallationId) -> None:
        """Suspend an installation: its tokens answer 403 and no webhook is sent."""
        held = self.world.installations[installation]
        apps.suspend(self.world, held, held.account)

    def unsuspend(self, installation: InstallationId) -> None:
        """End a suspension."""
        apps.unsuspend(self.world, self.world.installations[installation])

    def uninstall(self, installation: InstallationId) -> None:
        """Remove an installation with its tokens."""
        apps.uninstall(self.world, self.world.installations[installation])

    def grant(self, installation: InstallationId, permissions: Mapping[str, Level]) -> None:
        """Let the account grant exactly these permissions, fewer or more than before."""
        apps.grant(self.world, self.world.installations[installation], permissions)

    def set_role(self, repository: RepositoryId, login: str, role: Role | None) -> None:
        """Make a person a collaborator with this role; None takes the person out."""
        roles = self._repository(repository).roles
        if role is None:
            roles.pop(login.lower(), None)
        else:
            roles[login.lower()] = role

    def protect_branch(
        self, repository: RepositoryId, branch: str, required_checks: Sequence[str], *, strict: bool = False
    ) -> None:
        """Ask for these checks to be green before a merge into `branch`; `strict` also that it is up to date."""
        found = self._repository(repository)
        found.required_checks[branch] = tuple(required_checks)
        (found.strict_branches.add if strict else found.strict_branches.discard)(branch)

    def archive(self, repository: RepositoryId) -> None:
        """Make a repository read-only."""
        repositories.archive(self.world, self._repository(repository))

    def unarchive(self, repository: RepositoryId) -> None:
        """Make it writable again."""
        repositories.unarchive(self.world, self._repository(repository))

    def rename(self, repository: RepositoryId, name: str) -> None:
        """Give a repository another name; its id stays, and the old name leads to it."""
        repositories.rename(self.world, self._repository(repository), name)

    def transfer(self, repository: RepositoryId, owner: str) -> None:
        """Give a repository to another account, an organisation where it is unknown: the App is not installed there."""
        account = self.world.add_account(owner, "Organization")
        repositories.transfer(self.world, self._repository(repository), account)

    def make_public(self, repository: RepositoryId) -> None:
        """Let everybody read a repository."""
        repositories.make_public(self.world, self._repository(repository))

    def delete_repository(self, repository: RepositoryId) -> None:
        """Delete a repository; its git store stays on disk until the server ends."""
        repositories.delete(self.world, self._repository(repository))

    def transfer_issue(self, repository: RepositoryId, number: int, target: RepositoryId, login: str) -> int:
        """Let a person move an issue to another repository; its number there."""
        source = self._repository(repository)
        actor = Actor(self.world.add_account(login, "User"))
        return transfer_issue(self.world, source, source.issues[number], self._repository(target), actor).number

    def press(self, repository: RepositoryId, check: int, login: str, button: str | None = None) -> None:
        """Let a person press a button of a check run: the App's own of this identifier, else `Re-run`."""
        found = self._repository(repository)
        person = self.world.add_account(login, "User")
        if button is None:
            rerequest(self.world, found, found.checks[check], person)
        else:
            press(self.world, found, found.checks[check], button, person)

    def installation_token(self, installation: InstallationId) -> str:
        """A token of an installation with all its permissions, without the detour over the App's JWT."""
        held = self.world.installations[installation]
        return issue_installation_token(self.world, held, None, dict(held.permissions))[0]

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
