"""Two scenes: a GitHub on loopback behind the contract gate, and a server that answers as a test scripts it."""

import base64
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from github import Auth, Github
from github.Repository import Repository as HumanRepository

from bot.github.app import WORKING, GitHubApp
from bot.github.client import Client
from bot.github.pace import NO_LIMITS, WriteLimits
from bot.localhub import LocalHub, RegisteredApp, serve
from bot.localhub.actions.runs import JobOutcome, RunOutcome
from bot.localhub.state.accounts import Level
from bot.localhub.state.checks import LineAnnotation
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import JobStep, WorkflowRun
from bot.model.ids import CommitSha, InstallationId, RepositoryId
from tests.conformance.github.scripted import Answer, Request, Script, Scripted, said, scripted
from tests.contract.gate import ContractGate

WORKFLOW = """
name: CI
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: pytest
"""
FILES = {
    "README.md": "# A repository\n",
    "src/greet.py": "def greet():\n    return 'hello'\n",
    "src/old.py": "unused = True\n",
    ".github/workflows/ci.yml": WORKFLOW,
}
ZIP = base64.b64decode("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==")
"""An empty zip file."""


@dataclass(frozen=True, slots=True)
class Forge:
    """The scene of a test."""

    hub: LocalHub
    url: str
    registered: RegisteredApp
    app: GitHubApp
    repository: RepositoryId
    installation: InstallationId
    client: Client
    human_token: str
    base: CommitSha
    """Head of the default branch at the start."""

    def human(self) -> HumanRepository:
        """The repository as its owner's own client sees it; each call blocks, so make it in a thread."""
        github = Github(
            auth=Auth.Token(self.human_token),
            base_url=f"{self.url}/api/v3",
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        return github.get_repo("octo/repo")


@pytest.fixture(scope="session")
def key() -> str:
    """An App's private key; making one takes a while."""
    private = rsa.generate_private_key(65537, 2048)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


async def fail_first(repository: HubRepository, run: WorkflowRun) -> RunOutcome:
    """The pipeline: fails with a remark at its first attempt, passes when it is run again."""
    failed = run.attempt == 1
    outcome = JobOutcome(
        key="test",
        matrix={},
        conclusion="failure" if failed else "success",
        steps=(JobStep("Set up job", 1, "success"), JobStep("Run pytest", 2, "failure" if failed else "success")),
        annotations=(LineAnnotation("src/greet.py", 2, 2, "failure", "wrong greeting"),) if failed else (),
        log="collected 1 item\n1 failed\n" if failed else "collected 1 item\n1 passed\n",
    )
    return RunOutcome((outcome,), {"reports": ZIP})


@pytest.fixture
async def forge(tmp_path: Path, key: str) -> AsyncGenerator[Forge]:
    """The scene; whatever passed over its wire must have been as GitHub describes it."""
    gate = ContractGate()
    hub = LocalHub(tmp_path, execute=fail_first)
    hub.app = gate.middleware(hub.app)
    permissions: dict[str, Level] = {name: "read" if level == "read" else "write" for name, level in WORKING.items()}
    permissions["actions"] = "write"
    registered = hub.create_app("rmo", permissions, ("issues", "push"), None, "secret", private_key_pem=key)
    human_token = hub.add_user("olivia")
    repository = await hub.create_repository("octo", "repo", FILES)
    hub.set_role(repository, "olivia", "admin")
    installation = hub.install(registered, repository)
    base = await hub.world.repositories[repository].git.ref("refs/heads/main")
    assert base is not None
    async with serve(hub) as url:
        app = GitHubApp(registered.id, key, f"{url}/api/v3", write_limits=NO_LIMITS)
        client = app.client("octo/repo", installation, repository=repository)
        yield Forge(hub, url, registered, app, repository, installation, client, human_token, CommitSha(base))
        await hub.idle()
        await app.close()
    gate.assert_kept()


INSTALLATION = InstallationId(7)
MINT = f"/app/installations/{INSTALLATION}/access_tokens"
Started = tuple[GitHubApp, Client, Scripted]


class Start(Protocol):
    def __call__(self, script: Script, limits: WriteLimits = NO_LIMITS) -> AbstractAsyncContextManager[Started]: ...


class Clock:
    """Moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start(key: str, clock: Clock) -> Start:
    """Starts a scripted GitHub that gives out tokens, with a client of `octo/repo` on it."""

    @asynccontextmanager
    async def started(script: Script, limits: WriteLimits = NO_LIMITS) -> AsyncGenerator[Started]:
        minted = 0

        def with_tokens(request: Request) -> Answer | None:
            nonlocal minted
            if request.target != MINT:
                return script(request)
            minted += 1
            expires = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
            return said({"token": f"ghs_7_{minted}.long", "expires_at": expires}, 201)

        async with scripted(with_tokens) as server:
            app = GitHubApp(3, key, server.url, write_limits=limits, clock=clock, sleep=clock.sleep)
            yield app, app.client("octo/repo", INSTALLATION, repository=RepositoryId(5)), server
            await app.close()

    return started
