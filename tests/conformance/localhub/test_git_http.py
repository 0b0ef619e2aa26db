"""Real git against the server: clone, push, and who is refused."""

import asyncio
import base64
import os
from pathlib import Path

import pytest

from bot.localhub.state.accounts import Level
from tests.conformance.localhub.town import Town


class Git:
    """A person's git, with the token in the environment as it should be."""

    def __init__(self, home: Path, token: str | None) -> None:
        self._home = home
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "/bin/true",
            "GIT_AUTHOR_NAME": "Mina",
            "GIT_AUTHOR_EMAIL": "mina@example.test",
            "GIT_COMMITTER_NAME": "Mina",
            "GIT_COMMITTER_EMAIL": "mina@example.test",
        }
        if token is not None:
            basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
            self._environment |= {
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "http.extraHeader",
                "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
            }

    async def run(self, *arguments: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            "git",
            *arguments,
            cwd=self._home,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()

    async def commit(self, path: str, content: bytes) -> None:
        file = self._home / "shop" / path
        await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(file.write_bytes, content)
        await self.run("-C", "shop", "add", "--all")
        await self.run("-C", "shop", "commit", "-q", "-m", f"Change {path}")


async def _clone(town: Town, home: Path, token: str | None) -> tuple[Git, int, str]:
    git = Git(home, token)
    code, output = await git.run("clone", "-q", f"{town.url}/acme/shop.git", "shop")
    return git, code, output


async def test_a_person_pushes_and_the_app_hears_of_it(town: Town, tmp_path: Path) -> None:
    git, code, output = await _clone(town, tmp_path, town.tokens["maintainer"])
    assert code == 0, output
    await git.commit("big.bin", os.urandom(3_000_000))
    code, output = await git.run("-C", "shop", "push", "-q", "origin", "HEAD:refs/heads/big", "HEAD:main")
    assert code == 0, output
    await town.hub.idle()
    pushes = {each.payload["ref"]: each.payload for each in town.receiver.named("push")}
    assert set(pushes) == {"refs/heads/big", "refs/heads/main"}
    assert pushes["refs/heads/main"]["head_commit"]["added"] == ["big.bin"]
    assert pushes["refs/heads/main"]["pusher"]["name"] == "maintainer"
    assert pushes["refs/heads/main"]["after"] == await town.head("main")
    again = tmp_path / "again"
    await asyncio.to_thread(again.mkdir)
    other, code, output = await _clone(town, again, town.tokens["reader"])
    assert code == 0, output
    assert (await other.run("-C", "shop", "fsck", "--strict"))[0] == 0
    pushed = [each for each in town.hub.journal.entries if each.path == "/acme/shop.git/git-receive-pack"]
    assert [each.actor for each in pushed] == ["maintainer"]


@pytest.mark.parametrize("who", ["nobody", "stranger", "outsider"])
async def test_strangers_cannot_clone(town: Town, tmp_path: Path, who: str) -> None:
    token = {"nobody": None, "stranger": "ghp_wrong", "outsider": town.tokens["outsider"]}[who]
    _, code, output = await _clone(town, tmp_path, token)
    assert code != 0
    assert ("not found" in output) if who == "outsider" else ("Authentication failed" in output or "terminal" in output)


@pytest.mark.parametrize("level", ["read", "write"])
async def test_an_app_pushes_with_contents_write_only(town: Town, tmp_path: Path, level: Level) -> None:
    git, code, output = await _clone(town, tmp_path, await town.token(contents=level))
    assert code == 0, output
    await git.commit("a.txt", b"a\n")
    code, output = await git.run("-C", "shop", "push", "origin", "HEAD:topic")
    assert (code == 0) is (level == "write"), output
    assert level == "write" or "403" in output


async def test_a_reader_cannot_push(town: Town, tmp_path: Path) -> None:
    git, _, _ = await _clone(town, tmp_path, town.tokens["reader"])
    await git.commit("a.txt", b"a\n")
    code, output = await git.run("-C", "shop", "push", "origin", "HEAD:topic")
    assert code != 0
    assert "403" in output


async def test_an_app_cannot_push_a_workflow_but_a_person_can(town: Town, tmp_path: Path) -> None:
    git, _, _ = await _clone(town, tmp_path, await town.token())
    await git.commit(".github/workflows/evil.yml", b"on: push\n")
    await git.commit("harmless.txt", b"a\n")
    code, output = await git.run("-C", "shop", "push", "origin", "HEAD:refs/heads/topic")
    assert code != 0
    assert "refusing to allow a GitHub App to create or update workflow" in output
    await town.hub.idle()
    assert town.receiver.deliveries == []

    owner = Git(tmp_path, town.tokens["maintainer"])
    code, output = await owner.run("-C", "shop", "push", "origin", "HEAD:refs/heads/topic")
    assert code == 0, output
    await git.commit("more.txt", b"b\n")
    code, output = await git.run("-C", "shop", "push", "origin", "HEAD:refs/heads/topic")
    assert code == 0, output


async def test_pull_request_refs_cannot_be_pushed(town: Town, tmp_path: Path) -> None:
    git, _, _ = await _clone(town, tmp_path, town.tokens["maintainer"])
    code, output = await git.run("-C", "shop", "push", "origin", "HEAD:refs/pull/1/head")
    assert code != 0
    assert "deny updating a hidden ref" in output


async def test_a_mirrored_repository_brings_its_branches_and_leaves_the_source_alone(
    town: Town, tmp_path: Path
) -> None:
    git, _, _ = await _clone(town, tmp_path, town.tokens["maintainer"])
    await git.run("-C", "shop", "checkout", "-q", "-b", "feature")
    await git.commit("feature.txt", b"f\n")
    before = await git.run("-C", "shop", "for-each-ref")
    copy = await town.hub.create_repository("mina", "copy", tmp_path / "shop", "feature")
    held = town.hub.world.repositories[copy]
    assert set(await held.git.refs("refs/heads/")) == {"refs/heads/main", "refs/heads/feature"}
    assert await git.run("-C", "shop", "for-each-ref") == before
