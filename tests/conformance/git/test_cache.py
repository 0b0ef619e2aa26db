"""The cache against a real git server on loopback."""

import asyncio
import os
from base64 import b64encode
from pathlib import Path

import pytest

from bot.git.cache import RepositoryCache
from bot.git.errors import (
    AccessRefused,
    BadName,
    HostileObjects,
    MissingCommit,
    RemoteUnreachable,
    RepositoryGone,
    TooLarge,
)
from bot.git.tree import list_files, merge_base, read_file
from bot.model.ids import CommitSha, RepositoryId
from tests.conformance.git.served import TOKEN, GitServer, Workshop

REPOSITORY = RepositoryId(7)


@pytest.fixture
def cache(tmp_path: Path) -> RepositoryCache:
    return RepositoryCache(tmp_path / "caches")


async def test_a_branch_and_a_commit_are_fetched_with_their_files(
    cache: RepositoryCache, server: GitServer, workshop: Workshop
) -> None:
    first = workshop.commit({"a.py": "one\n"})
    second = workshop.commit({"a.py": "two\n"})
    found = await cache.fetch(server.url("work"), TOKEN, REPOSITORY, ("refs/heads/main", first))
    assert found == {"refs/heads/main": second, first: first}
    at = cache.location(REPOSITORY)
    assert await read_file(at, CommitSha(first), "a.py", 100) == b"one\n"
    assert await read_file(at, CommitSha(second), "a.py", 100) == b"two\n"


async def test_a_branch_is_asked_for_anew_and_a_commit_only_once(
    cache: RepositoryCache, server: GitServer, workshop: Workshop
) -> None:
    first = workshop.commit({"a.py": "one\n"})
    await cache.fetch(server.url("work"), TOKEN, REPOSITORY, ("refs/heads/main", first))
    second = workshop.commit({"a.py": "two\n"})
    moved = await cache.fetch(server.url("work"), TOKEN, REPOSITORY, ("refs/heads/main",))
    assert moved == {"refs/heads/main": second}
    asked = len(server.authorizations)
    assert await cache.fetch(server.url("work"), TOKEN, REPOSITORY, (first,)) == {first: first}
    assert len(server.authorizations) == asked


async def test_depth_decides_whether_history_is_seen(
    cache: RepositoryCache, server: GitServer, workshop: Workshop
) -> None:
    base = workshop.commit({"a.py": "one\n"})
    left = workshop.commit({"b.py": "left\n"})
    workshop.git("checkout", "--quiet", "-b", "other", base)
    right = workshop.commit({"c.py": "right\n"})
    at = cache.location(REPOSITORY)
    await cache.fetch(server.url("work"), TOKEN, REPOSITORY, (left, right))
    assert await merge_base(at, CommitSha(left), CommitSha(right)) is None
    await cache.fetch(server.url("work"), TOKEN, REPOSITORY, (left, right), depth=10)
    assert await merge_base(at, CommitSha(left), CommitSha(right)) == base


async def test_the_token_reaches_the_server_and_stays_out_of_the_cache(
    cache: RepositoryCache, server: GitServer, workshop: Workshop
) -> None:
    workshop.commit({"a.py": "one\n"})
    await cache.fetch(server.url("work"), TOKEN, REPOSITORY, ("refs/heads/main",))
    secret = b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    assert set(server.authorizations) == {f"Basic {secret}"}
    for path in cache.directory.rglob("*"):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes()
            assert secret.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AccessRefused),
        (403, AccessRefused),
        (404, RepositoryGone),
        (301, RepositoryGone),
        (500, RemoteUnreachable),
        (503, RemoteUnreachable),
        (429, RemoteUnreachable),
    ],
)
async def test_what_a_server_says_is_sorted_by_who_can_act(
    cache: RepositoryCache, server: GitServer, workshop: Workshop, status: int, error: type[Exception]
) -> None:
    workshop.commit({"a.py": "one\n"})
    server.answers["/work"] = status
    with pytest.raises(error) as raised:
        await cache.fetch(server.url("work"), TOKEN, REPOSITORY, ("refs/heads/main",))
    assert TOKEN not in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_a_server_that_does_not_answer_is_worth_another_try(cache: RepositoryCache) -> None:
    with pytest.raises(RemoteUnreachable):
        await cache.fetch("http://127.0.0.1:9/work", None, REPOSITORY, ("refs/heads/main",))


