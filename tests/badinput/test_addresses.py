"""SS: an address leads to where nothing of ours may be sent. No test sends anything anywhere but to loopback."""

from collections.abc import Sequence
from pathlib import Path

import httpx
import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from bot.config import Settings
from bot.git.cache import RepositoryCache
from bot.github.app import GitHubApp
from bot.github.artifacts import download_artifact
from bot.github.errors import Moved, Unavailable, Unreadable
from bot.github.pace import NO_LIMITS
from bot.github.repositories import read_repository
from bot.llm.errors import BadRequest
from bot.model.errors import NeedsHuman
from bot.model.ids import InstallationId, RepositoryId
from bot.models import open_configured_model
from bot.network.errors import Unreachable
from bot.network.github_transport import GitHubTransport
from bot.network.model_transport import ModelTransport
from bot.network.network import Direct, Network, Resolve
from bot.ways import way_to
from tests.conformance.github.scripted import Answer, Request, said, scripted
from tests.conformance.llm.conversations import request as asking

METADATA = "169.254.169.254"
# If it were connected to, that would be this machine # nosec B104
NOWHERE = "0.0.0.0"
INSTALLATION = InstallationId(7)
REFUSED = {
    "SS-1": (
        f"http://{METADATA}",
        f"https://{METADATA}/latest",
        "https://[fd00:ec2::254]",
        "http://[::ffff:a9fe:a9fe]",
    ),
    "SS-2": (
        "http://0177.0.0.1",
        "http://2130706433",
        "http://0x7f000001",
        "http://0x7f.0.0.1",
        "http://127.1",
        "http://127.0.0.01",
        "http://1.1.1.1.1",
        "https://[::ffff:169.254.169.254]",
        "https://0.0.0.0",
    ),
    "SS-5": (
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/_",
        "ftp://host",
        "http://api.github.com",
        "//host",
        "javascript:1",
    ),
    "SS-6": (
        "https://api.github.com@evil.example",
        "https://api.github.com:hunter2@evil.example",
        "https://@evil.example",
    ),
}


def settings(tmp_path: Path, **given: object) -> Settings:
    keys = {"openai_api_key": SecretStr("sk-for-the-tests"), "home": tmp_path, "model_price": "1,1"}
    return Settings().model_copy(update={**keys, "allow_private_hosts": True, **given})


@pytest.mark.parametrize("case", REFUSED)
def test_such_a_url_is_refused_before_anything_is_sent(case: str, tmp_path: Path) -> None:
    for url in REFUSED[case]:
        given = settings(tmp_path, allow_private_hosts=case != "SS-5")
        with pytest.raises(NeedsHuman, match=r"^GITHUB_API_URL=") as told:
            way_to(given, url, "GITHUB_API_URL")
        assert "hunter2" not in str(told.value)
        for model in ("openai", "anthropic"):
            named = given.model_copy(update={"model": f"{model}:x", f"{model}_base_url": url})
            with pytest.raises(NeedsHuman, match=rf"^{model.upper()}_BASE_URL="):
                open_configured_model(named)


def resolving(*answers: Sequence[str]) -> Resolve:
    left = list(answers)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        found = left.pop(0) if len(left) > 1 else left[0]
        if not found:
            raise OSError("no such name")
        return found

    return resolve


def network(tmp_path: Path, url: str, *answers: Sequence[str]) -> Network:
    here = way_to(settings(tmp_path), url, "GITHUB_API_URL")
    return Network(here.base, here.trust, allow_private=True, resolve=resolving(*answers))


