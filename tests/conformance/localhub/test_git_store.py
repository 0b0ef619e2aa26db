"""What the store writes and answers by itself is what git would have written and answered."""

import itertools
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.localhub.errors import GitFailed
from bot.localhub.git_history import (
    Conflict,
    Merged,
    changed_files,
    commits_between,
    is_ancestor,
    merge_base,
    merge_tree,
)
from bot.localhub.git_process import git
from bot.localhub.git_store import NO_SHA, GitStore, Signature, create_bare
from bot.localhub.git_trees import DIRECTORY, EMPTY_TREE, TreeChange, TreeEntry

MINA = Signature("Mína <x", "mina@example.test", datetime(2026, 1, 2, tzinfo=UTC))
FILE = "100644"
ODD = "dir/naïve \udcff name.txt"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[GitStore]:
    made = await create_bare(tmp_path / "shop.git", "main")
    yield made
    await made.close()


async def _commit(store: GitStore, files: dict[str, bytes], *parents: str) -> str:
    changes = [TreeChange(path, FILE, await store.write_blob(content)) for path, content in files.items()]
    tree = await store.write_tree(None, changes)
    person = Signature("Mina", "mina@example.test", datetime(2026, 1, 2, tzinfo=UTC))
    return await store.write_commit(tree, parents, f"{files}\n", person, person, None)


async def _by_index(store: GitStore, base: str | None, changes: list[TreeChange]) -> str:
    """The tree that git's own index makes of the same changes."""
    index = {"GIT_INDEX_FILE": str(store.path / "an-index")}
    await git(store.path, "read-tree", *([base] if base else ["--empty"]), environment=index)
    for change in changes:
        line = f"{'0' if change.sha is None else change.mode} {change.sha or NO_SHA}\t{change.path}\0"
        arguments = ("update-index", "-z", "--replace", "--index-info")
        await git(store.path, *arguments, stdin=line.encode(errors="surrogateescape"), environment=index)
    _, out = await git(store.path, "write-tree", environment=index)
    return out.decode().strip()


async def test_trees_are_those_of_gits_index(store: GitStore) -> None:
    blob, other = await store.write_blob(b"one\n"), await store.write_blob(b"two\n")
    paths = ("a.txt", "a/b/c.txt", "a/b/d.txt", "a-b", "a.b/x", ODD)
    base = await store.write_tree(None, [TreeChange(path, FILE, blob) for path in paths[1:]])
    cases: list[list[TreeChange]] = [
        [TreeChange("a", FILE, other)],  # a file in place of a directory
        [TreeChange("a-b/new", "100755", other)],  # and the reverse
        [TreeChange("a/b/c.txt", FILE, None), TreeChange("a/b/d.txt", FILE, None)],  # nothing is left of a directory
        [TreeChange("a", FILE, None)],  # a directory is no file
        [TreeChange("missing/deep", FILE, None), TreeChange("a-b/missing", FILE, None)],
        [TreeChange(ODD, FILE, None), TreeChange("z", "120000", other)],
        [TreeChange("module", "160000", "1" * 40), TreeChange("a.txt", FILE, other), TreeChange("a0", FILE, blob)],
        [TreeChange(path, FILE, None) for path in paths[1:]],
    ]
    for changes in cases:
        assert await store.write_tree(base, changes) == await _by_index(store, base, changes), changes
    assert await store.write_tree(None, []) == EMPTY_TREE
    inner = await store.tree_of(base)
    moved = await store.write_tree(base, [TreeChange("a", DIRECTORY, inner), TreeChange("b", DIRECTORY, EMPTY_TREE)])
    assert {each.path for each in await store.tree(moved, recursive=True) if each.path.startswith("a/a")} == {
        *("a/a", "a/a/b", "a/a/b/c.txt", "a/a/b/d.txt", "a/a-b", "a/a.b", "a/a.b/x")
    }
    assert await store.entry(moved, "b") is None