async def test_missing_refs_and_commits(cache: RepositoryCache, server: GitServer, workshop: Workshop) -> None:
    workshop.commit({"a.py": "one\n"})
    with pytest.raises(MissingCommit):
        await cache.fetch(server.url("work"), TOKEN, REPOSITORY, ("refs/heads/gone",))
    with pytest.raises(MissingCommit):
        await cache.fetch(server.url("work"), TOKEN, REPOSITORY, ("1" * 40,))
    with pytest.raises(RepositoryGone):
        await cache.fetch(server.url("nothing"), TOKEN, REPOSITORY, ("refs/heads/main",))


@pytest.mark.parametrize(
    "url",
    [
        "--upload-pack=touch /tmp/owned",
        "ext::sh -c 'touch /tmp/owned'",
        "file:///etc",
        "/etc",
        "git@example.test:a/b",
        "ssh://example.test/a/b",
        "http://example.test/a/b",
        "https://user:secret@example.test/a/b",
        "https://example.test/a?b=c",
        "https://example.test/a\nb",
        "https://[broken/a",
    ],
)
async def test_urls_that_are_more_than_an_address(cache: RepositoryCache, url: str) -> None:
    with pytest.raises(BadName) as raised:
        await cache.fetch(url, None, REPOSITORY, ("refs/heads/main",))
    assert "secret" not in str(raised.value)
    assert not cache.directory.exists()


async def test_malformed_objects_are_not_let_in(cache: RepositoryCache, server: GitServer, workshop: Workshop) -> None:
    blob = workshop.git("hash-object", "-w", "--stdin", stdin="run me\n")
    entry = b"100644 .git\0" + bytes.fromhex(blob)
    tree = workshop.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=entry)
    commit = workshop.git("commit-tree", tree, "-m", "hostile")
    workshop.git("update-ref", "refs/heads/hostile", commit)
    with pytest.raises(HostileObjects):
        await cache.fetch(server.url("work"), TOKEN, REPOSITORY, ("refs/heads/hostile",))
    with pytest.raises(MissingCommit):
        await list_files(cache.location(REPOSITORY), CommitSha(commit))


async def test_a_repository_beyond_the_limit_is_refused(tmp_path: Path, server: GitServer, workshop: Workshop) -> None:
    workshop.commit({"noise.bin": os.urandom(2 * 1024**2)})
    small = RepositoryCache(tmp_path / "caches", max_bytes=1024**2)
    with pytest.raises(TooLarge):
        await small.fetch(server.url("work"), TOKEN, REPOSITORY, ("refs/heads/main",))


async def test_leftovers_of_a_killed_fetch_do_not_stop_the_next(
    cache: RepositoryCache, server: GitServer, workshop: Workshop
) -> None:
    first = workshop.commit({"a.py": "one\n"})
    await cache.fetch(server.url("work"), TOKEN, REPOSITORY, (first,))
    at = cache.location(REPOSITORY)
    for name in ("shallow.lock", "config.lock", "refs/wanted/x.lock", "objects/pack/tmp_pack_abc"):
        (at / name).write_bytes(b"left over")
    second = workshop.commit({"a.py": "two\n"})
    assert await cache.fetch(server.url("work"), TOKEN, REPOSITORY, (second,)) == {second: second}


async def test_fetches_of_one_repository_at_once_all_arrive(
    cache: RepositoryCache, server: GitServer, workshop: Workshop
) -> None:
    shas = [workshop.commit({"a.py": f"{n}\n"}) for n in range(4)]
    other = RepositoryCache(cache.directory)
    results = await asyncio.gather(
        *(who.fetch(server.url("work"), TOKEN, REPOSITORY, (sha,)) for sha in shas for who in (cache, other))
    )
    assert {sha for result in results for sha in result.values()} == set(shas)


async def test_a_cancelled_wait_leaves_no_lock(cache: RepositoryCache, server: GitServer, workshop: Workshop) -> None:
    sha = workshop.commit({"a.py": "one\n"})
    task = asyncio.create_task(cache.fetch(server.url("work"), TOKEN, REPOSITORY, (sha,)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await cache.fetch(server.url("work"), TOKEN, REPOSITORY, (sha,)) == {sha: sha}


async def test_forgetting_removes_the_cache(cache: RepositoryCache, server: GitServer, workshop: Workshop) -> None:
    sha = workshop.commit({"a.py": "one\n"})
    await cache.fetch(server.url("work"), TOKEN, REPOSITORY, (sha,))
    await cache.forget(REPOSITORY)
    assert not cache.location(REPOSITORY).exists()
    await cache.forget(REPOSITORY)
