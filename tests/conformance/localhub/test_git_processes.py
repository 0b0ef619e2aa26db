"""The processes of git that stay with the server: what they see, whom they answer, and that they end."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from bot.localhub import LocalHub, serve
from bot.localhub.errors import GitFailed
from bot.localhub.git_process import git
from bot.localhub.git_store import NO_SHA, GitStore
from tests.conformance.localhub.town import FILES, Town

WAIT_SECONDS = 20


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A dead child that init has not yet collected is no process any more.
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


async def _until(condition: Callable[[], bool]) -> None:
    """Return as soon as the condition holds; raises AssertionError where it does not in time."""
    deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
    while not condition():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.02)


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _store(town: Town) -> GitStore:
    return town.hub.world.repositories[town.repository_id].git


async def test_they_end_with_the_server(tmp_path: Path) -> None:
    hub = LocalHub(tmp_path / "hub")
    async with serve(hub):
        repository = await hub.create_repository("acme", "shop", FILES)
        store = hub.world.repositories[repository].git
        start = await store.ref("refs/heads/main")
        assert start is not None
        assert await store.kind(start) == "commit"
        await store.set_ref("refs/heads/topic", start, NO_SHA)
        pids = [store.reader.session.pid, store.writer.session.pid]
        running = [pid for pid in pids if pid is not None and _is_alive(pid)]
        assert len(running) == 2
    assert not any(map(_is_alive, running))


async def test_they_end_when_the_server_is_killed(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(
        '{"users": [{"login": "ann", "token": "secret"}], "repositories":'
        ' [{"owner": "ann", "name": "shop", "files": {"a.txt": "a"}}]}'
    )
    arguments = ("-m", "bot.localhub", "--root", str(tmp_path / "hub"), "--seed", str(seed))
    server = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    url = (await server.stdout.readline()).decode().split('"')[3]
    async with httpx.AsyncClient(base_url=url, trust_env=False, auth=("x", "secret")) as client:
        headers = {"authorization": "Bearer secret"}
        assert (await client.get("/repos/ann/shop/git/trees/main", headers=headers)).status_code == 200
    children = _children(server.pid)
    assert children
    server.send_signal(signal.SIGKILL)
    await server.communicate()
    await _until(lambda: not any(map(_is_alive, children)))


async def test_what_a_push_brings_is_seen_by_a_reader_that_runs(town: Town, tmp_path: Path) -> None:
    url = town.url.replace("//", f"//x-access-token:{town.tokens['maintainer']}@")
    await git(tmp_path, "clone", "--quiet", f"{url}/acme/shop.git", "mine")
    mine = tmp_path / "mine"
    who = ("-c", "user.name=Mina", "-c", "user.email=mina@example.test")
    async with town.http(town.tokens["maintainer"]) as api:
        for number in (1, 150):  # few objects arrive loose, many as a pack (receive.unpackLimit is 100)
            for each in range(number):
                (mine / f"file-{number}-{each}.txt").write_text(f"{number} {each}\n")
            await git(mine, "add", "--all")
            await git(mine, *who, "commit", "--quiet", "--message", "More")
            sha = (await git(mine, "rev-parse", "HEAD"))[1].decode().strip()
            path = f"{town.repository_path}/git/commits/{sha}"
            assert (await api.get(path)).status_code == 404
            before = _store(town).reader.session.pid
            await git(mine, "push", "--quiet", "origin", "HEAD:main")
            assert (await api.get(path)).status_code == 200
            assert (await api.get(f"{town.repository_path}/git/trees/main")).json()["sha"] == await _store(
                town
            ).tree_of(sha)
            assert _store(town).reader.session.pid == before
        assert any(each.suffix == ".pack" for each in (_store(town).path / "objects" / "pack").iterdir())
        await git(_store(town).path, "repack", "-a", "-d", "--quiet")
        await git(_store(town).path, "pack-refs", "--all")
        assert await _store(town).ref("refs/heads/main") == sha
        blob = f"{town.repository_path}/contents/file-150-149.txt"
        assert (await api.get(blob)).status_code == 200


async def test_requests_at_the_same_time_get_each_their_own_answer(town: Town) -> None:
    async with town.http(await town.token()) as api:

        async def through(text: str) -> None:
            made = await api.post(f"{town.repository_path}/git/blobs", json={"content": text})
            headers = {"accept": "application/vnd.github.raw+json"}
            back = (await api.get(f"{town.repository_path}/git/blobs/{made.json()['sha']}", headers=headers)).json()
            assert back["size"] == len(text)

        await asyncio.gather(*(through("x" * number) for number in range(40)))


async def test_a_request_that_is_given_up_does_not_leave_its_answer_to_the_next(town: Town) -> None:
    store = _store(town)
    large, small = await store.write_blob(os.urandom(2_000_000)), await store.write_blob(b"small")
    begun = asyncio.Event()

    async def receive(stdout: asyncio.StreamReader) -> None:
        await stdout.readline()
        begun.set()
        await asyncio.Event().wait()

    asked = asyncio.create_task(store.reader.session.ask(f"contents {large}\n".encode(), receive))
    await begun.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await store.read(small, "blob") == b"small"


async def test_a_ref_that_is_elsewhere_stays_there_and_the_next_one_moves(town: Town) -> None:
    store = _store(town)
    start = await store.ref("refs/heads/main")
    assert start is not None
    await store.set_ref("refs/heads/topic", start, NO_SHA)
    with pytest.raises(GitFailed, match="reference already exists"):
        await store.set_ref("refs/heads/topic", start, NO_SHA)
    with pytest.raises(GitFailed):
        await store.set_ref("refs/heads/two words", start, NO_SHA)
    with pytest.raises(GitFailed):
        await store.delete_ref("refs/heads/topic", "1" * 40)
    assert await store.ref("refs/heads/topic") == start
    await store.delete_ref("refs/heads/topic", start)
    await store.delete_ref("refs/heads/topic", None)
    assert await store.ref("refs/heads/topic") is None


async def test_a_process_that_ended_is_started_again(town: Town) -> None:
    store = _store(town)
    assert await store.kind("main") == "commit"
    pid = store.reader.session.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await _until(lambda: store.reader.session.pid is None)
    assert await store.kind("main") == "commit"
    assert store.reader.session.pid not in (None, pid)
