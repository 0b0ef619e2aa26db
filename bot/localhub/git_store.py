"""A bare repository as the Git Data API needs it: objects, trees, commits and refs.

Git itself reads objects and moves refs, in processes that stay; so what is served is exactly what a real push and a
real clone exchange. Whatever git alone knows how to answer is asked by plumbing commands.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from bot.localhub.errors import GitFailed
from bot.localhub.git_process import git
from bot.localhub.git_reader import FULL_SHA, LARGEST_KEPT, ObjectReader
from bot.localhub.git_refs import RefWriter, read_ref, read_refs
from bot.localhub.git_trees import (
    DIRECTORY,
    TreeChange,
    TreeEntry,
    TreeLine,
    changed_tree,
    encode_tree,
    parse_tree,
)
from bot.localhub.git_writer import write_object
from bot.localhub.recent import Recent

NO_SHA = "0" * 40
"""How git and GitHub write "no commit"."""
KEPT_ANSWERS = 1024


BARE_SETTINGS = """\
[http]
\treceivepack = true
[uploadpack]
\tallowAnySHA1InWant = true
[receive]
\tdenyDeleteCurrent = refuse
\tautogc = false
[gc]
\tauto = 0
"""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who made a commit, and when."""

    name: str
    email: str
    at: datetime

    def encode(self) -> str:
        """As a commit object's header spells it."""
        offset = self.at.strftime("%z") or "+0000"
        return f"{self.name} <{self.email}> {int(self.at.timestamp())} {offset}"


@dataclass(frozen=True, slots=True)
class StoredCommit:
    """A commit object."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str
    signature: str | None
    """The `gpgsig` header."""
    payload: str
    """What the signature signs: the object without that header."""


def _signature(text: str) -> Signature:
    name_and_email, seconds, offset = text.rsplit(" ", 2)
    name, _, email = name_and_email.partition(" <")
    zone = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5])) * (-1 if offset[0] == "-" else 1)
    return Signature(name, email.rstrip(">"), datetime.fromtimestamp(int(seconds), timezone(zone)))


def parse_commit(sha: str, raw: bytes) -> StoredCommit:
    """Read a commit object's bytes."""
    head, _, message = raw.decode(errors="replace").partition("\n\n")
    headers: list[tuple[str, str]] = []
    for line in head.split("\n"):
        if line.startswith(" "):
            key, value = headers.pop()
            headers.append((key, f"{value}\n{line[1:]}"))
        else:
            key, _, value = line.partition(" ")
            headers.append((key, value))
    first = dict(reversed(headers))
    signed = "\n".join(f"{key} {value}" for key, value in headers if key != "gpgsig") + "\n\n" + message
    return StoredCommit(
        sha=sha,
        tree=first["tree"],
        parents=tuple(value for key, value in headers if key == "parent"),
        author=_signature(first["author"]),
        committer=_signature(first["committer"]),
        message=message.removesuffix("\n"),
        signature=first.get("gpgsig"),
        payload=signed,
    )


