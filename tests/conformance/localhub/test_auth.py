"""Who a caller is, and how a token is narrowed: the App's JWT, installation tokens, people's tokens."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.localhub.state.accounts import Level
from tests.conformance.localhub.town import FILES, Town


def _other_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return pem.decode()


async def test_the_app_knows_itself_and_its_installations(town: Town) -> None:
    apps = town.app_client().rest.apps
    assert (await apps.async_get_authenticated()).json()["slug"] == "rmo-bot"
    assert (await apps.async_get_repo_installation("acme", "shop")).parsed_data.id == town.installation
    assert [each.id for each in (await apps.async_list_installations()).parsed_data] == [town.installation]
    repositories = (await town.bot().rest.apps.async_list_repos_accessible_to_installation()).json()
    assert [each["full_name"] for each in repositories["repositories"]] == ["acme/shop"]


async def test_only_a_fresh_jwt_of_the_apps_own_key_is_the_app(town: Town) -> None:
    credentials = {
        "expired": town.jwt(life=-30),
        "too long": town.jwt(life=3600),
        "forged": town.jwt(key=_other_key()),
        "nonsense": "a.b.c",
        "person": town.tokens["maintainer"],
        "none": None,
        "good": town.jwt(),
    }
    statuses: dict[str, int] = {}
    for name, credential in credentials.items():
        async with town.http(credential) as client:
            statuses[name] = (await client.get("/app")).status_code
    assert statuses == {**dict.fromkeys(credentials, 401), "good": 200}


async def test_a_jwt_opens_no_repository(town: Town) -> None:
    async with town.http(town.jwt()) as client:
        assert (await client.get(town.repository_path)).status_code == 401


async def test_a_token_is_narrowed_to_repositories_and_permissions(town: Town) -> None:
    second = await town.hub.create_repository("acme", "warehouse", FILES)
    town.hub.install(town.app, second)
    async with town.http(town.jwt()) as client:
        wish = {"repository_ids": [town.repository_id], "permissions": {"issues": "read"}}
        answer = await client.post(f"/app/installations/{town.installation}/access_tokens", json=wish)
        too_much = {"permissions": {"administration": "write"}}
        refused = await client.post(f"/app/installations/{town.installation}/access_tokens", json=too_much)
        unknown = {"repository_ids": [424242]}
        missing = await client.post(f"/app/installations/{town.installation}/access_tokens", json=unknown)
    assert answer.status_code == 201
    assert answer.json()["permissions"] == {"metadata": "read", "issues": "read"}
    assert (refused.status_code, missing.status_code) == (422, 422)
    async with town.http(answer.json()["token"]) as client:
        assert (await client.get(f"{town.repository_path}/issues")).status_code == 200
        assert (await client.post(f"{town.repository_path}/issues", json={"title": "x"})).status_code == 403
        assert (await client.get(f"{town.repository_path}/contents/README.md")).status_code == 403
        assert (await client.get("/repos/acme/warehouse")).status_code == 404
        assert (await client.get("/repos/acme/nowhere")).status_code == 404


WRITES: tuple[tuple[str, str, dict[str, object] | None], ...] = (
    ("issues", "/issues/1/comments", {"body": "x"}),
    ("issues", "/issues/1/labels", {"labels": ["x"]}),
    ("contents", "/git/blobs", {"content": "x", "encoding": "utf-8"}),
    ("contents", "/git/refs", {"ref": "refs/heads/x", "sha": "0" * 40}),
    ("pull_requests", "/pulls", {"title": "x", "head": "x", "base": "main"}),
    ("checks", "/check-runs", {"name": "x", "head_sha": "0" * 40}),
    ("statuses", f"/statuses/{'0' * 40}", {"state": "success"}),
    ("actions", "/actions/runs/1/rerun-failed-jobs", None),
)


async def test_writing_needs_the_write_permission(town: Town) -> None:
    await town.as_person("maintainer", lambda repository: repository.create_issue("One"))
    for permission, path, body in WRITES:
        answers: list[int] = []
        wishes: tuple[dict[str, Level], ...] = ({permission: "read"}, {permission: "write"})
        for wish in wishes:
            async with town.http(await town.token(**wish)) as client:
                answers.append((await client.post(f"{town.repository_path}{path}", json=body)).status_code)
        assert answers[0] == 403, path
        assert answers[1] != 403, path


async def test_a_suspended_or_removed_installation_is_shut_out(town: Town) -> None:
    token = await town.token()
    async with town.http(token) as client:
        town.hub.suspend(town.installation)
        assert (await client.get(town.repository_path)).status_code == 403
        town.hub.uninstall(town.installation)
        assert (await client.get(town.repository_path)).status_code == 401


async def test_a_token_does_not_look_like_the_old_ones(town: Town) -> None:
    token = await town.token()
    assert token.startswith(f"ghs_{town.app.id}_")
    assert len(token) > 100


async def test_an_archived_repository_takes_no_writes(town: Town) -> None:
    town.hub.archive(town.repository_id)
    async with town.http(town.tokens["maintainer"]) as client:
        assert (await client.post(f"{town.repository_path}/issues", json={"title": "x"})).status_code == 403
        assert (await client.get(town.repository_path)).json()["archived"] is True


async def test_a_renamed_repository_is_found_by_its_id_and_by_its_former_name(town: Town) -> None:
    town.hub.rename(town.repository_id, "store")
    by_id = f"{town.api}/repositories/{town.repository_id}"
    async with town.http(await town.token()) as client:
        assert (await client.get(by_id)).json()["full_name"] == "acme/store"
        moved = await client.get("/repos/acme/shop/branches/main?x=1")
        assert (moved.status_code, moved.headers["location"]) == (301, f"{by_id}/branches/main?x=1")
        assert (await client.get(moved.headers["location"])).json()["name"] == "main"
        write = await client.post("/repos/acme/shop/issues", json={"title": "x"})
        assert (write.status_code, write.headers["location"]) == (307, f"{by_id}/issues")
    async with town.http(town.tokens["outsider"]) as client:
        assert (await client.get("/repos/acme/shop")).status_code == 404