async def test_git_finds_nothing_wrong_with_what_is_written(store: GitStore) -> None:
    large = await store.write_blob(bytes(range(256)) * 5000)
    empty = await store.write_blob(b"")
    assert await store.write_blob(b"") == empty
    tree = await store.write_tree(None, [TreeChange("a/b", FILE, large), TreeChange("c", FILE, empty)])
    author = Signature("Mína", "mina@example.test", datetime(2026, 1, 2, tzinfo=UTC))
    first = await store.write_commit(tree, (), "First\n", author, author, "-----BEGIN\n\nxyz\n-----END")
    second = await store.write_commit(tree, (first,), "Sécond", author, author, None)
    await store.set_ref("refs/heads/main", second, NO_SHA)
    _, said = await git(store.path, "fsck", "--strict", "--full", "--no-dangling", "--no-progress")
    assert said == b""
    assert (await store.commit(first)).signature == "-----BEGIN\n\nxyz\n-----END"
    assert (await store.git("show", "-s", "--format=%P %T %an %s", "main")).decode() == f"{first} {tree} Mína Sécond\n"
    loose = store.path / "objects" / first[:2] / first[2:]
    assert loose.stat().st_mode & 0o777 == 0o444
    assert not list((store.path / "objects").glob("tmp_*"))


async def test_half_a_sha_gets_into_no_object(store: GitStore) -> None:
    blob = await store.write_blob(b"one\n")
    tree = await store.write_tree(None, [TreeChange("a", FILE, blob)])
    with pytest.raises(GitFailed, match="not a whole SHA"):
        await store.write_tree(tree, [TreeChange("b", FILE, blob[:10])])
    with pytest.raises(GitFailed, match="not a whole SHA"):
        await store.write_commit(tree[:10], (), "x", MINA, MINA, None)


async def test_trees_are_listed_as_git_lists_them(store: GitStore) -> None:
    blob = await store.write_blob(b"one\n")
    changes = [TreeChange(path, FILE, blob) for path in ("a/b/c.txt", "a.txt", "z/link", ODD)]
    tree = await store.write_tree(None, [*changes, TreeChange("module", "160000", "1" * 40)])
    listing = (await store.git("ls-tree", "-r", "-t", "-z", "--long", tree)).decode(errors="surrogateescape")
    expected: list[TreeEntry] = []
    for line in listing.split("\0")[:-1]:
        described, path = line.split("\t", 1)
        mode, kind, sha, size = described.split()
        expected.append(TreeEntry(path, mode, kind, sha, None if size == "-" else int(size)))
    assert await store.tree(tree, recursive=True) == expected
    assert await store.tree(tree, recursive=False) == [each for each in expected if "/" not in each.path]
    for each in expected:
        assert await store.entry(tree, each.path) == each
    for path in ("missing", "a.txt/x", "a//b", "module/x"):
        assert await store.entry(tree, path) is None
    with pytest.raises(GitFailed, match="not an object"):
        await store.entry("1" * 40, "a")