class GitStore:
    """One bare repository on disk. Its processes start when they are needed and end with `close`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reader = ObjectReader(path)
        self.writer = RefWriter(path)
        self._answers = Recent[tuple[str, ...], tuple[int, bytes]](KEPT_ANSWERS)

    async def close(self) -> None:
        """End the processes; the store can still be used, and starts others then."""
        await self.reader.close()
        await self.writer.close()

    async def git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Stdout of a git command in this repository; raises GitFailed where it does not end well."""
        return (await git(self.path, *arguments, stdin=stdin))[1]

    async def text(self, *arguments: str) -> str:
        return (await self.git(*arguments)).decode(errors="replace").strip()

    async def derived(
        self, command: Sequence[str], *revisions: str, accepted: Collection[int] = (0,)
    ) -> tuple[int, bytes]:
        """Exit code and stdout of a command whose answer follows from the objects that it names.

        It is given once for full SHAs, whose objects never change. Raises GitFailed for a code that is not accepted.
        """
        key = (*command, *revisions)
        known = self._answers.get(key)
        if known is not None:
            return known
        code, out = await git(self.path, *key, accepted=accepted)
        lasting = all(FULL_SHA.fullmatch(each.removeprefix("^")) for each in revisions)
        if lasting and code in (0, 1) and len(out) <= LARGEST_KEPT:
            self._answers.put(key, (code, out))
        return code, out

    async def kind(self, name: str) -> str | None:
        """Type of the object called `name`, or None where there is none."""
        (found,) = await self.reader.find(name)
        return None if found is None else found.kind

    async def resolve(self, name: str) -> str | None:
        """The commit that a branch, tag or (abbreviated) SHA names."""
        names = (f"refs/heads/{name}^{{commit}}", f"refs/tags/{name}^{{commit}}", f"{name}^{{commit}}")
        return next((found.sha for found in await self.reader.find(*names) if found is not None), None)

    async def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Full ref name -> SHA of what it points at, of refs that begin with `prefix`."""
        found = await asyncio.to_thread(read_refs, self.path)
        return {name: sha for name, sha in found.items() if name.startswith(prefix)}

    async def ref(self, name: str) -> str | None:
        return await asyncio.to_thread(read_ref, self.path, name)

    async def set_ref(self, name: str, sha: str, expected: str | None) -> None:
        """Compare-and-swap; `NO_SHA` means that the ref must not exist yet, None that anything goes."""
        await self.writer.update(name, sha, expected)

    async def delete_ref(self, name: str, expected: str | None) -> None:
        """Remove a ref that is at `expected`; None means that anything goes, its absence too."""
        await self.writer.delete(name, expected)

    async def write_blob(self, content: bytes) -> str:
        return await asyncio.to_thread(write_object, self.path, "blob", content)

    async def read(self, sha: str, kind: str) -> bytes:
        """Content of an object of a known kind; raises GitFailed where there is none."""
        (found,) = await self.reader.read(f"{sha}^{{{kind}}}")
        return found.content

    async def commit(self, sha: str) -> StoredCommit:
        return parse_commit(sha, await self.read(sha, "commit"))

    async def commit_of(self, name: str) -> str:
        """SHA of the commit that a commit or a tag is or leads to; raises GitFailed where there is none."""
        (found,) = await self.reader.read(f"{name}^{{commit}}")
        return found.facts.sha

    async def tree_of(self, name: str) -> str:
        """SHA of the tree that a commit, a tag or a tree is or has; raises GitFailed where there is none."""
        (found,) = await self.reader.read(f"{name}^{{tree}}")
        return found.facts.sha

    async def tree(self, name: str, *, recursive: bool) -> list[TreeEntry]:
        """Entries of a tree or a commit's tree, each directory before what is in it."""
        lines = await self._lines(name)
        # All at once, for the calls below.
        await self.reader.read(*(f"{line.sha}^{{tree}}" for line in lines if recursive and line.kind == "tree"))
        facts = await self.reader.find(*(line.sha for line in lines if line.kind == "blob"))
        sizes = {each.sha: each.size for each in facts if each is not None}
        entries: list[TreeEntry] = []
        for line in lines:
            entries.append(TreeEntry(line.name, line.mode, line.kind, line.sha, sizes.get(line.sha)))
            if recursive and line.kind == "tree":
                for each in await self.tree(line.sha, recursive=True):
                    path = f"{line.name}/{each.path}"
                    entries.append(TreeEntry(path, each.mode, each.kind, each.sha, each.size))
        return entries

    async def entry(self, commit: str, path: str) -> TreeEntry | None:
        """What stands at `path` in a commit; an empty path is the root tree."""
        if not path:
            return TreeEntry("", DIRECTORY, "tree", await self.tree_of(commit), None)
        found, at = None, commit
        for part in path.split("/"):
            if found is not None and found.kind != "tree":
                return None
            found = next((line for line in await self._lines(at) if line.name == part), None)
            if found is None:
                return None
            at = found.sha
        assert found is not None
        size = None
        if found.kind == "blob":
            (facts,) = await self.reader.find(found.sha)
            size = None if facts is None else facts.size
        return TreeEntry(path, found.mode, found.kind, found.sha, size)

    async def _lines(self, name: str) -> list[TreeLine]:
        (found,) = await self.reader.read(f"{name}^{{tree}}")
        return parse_tree(found.content)

    async def write_tree(self, base: str | None, changes: Sequence[TreeChange]) -> str:
        """A tree with `changes` on top of the tree `base`, or of nothing; raises GitFailed for half a SHA."""
        _require_whole(*(change.sha for change in changes if change.sha is not None))

        async def write(lines: Sequence[TreeLine]) -> str:
            return await asyncio.to_thread(write_object, self.path, "tree", encode_tree(lines))

        return await changed_tree([] if base is None else await self._lines(base), changes, self._lines, write)

    async def write_commit(
        self,
        tree: str,
        parents: Sequence[str],
        message: str,
        author: Signature,
        committer: Signature,
        signature: str | None,
    ) -> str:
        """Store a commit object and give its SHA; raises GitFailed for half a SHA."""
        _require_whole(tree, *parents)
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {author.encode()}", f"committer {committer.encode()}"]
        if signature is not None:
            lines.append("gpgsig " + signature.replace("\n", "\n "))
        raw = "\n".join(lines) + "\n\n" + message
        return await asyncio.to_thread(write_object, self.path, "commit", raw.encode())


def _require_whole(*shas: str) -> None:
    """Git takes abbreviations in commands; inside an object they would be damage."""
    for sha in shas:
        if not FULL_SHA.fullmatch(sha):
            raise GitFailed(("hash-object", sha), 128, f"{sha!r} is not a whole SHA")


async def create_bare(path: Path, default_branch: str) -> GitStore:
    """An empty bare repository that serves pushes and fetches of any commit."""
    await asyncio.to_thread(path.mkdir, parents=True)
    await git(path, "init", "--quiet", "--bare", "--object-format=sha1", f"--initial-branch={default_branch}")
    await asyncio.to_thread(_configure, path / "config")
    return GitStore(path)


def _configure(file: Path) -> None:
    with file.open("a") as config:
        config.write(BARE_SETTINGS)


async def mirror(source: Path, store: GitStore) -> None:
    """Bring all branches and tags of the repository at `source`, which is only read."""
    specs = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
    safe = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    arguments = ("fetch", "--quiet", "--no-tags", "--update-head-ok", str(source), *specs)
    await git(store.path, *arguments, environment=safe)


async def first_commit(store: GitStore, branch: str, files: dict[str, bytes], at: datetime) -> str:
    """Fill an empty repository with one commit of `files`."""
    changes = [
        TreeChange(path, "100755" if content.startswith(b"#!") else "100644", await store.write_blob(content))
        for path, content in sorted(files.items())
    ]
    tree = await store.write_tree(None, changes)
    author = Signature("Localhub", "localhub@users.noreply.localhub.test", at.astimezone(UTC))
    sha = await store.write_commit(tree, (), "Initial commit\n", author, author, None)
    await store.set_ref(f"refs/heads/{branch}", sha, NO_SHA)
    return sha
