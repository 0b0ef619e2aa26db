"""The ways out with real TLS, a real proxy and every client: the edge to GitHub, both SDKs of models, and git."""

import threading
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from bot.compose import git_url_of
from bot.config import Settings
from bot.git.cache import RepositoryCache
from bot.git.errors import RemoteUnreachable
from bot.github.app import WORKING, GitHubApp
from bot.github.branches import create_ref
from bot.github.comments import create_comment
from bot.github.commits import create_commit, create_tree, read_commit
from bot.github.errors import Unavailable
from bot.github.issues import create_issue
from bot.github.pace import NO_LIMITS
from bot.github.pulls import create_pull_request, mark_ready
from bot.localhub import LocalHub, serve
from bot.localhub.state.accounts import Level
from bot.model.errors import Retryable
from bot.model.ids import CommitSha, InstallationId, RepositoryId
from bot.models import open_configured_model
from bot.network.errors import BadNetwork
from bot.network.github_transport import GitHubTransport
from bot.network.network import Network
from bot.secrets.scan import redact
from bot.ways import way_to
from tests.conformance.llm.conversations import request
from tests.conformance.llm.provider import Listening, chat_completion, message
from tests.conformance.network.servers import Authority, ForwardProxy, forward_proxy, tls_front

GHES, MODELS, REBOUND = "ghe.corp.example", "models.corp.example", "rebound.corp.example"


@dataclass(frozen=True, slots=True)
class World:
    """An enterprise: its GitHub, its models, its authority, and the proxy that alone knows their names."""

    hub: LocalHub
    app_id: int
    key: str
    repository: RepositoryId
    installation: InstallationId
    authority: Authority
    front: int
    """Where the GitHub is in truth."""
    proxy: ForwardProxy
    settings: Settings
    models: Listening

    def github(self, way: Network) -> GitHubApp:
        url = way.base.text
        connect = lambda: GitHubTransport(way)  # noqa: E731 - as it is composed
        return GitHubApp(self.app_id, self.key, url, write_limits=NO_LIMITS, connect=connect, guard=redact)


@contextmanager
def answering() -> Generator[Listening]:
    """A provider of models."""
    listening = Listening()
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield listening
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    private = rsa.generate_private_key(65537, 2048)
    key = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    authority = Authority(tmp_path)
    async with AsyncExitStack() as stack:
        models = stack.enter_context(answering())
        hub = LocalHub(tmp_path / "hub")
        permissions: dict[str, Level] = {
            name: "read" if level == "read" else "write" for name, level in WORKING.items()
        }
        app = hub.create_app("rmo", permissions, (), None, "secret", private_key_pem=key)
        repository = await hub.create_repository("octo", "repo", {"a.txt": "one\n"})
        installation = hub.install(app, repository)
        plain = await stack.enter_async_context(serve(hub))
        hub.world.base_url = f"https://{GHES}"
        names = authority.context(GHES, MODELS, REBOUND, "localhost", "127.0.0.1")
        front = await stack.enter_async_context(tls_front(int(plain.rpartition(":")[2]), names))
        model_front = await stack.enter_async_context(tls_front(models.server_port, names))
        known = {f"{GHES}:443": front, f"{MODELS}:443": model_front}
        proxy = await stack.enter_async_context(forward_proxy(known))
        settings = Settings().model_copy(
            update={
                "home": tmp_path / "home",
                "github_api_url": f"https://{GHES}/api/v3",
                "https_proxy": SecretStr(f"http://me:hunter2@127.0.0.1:{proxy.port}"),
                "ca_bundle": authority.file,
                "no_proxy": "",
                "anthropic_api_key": SecretStr("sk-ant-for-the-tests"),
                "anthropic_base_url": f"https://{MODELS}",
                "openai_api_key": SecretStr("sk-for-the-tests"),
                "openai_base_url": f"https://{MODELS}/v1",
            }
        )
        yield World(hub, app.id, key, repository, installation, authority, front, proxy, settings, models)


async def test_an_enterprise_server_behind_a_proxy_with_its_own_authority(world: World, tmp_path: Path) -> None:
    way = way_to(world.settings, world.settings.github_api_url, "GITHUB_API_URL")
    app = world.github(way)
    client = app.client("octo/repo", world.installation, repository=world.repository)
    try:
        issue = await create_issue(client, title="Found", body="x", labels=())
        said = await create_comment(client, issue.number, "with ghs_q7Zt4Wc9Lm2Xv8Rb3Kp5")
        token = await app.token("octo/repo", world.installation, repository=world.repository)
    finally:
        await app.close()
    assert said.body == "with [redacted]"
    assert said.url.startswith(f"https://{GHES}/octo/repo/")

    cache = RepositoryCache(tmp_path / "clones", way=way.git_settings)
    url = f"{git_url_of(world.settings.github_api_url)}/octo/repo.git"
    assert set(await cache.fetch(url, token, world.repository, ("refs/heads/main",))) == {"refs/heads/main"}
    assert set(world.proxy.connected) == {f"{GHES}:443"}
    assert {each.partition(" ")[0] for each in world.proxy.authorizations} == {"Basic"}
    assert {each.path.partition("/")[0] for each in world.hub.journal.entries} == {""}


