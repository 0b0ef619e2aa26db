"""Commits without a checkout: blobs, trees, commits and refs by the Git Data API."""

import base64
from collections.abc import AsyncGenerator

import httpx
import pytest

from tests.conformance.localhub.town import Town


async def test_a_commit_without_an_author_is_the_bots_own_and_verified(town: Town) -> None:
    written = await town.commit("rmo/issue-1", {"shop.py": "TAX = 7\n", "docs/a.md": "# A\n"}, "Add tax\n\nRmo-Step: 1")
    person = written.answer["author"]
    assert person["name"] == "rmo-bot[bot]"
    assert written.answer["committer"] == person
    assert (written.answer["verification"]["verified"], written.answer["verification"]["reason"]) == (True, "valid")

    rest = town.bot().rest
    commit = (await rest.repos.async_get_commit("acme", "shop", "rmo/issue-1")).json()
    assert commit["sha"] == written.sha
    assert commit["author"]["login"] == "rmo-bot[bot]"
    assert {(each["filename"], each["status"]) for each in commit["files"]} == {
        ("shop.py", "modified"),
        ("docs/a.md", "added"),
    }
    assert commit["commit"]["message"].endswith("Rmo-Step: 1")
    content = (await rest.repos.async_get_content("acme", "shop", "docs/a.md", ref="rmo/issue-1")).json()
    assert base64.b64decode(content["content"]) == b"# A\n"


async def test_the_same_commit_twice_has_two_shas(town: Town) -> None:
    start = await town.head("main")
    first = await town.commit("one", {"a.txt": "a"}, "Same", start)
    second = await town.commit("two", {"a.txt": "a"}, "Same", start)
    assert first.answer["tree"]["sha"] == second.answer["tree"]["sha"]
    assert first.sha != second.sha


async def test_a_named_author_costs_the_signature(town: Town) -> None:
    start = await town.head("main")
    git = town.bot().rest.git
    tree = (await git.async_get_commit("acme", "shop", start)).json()["tree"]["sha"]
    author = {"name": "Someone", "email": "someone@example.test"}
    wish = {"message": "Mine", "tree": tree, "parents": [start], "author": author}
    made = (await git.async_create_commit("acme", "shop", data=wish)).json()
    assert made["author"]["name"] == "Someone"
    assert (made["verification"]["verified"], made["verification"]["reason"]) == (False, "unsigned")


@pytest.fixture
async def api(town: Town) -> AsyncGenerator[httpx.AsyncClient]:
    async with town.http(await town.token()) as client:
        yield client


async def test_a_ref_moves_only_forward_unless_forced(town: Town, api: httpx.AsyncClient) -> None:
    mine = await town.commit("topic", {"a.txt": "mine"}, "Mine")
    start = mine.parent
    other = await town.commit("elsewhere", {"a.txt": "other"}, "Other", start)
    path = f"{town.repository_path}/git/refs/heads/topic"
    refused = await api.patch(path, json={"sha": other.sha, "force": False})
    assert (refused.status_code, refused.json()["message"]) == (422, "Update is not a fast forward")
    assert await town.head("topic") == mine.sha
    forced = await api.patch(path, json={"sha": other.sha, "force": True})
    assert forced.status_code == 200
    assert await town.head("topic") == other.sha


IMPOSSIBLE: tuple[tuple[str, str, dict[str, str] | None, str], ...] = (
    ("POST", "git/refs", {"ref": "refs/heads/main"}, "Reference already exists"),
    ("POST", "git/refs", {"ref": "heads/x"}, "Reference name must start with"),
    ("POST", "git/refs", {"ref": "refs/x"}, "at least two slashes"),
    ("POST", "git/refs", {"ref": "refs/heads/a..b"}, "not a valid ref name"),
    ("POST", "git/refs", {"ref": "refs/heads/x", "sha": "1" * 40}, "Object does not exist"),
    ("PATCH", "git/refs/heads/missing", {}, "Reference does not exist"),
    ("DELETE", "git/refs/heads/missing", None, "Reference does not exist"),
    ("DELETE", "git/refs/heads/main", None, "Cannot delete the default branch"),
)


async def test_refs_that_cannot_be(town: Town, api: httpx.AsyncClient) -> None:
    start = await town.head("main")
    for method, path, body, message in IMPOSSIBLE:
        wish = None if body is None else {"sha": start, **body}
        answer = await api.request(method, f"{town.repository_path}/{path}", json=wish)
        assert answer.status_code == 422, path
        assert message in answer.json()["message"]