async def test_refs_are_read_as_git_reads_them(store: GitStore) -> None:
    sha = await _commit(store, {"a": b"a"})
    for name in ("heads/main", "heads/deep/er", "heads/packed", "tags/v1", "pull/1/head", "rmo/runs/1"):
        await store.set_ref(f"refs/{name}", sha, NO_SHA)
    await git(store.path, "pack-refs", "--all")
    newer = await _commit(store, {"a": b"b"}, sha)
    await store.set_ref("refs/heads/main", newer, sha)
    await store.delete_ref("refs/heads/packed", None)
    await git(store.path, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
    who = ("-c", "user.name=Mina", "-c", "user.email=mina@example.test")
    await git(store.path, *who, "tag", "--annotate", "--message", "two", "v2", newer)
    (store.path / "refs" / "heads" / "main.lock").write_text(f"{sha}\n")
    listing = (await store.text("for-each-ref", "--format=%(refname) %(objectname)")).splitlines()
    expected = dict(line.split(" ") for line in listing)
    assert len(expected) == 7
    assert await store.refs() == expected
    for name, value in expected.items():
        assert await store.ref(name) == value
    await store.set_ref("refs/heads/refs/heads/inner", sha, NO_SHA)
    for name in ("heads/main", "refs/heads/inner", "refs/heads", "refs/heads/main.lock", "refs/../HEAD", "refs/x\0"):
        assert await store.ref(name) is None, name
    assert await store.commit_of("v2") == newer
    assert await store.resolve("v2") == newer
    assert await store.resolve(newer[:12]) == newer
    for name in ("", "a b", "main\nmain", "x" * 70_000, f"{sha} commit 5"):
        assert await store.resolve(name) is None
        assert await store.kind(name) is None


async def test_history_is_gits(store: GitStore) -> None:
    root = await _commit(store, {"a": b"1\n", "b": b"1\n"})
    left = await _commit(store, {"a": b"2\n", "b": b"1\n"}, root)
    more = await _commit(store, {"a": b"3\n", "b": b"1\n"}, left)
    right = await _commit(store, {"a": b"1\n", "b": b"2\n"}, root)
    clash = await _commit(store, {"a": b"4\n", "b": b"1\n"}, root)
    merge = await _commit(store, {"a": b"3\n", "b": b"2\n"}, more, right)
    after = await _commit(store, {"a": b"5\n", "b": b"2\n"}, merge)
    stranger = await _commit(store, {"c": b"1\n"})
    for one, two in itertools.product((root, left, more, right, clash, merge, after, stranger), repeat=2):
        code, out = await git(store.path, "merge-base", one, two, accepted=(0, 1))
        shared = out.decode().strip() if code == 0 else None
        assert await merge_base(store, one, two) == shared
        assert await is_ancestor(store, one, two) == (shared == one)
        assert await commits_between(store, one, two) == (await store.text("rev-list", f"{one}..{two}")).split()
        arguments = ("merge-tree", "--write-tree", "--allow-unrelated-histories", one, two)
        code, out = await git(store.path, *arguments, accepted=(0, 1))
        tree = Merged(out.decode().split("\n")[0]) if code == 0 else Conflict()
        assert await merge_tree(store, one, two) == tree
    assert not await is_ancestor(store, "1" * 40, root)


async def test_a_diff_says_what_changed_in_each_file(store: GitStore) -> None:
    long = b"".join(b"line %d\n" % number for number in range(2000))
    same = b"".join(b"same %d\n" % number for number in range(20))
    before = {"gone": b"x\n", "old name": same, "text": b"1\n2\n", "binary": b"\0a", "nul": long + b"a\0b\n"}
    after = {"new näme": same + b"end\n", "text": b"1\n3\n", "binary": b"\0b", "nul": long + b"c\0d\n", "added": b"y"}
    files = await changed_files(store, await _commit(store, before), await _commit(store, after))
    found = {each.path: (each.status, each.previous_path, each.additions, each.deletions) for each in files}
    assert found == {
        "added": ("added", None, 1, 0),
        "binary": ("modified", None, 0, 0),
        "gone": ("removed", None, 0, 1),
        "new näme": ("renamed", "old name", 1, 0),
        "nul": ("modified", None, 1, 1),
        "text": ("modified", None, 1, 1),
    }
    patches = {each.path: each.patch for each in files}
    assert patches["text"] == "@@ -1,2 +1,2 @@\n 1\n-2\n+3"
    assert patches["binary"] is None
    assert patches["nul"] is not None
    assert patches["nul"].endswith("-a\0b\n+c\0d")
    assert patches["added"] == "@@ -0,0 +1 @@\n+y\n\\ No newline at end of file"
    assert {each.path: each.sha for each in files}["gone"] == await store.write_blob(b"x\n")
    assert await changed_files(store, EMPTY_TREE, EMPTY_TREE) == []