async def test_graphql_is_beside_the_rest_api(world: World) -> None:
    way = way_to(world.settings, world.settings.github_api_url, "GITHUB_API_URL")
    app = world.github(way)
    client = app.client("octo/repo", world.installation, repository=world.repository)
    git = world.hub.world.repositories[world.repository].git
    base = await git.ref("refs/heads/main")
    assert base is not None
    try:
        tree = await create_tree(client, (await read_commit(client, CommitSha(base))).tree, {"b.txt": "two\n"})
        commit = await create_commit(client, "Second", tree, (CommitSha(base),))
        await create_ref(client, "refs/heads/work", commit.sha)
        pull = await create_pull_request(client, title="T", body="B", head="work", base="main")
        await mark_ready(client, pull)
    finally:
        await app.close()
    assert [each.path for each in world.hub.journal.entries if "graphql" in each.path] == ["/graphql"]


@pytest.mark.parametrize("model", ["openai:gpt-4o-mini", "anthropic:claude-haiku-4-5"])
async def test_models_are_reached_the_same_way(model: str, world: World) -> None:
    said = {"path": "a.py"}
    openai = chat_completion([("plan", '{"path": "a.py"}')])
    world.models.provider.answers = [openai if model.startswith("openai") else message([("plan", said)])]
    opened = open_configured_model(world.settings.model_copy(update={"model": model}))

    answer = await opened.ask(request("plan"))

    assert [call.tool for call in answer.calls] == ["plan"]
    assert world.proxy.connected == [f"{MODELS}:443"]
    distrusting = world.settings.model_copy(update={"model": model, "ca_bundle": None})
    with pytest.raises(Retryable):
        await open_configured_model(distrusting).ask(request("plan"))


async def test_an_unknown_authority_is_not_trusted(world: World, tmp_path: Path) -> None:
    settings = world.settings.model_copy(update={"ca_bundle": None})
    way = way_to(settings, settings.github_api_url, "GITHUB_API_URL")
    app = world.github(way)
    try:
        with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
            await app.identity()
    finally:
        await app.close()
    cache = RepositoryCache(tmp_path / "clones", way=way.git_settings)
    with pytest.raises(RemoteUnreachable):
        await cache.fetch(f"https://{GHES}/octo/repo.git", None, world.repository, ("refs/heads/main",))


async def test_what_was_checked_is_what_is_connected_to(world: World, tmp_path: Path) -> None:
    """A name that leads elsewhere each time it is asked for: it is asked once, and no other resolver knows it."""
    asked: list[str] = []

    async def turning(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) % 2 else ["127.0.0.9"]

    settings = world.settings.model_copy(update={"https_proxy": SecretStr("")})
    here = way_to(settings, f"https://localhost:{world.front}/api/v3", "GITHUB_API_URL")
    way = Network(here.base, here.trust, resolve=turning)
    app = world.github(way)
    try:
        assert (await app.identity()).id == world.app_id
        assert asked == ["localhost"]
        asked[:] = []
        token = await app.token("octo/repo", world.installation)
    finally:
        await app.close()

    asked.clear()
    cache = RepositoryCache(tmp_path / "clones", way=way.git_settings)
    await cache.fetch(f"https://{REBOUND}:{world.front}/octo/repo.git", token, world.repository, ("refs/heads/main",))
    assert asked == [REBOUND]


async def test_files_without_certificates_are_said_before_anything_is_sent(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("none")
    for setting, given in (
        ("RMO_CA_BUNDLE", {"ca_bundle": empty}),
        ("SSL_CERT_FILE", {"ssl_cert_file": tmp_path / "no"}),
    ):
        settings = Settings().model_copy(update={"home": tmp_path, "ssl_cert_file": None, **given})
        with pytest.raises(BadNetwork, match=setting):
            way_to(settings, "https://api.github.com", "GITHUB_API_URL")


@pytest.mark.parametrize(
    ("api", "pages"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.octocorp.ghe.com", "https://octocorp.ghe.com"),
        ("https://ghe.corp.example/api/v3", "https://ghe.corp.example"),
        ("https://api.corp.example:8443/api/v3", "https://api.corp.example:8443"),
    ],
)
def test_where_pages_and_repositories_are(api: str, pages: str) -> None:
    assert git_url_of(api) == pages