@pytest.mark.parametrize("case", ["SS-1"])
async def test_a_name_that_leads_there_is_not_connected_to(case: str, tmp_path: Path) -> None:
    assert case
    place, page = "https://ghe.corp.example/api/v3", "https://ghe.corp.example/a/b.git"
    for addresses in ([METADATA], ["140.82.112.5", METADATA], ["fe80::1%eth0"], ["127.0.0.1"], ["nonsense"], []):
        way = network(tmp_path, place, addresses)
        with pytest.raises(Unreachable, match=r"leads to|has no address"):
            await way.way("https", "ghe.corp.example")
        with pytest.raises(Unreachable, match=r"leads to|has no address"):
            await way.git_settings(page)
    way = network(tmp_path, place, [NOWHERE])
    async with httpx.AsyncClient(transport=GitHubTransport(way)) as client:
        with pytest.raises(httpx.ConnectError, match="leads to"):
            await client.get(place)
    async with httpx2.AsyncClient(transport=ModelTransport(way)) as client:
        with pytest.raises(httpx2.ConnectError, match="leads to"):
            await client.get(place)
    clones = RepositoryCache(tmp_path / "clones", way=way.git_settings)
    with pytest.raises(Unreachable):
        await clones.fetch(page, None, RepositoryId(1), ("refs/heads/main",))


@pytest.mark.parametrize("case", ["SS-3"])
async def test_each_request_goes_to_an_address_that_was_checked(case: str, tmp_path: Path) -> None:
    assert case
    async with scripted(lambda _: said({"id": 3})) as server:
        port = server.url.rpartition(":")[2]
        # In no DNS: whoever looks it up again finds nothing. Of its addresses the first one does not answer
        host = f"rebound.corp.example:{port}"
        place = f"http://{host}/app"

        def turning() -> Network:
            return network(tmp_path, f"http://localhost:{port}", ["127.0.0.2", "127.0.0.1"], [NOWHERE])

        async with httpx.AsyncClient(transport=GitHubTransport(turning())) as client:
            assert (await client.get(place)).json()["id"] == 3
            with pytest.raises(httpx.ConnectError, match=NOWHERE):
                await client.get(place)
        async with httpx2.AsyncClient(transport=ModelTransport(turning())) as client:
            assert (await client.get(place)).json()["id"] == 3
            with pytest.raises(httpx2.ConnectError, match=NOWHERE):
                await client.get(place)
    assert [request.headers["host"] for request in server.requests] == [host] * 2


@pytest.mark.parametrize("case", ["SS-4"])
async def test_nothing_is_sent_on_to_another_host(case: str, tmp_path: Path) -> None:
    assert case
    private = rsa.generate_private_key(65537, 2048)
    key = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    async with scripted(lambda _: said({})) as elsewhere:

        def answer(request: Request) -> Answer:
            if request.target.endswith("/access_tokens"):
                return said({"token": "ghs_of-the-tests", "expires_at": "2099-01-01T00:00:00Z"}, 201)
            place = elsewhere.url
            if request.target.endswith("/zip"):
                place = place.replace("127.0.0.1", NOWHERE)
            return Answer(302, b"", {"location": place, "date": "Mon, 01 Jan 2029 00:00:00 GMT"})

        async with scripted(answer) as github:
            way = way_to(settings(tmp_path), github.url, "GITHUB_API_URL")
            app = GitHubApp(3, key, github.url, write_limits=NO_LIMITS, connect=lambda: GitHubTransport(way))
            client = app.client("octo/repo", INSTALLATION)
            try:
                with pytest.raises(Unreadable, match="another host"):
                    await read_repository(client)
                with pytest.raises(Moved):
                    await client.order("POST", "/repos/octo/repo/issues", {"title": "x"})
                # A file lies on another host by design: it is asked without a token, and judged like any address
                with pytest.raises(Unavailable, match=NOWHERE):
                    await download_artifact(client, 4, most_bytes=100)
            finally:
                await app.close()
            named = settings(tmp_path, model="openai:x", openai_base_url=f"{github.url}/v1")
            with pytest.raises(BadRequest):
                await open_configured_model(named).ask(asking("plan"))
    assert elsewhere.requests == []


async def test_plain_http_does_not_leave_for_the_internet(tmp_path: Path) -> None:
    way = network(tmp_path, "http://models.corp.example", ["140.82.112.5"], ["10.1.2.3"])
    with pytest.raises(Unreachable, match="use https"):
        await way.way("http", "models.corp.example")
    assert await way.way("http", "models.corp.example") == Direct(("10.1.2.3",))
