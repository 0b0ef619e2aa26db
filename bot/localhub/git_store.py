"""A bare repository as the Git Data API needs it: objects, trees, commits and refs by plumbing commands.

Plumbing, not a library: the objects are then exactly those that a real push and a real clone exchange.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from bot.localhub.git_process import git

NO_SHA = "0" * 40
"""How git and GitHub write "no commit"."""


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


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A line of a tree."""

    path: str
    mode: str
    kind: str
    sha: str
    size: int | None


@dataclass(frozen=True, slots=True)
class TreeChange:
    """A path to put into a tree (`sha` set) or to take out of it (`sha` None)."""

    path: str
    mode: str
    sha: str | None


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
    """One bare repository on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Stdout of a git command in this repository; raises GitFailed where it does not end well."""
        return (await git(self.path, *arguments, stdin=stdin))[1]

    async def text(self, *arguments: str) -> str:
        return (await self.git(*arguments)).decode(errors="replace").strip()

    async def succeeds(self, *arguments: str) -> bool:
        """Whether a command that answers by its exit code says yes."""
        return (await git(self.path, *arguments, accepted=(0, 1, 128, 129)))[0] == 0

    async def kind(self, name: str) -> str | None:
        """Type of the object called `name`, or None where there is none."""
        code, out = await git(self.path, "cat-file", "-t", "--", name, accepted=(0, 1, 128))
        return out.decode().strip() if code == 0 else None

    async def resolve(self, name: str) -> str | None:
        """The commit that a branch, tag or (abbreviated) SHA names."""
        for candidate in (f"refs/heads/{name}", f"refs/tags/{name}", name):
            arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{candidate}^{{commit}}")
            code, out = await git(self.path, *arguments, accepted=(0, 1, 128))
            if code == 0:
                return out.decode().strip()
        return None

    async def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Full ref name -> SHA of what it points at, of refs that begin with `prefix`."""
        listing = await self.text("for-each-ref", "--format=%(refname) %(objectname)")
        pairs = (line.split(" ") for line in listing.splitlines())
        return {name: sha for name, sha in pairs if name.startswith(prefix)}

    async def ref(self, name: str) -> str | None:
        return (await self.refs(name)).get(name)

    async def set_ref(self, name: str, sha: str, expected: str) -> None:
        """Compare-and-swap; `NO_SHA` means that the ref must not exist yet."""
        await self.git("update-ref", name, sha, expected)

    async def delete_ref(self, name: str, expected: str) -> None:
        await self.git("update-ref", "-d", name, expected)

    async def write_blob(self, content: bytes) -> str:
        return (await self.git("hash-object", "-w", "--stdin", stdin=content)).decode().strip()

    async def read(self, sha: str, kind: str) -> bytes:
        """Content of an object of a known kind."""
        return await self.git("cat-file", kind, sha)

    async def commit(self, sha: str) -> StoredCommit:
        return parse_commit(sha, await self.read(sha, "commit"))

    async def tree(self, name: str, *, recursive: bool) -> list[TreeEntry]:
        """Entries of a tree or a commit's tree."""
        deep = ("-r", "-t") if recursive else ()
        out = await self.git("ls-tree", "-z", "--long", *deep, name)
        entries: list[TreeEntry] = []
        for line in out.decode(errors="surrogateescape").split("\0")[:-1]:
            described, path = line.split("\t", 1)
            mode, kind, sha, size = described.split()
            entries.append(TreeEntry(path, mode, kind, sha, None if size == "-" else int(size)))
        return entries

    async def entry(self, commit: str, path: str) -> TreeEntry | None:
        """What stands at `path` in a commit; an empty path is the root tree."""
        if not path:
            return TreeEntry("", "040000", "tree", await self.text("rev-parse", f"{commit}^{{tree}}"), None)
        out = await self.git("ls-tree", "-z", "--long", commit, "--", path)
        for line in out.decode(errors="surrogateescape").split("\0")[:-1]:
            described, name = line.split("\t", 1)
            mode, kind, sha, size = described.split()
            if name == path:
                return TreeEntry(name, mode, kind, sha, None if size == "-" else int(size))
        return None

    async def write_tree(self, base: str | None, changes: Sequence[TreeChange]) -> str:
        """A tree with `changes` on top of the tree `base`, or of nothing."""
        with tempfile.TemporaryDirectory(prefix="localhub-index-") as scratch:
            index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
            if base is not None:
                await git(self.path, "read-tree", base, environment=index)
            for change in changes:
                if change.sha is not None and change.mode == "040000":
                    prefix = f"--prefix={change.path}/"
                    await git(self.path, "read-tree", prefix, change.sha, environment=index)
            lines = "".join(
                f"0 {NO_SHA}\t{change.path}\0" if change.sha is None else f"{change.mode} {change.sha}\t{change.path}\0"
                for change in changes
                if change.mode != "040000"
            )
            stdin = lines.encode(errors="surrogateescape")
            await git(self.path, "update-index", "-z", "--replace", "--index-info", stdin=stdin, environment=index)
            _, out = await git(self.path, "write-tree", environment=index)
        return out.decode().strip()

    async def write_commit(
        self,
        tree: str,
        parents: Sequence[str],
        message: str,
        author: Signature,
        committer: Signature,
        signature: str | None,
    ) -> str:
        """Store a commit object and give its SHA."""
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {author.encode()}", f"committer {committer.encode()}"]
        if signature is not None:
            lines.append("gpgsig " + signature.replace("\n", "\n "))
        raw = "\n".join(lines) + "\n\n" + message
        return (await self.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw.encode())).decode().strip()


async def create_bare(path: Path, default_branch: str) -> GitStore:
    """An empty bare repository that serves pushes and fetches of any commit."""
    await asyncio.to_thread(path.mkdir, parents=True)
    await git(path, "init", "--quiet", "--bare", f"--initial-branch={default_branch}")
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