async def test_a_ref_of_ones_own_kind_is_kept_and_says_nothing(town: Town, api: httpx.AsyncClient) -> None:
    start = await town.head("main")
    made = await api.post(f"{town.repository_path}/git/refs", json={"ref": "refs/rmo/runs/1-2-3", "sha": start})
    assert made.status_code == 201
    listed = (await api.get(f"{town.repository_path}/git/matching-refs/rmo/runs/")).json()
    assert [each["ref"] for each in listed] == ["refs/rmo/runs/1-2-3"]
    await town.hub.idle()
    assert town.receiver.deliveries == []
    assert (await api.delete(f"{town.repository_path}/git/refs/rmo/runs/1-2-3")).status_code == 204
    assert (await api.get(f"{town.repository_path}/git/ref/rmo/runs/1-2-3")).status_code == 404


async def test_files_are_taken_out_and_trees_read_whole(town: Town, api: httpx.AsyncClient) -> None:
    head = await town.commit("topic", {"a/b/c.txt": "deep\n"}, "Deep")
    blob = await api.post(
        f"{town.repository_path}/git/blobs",
        json={"content": base64.b64encode(b"\x00\xff").decode(), "encoding": "base64"},
    )
    assert blob.status_code == 201
    changes: list[dict[str, object]] = [
        {"path": "a/b/c.txt", "mode": "100644", "type": "blob", "sha": None},
        {"path": "bin.dat", "mode": "100755", "type": "blob", "sha": blob.json()["sha"]},
    ]
    tree = await api.post(f"{town.repository_path}/git/trees", json={"base_tree": head.sha, "tree": changes})
    assert tree.status_code == 201
    whole = (await api.get(f"{town.repository_path}/git/trees/{tree.json()['sha']}?recursive=1")).json()
    assert [(each["path"], each["mode"]) for each in whole["tree"]] == [
        ("README.md", "100644"),
        ("bin.dat", "100755"),
        ("shop.py", "100644"),
    ]
    back = (await api.get(f"{town.repository_path}/git/blobs/{blob.json()['sha']}")).json()
    assert base64.b64decode(back["content"]) == b"\x00\xff"


async def test_a_tree_takes_no_path_that_leads_out(town: Town, api: httpx.AsyncClient) -> None:
    for path in ("../x", "/x", "a//b", ".git/config", "a/./b", "a/.GIT/x"):
        wish = {"tree": [{"path": path, "mode": "100644", "type": "blob", "content": "x"}]}
        assert (await api.post(f"{town.repository_path}/git/trees", json=wish)).status_code == 422, path


async def test_a_workflow_file_cannot_be_brought_by_a_ref(town: Town, api: httpx.AsyncClient) -> None:
    start = await town.head("main")
    changes = [{"path": ".github/workflows/ci.yml", "mode": "100644", "type": "blob", "content": "on: push\n"}]
    repository = town.repository_path
    tree = (await api.post(f"{repository}/git/trees", json={"base_tree": start, "tree": changes})).json()["sha"]
    wish = {"message": "CI", "tree": tree, "parents": [start]}
    sha = (await api.post(f"{repository}/git/commits", json=wish)).json()["sha"]
    made = await api.post(f"{repository}/git/refs", json={"ref": "refs/heads/ci", "sha": sha})
    moved = await api.patch(f"{repository}/git/refs/heads/main", json={"sha": sha})
    assert (made.status_code, moved.status_code) == (403, 403)
    assert "without `workflows` permission" in made.json()["message"]
    async with town.http(town.tokens["maintainer"]) as person:
        assert (await person.patch(f"{repository}/git/refs/heads/main", json={"sha": sha})).status_code == 200
    assert (await api.post(f"{repository}/git/refs", json={"ref": "refs/heads/ci", "sha": sha})).status_code == 201


async def test_two_branches_are_compared(town: Town) -> None:
    first = await town.commit("topic", {"a.txt": "1\n"}, "One")
    await town.commit("topic", {"a.txt": "2\n"}, "Two")
    await town.commit("main", {"b.txt": "b\n"}, "Meanwhile")
    compared = (await town.bot().rest.repos.async_compare_commits("acme", "shop", "main...topic")).json()
    assert (compared["status"], compared["ahead_by"], compared["behind_by"]) == ("diverged", 2, 1)
    assert compared["merge_base_commit"]["sha"] == first.parent
    assert [each["commit"]["message"] for each in compared["commits"]] == ["One", "Two"]
    assert [(each["filename"], each["patch"]) for each in compared["files"]] == [("a.txt", "@@ -0,0 +1 @@\n+2")]
