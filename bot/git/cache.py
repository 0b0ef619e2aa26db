"""Bare clones of repositories, one a repository, holding just the commits that runs asked for.

Kept apart from any work tree: nothing of a repository is ever checked out here, so no path, link or attribute of
it can act on this machine. Each wanted commit gets a ref of its own; that ref, not the object's presence, says
that the commit is complete, because an interrupted transfer may leave a commit without its files.
"""

import asyncio
import base64
import fcntl
import hashlib
import os
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.git.command import GitLimits, Growth, Invocation, run_git
from bot.git.diagnosis import require
from bot.git.names import commit_sha, is_commit_sha, ref_name, remote
from bot.model.ids import CommitSha, RepositoryId

_ATTRIBUTES = "* -export-ignore -export-subst -filter -ident -text !working-tree-encoding !eol\n"
"""Highest in precedence: an archive holds every file of the commit, byte for byte, whatever the commit asks for."""


async def as_git_goes(_: str) -> Mapping[str, str]:
    """No settings of the way to a server: git takes the direct one."""
    return {}


@dataclass(frozen=True, slots=True)
class RepositoryCache:
    """The caches under one directory; several processes may share it."""

    directory: Path
    wall: timedelta = timedelta(minutes=10)
    """How long one fetch may take."""
    max_bytes: int = 2 * 1024**3
    """How large one repository's cache may grow."""
    way: Callable[[str], Awaitable[Mapping[str, str]]] = as_git_goes
    """Settings of git's for the way to a URL: a proxy, certificates, the address of its host."""

    def location(self, repository: RepositoryId) -> Path:
        """The bare repository to hand to `bot.git.tree`; it exists once something was fetched."""
        return self.directory / f"{int(repository)}.git"

    async def fetch(
        self, url: str, token: str | None, repository: RepositoryId, wants: Sequence[str], *, depth: int = 1
    ) -> Mapping[str, CommitSha]:
        """Bring the wanted commits into the cache; answers which commit each want names now.

        A want is a commit's SHA, or a full ref such as `refs/heads/main`, which is always asked for anew. `depth` is
        how many commits of history come along. Raises BadName, AccessRefused, RepositoryGone, MissingCommit,
        HostileObjects, TooLarge, RemoteUnreachable, GitTimedOut.
        """
        server = remote(url)
        kept_as = {want: _kept_as(want) for want in wants}
        location = self.location(repository)
        async with self._locked(repository) as lock:
            await self._prepare(location)
            missing = [want for want in kept_as if not await self._has(location, want, depth)]
            if missing:
                way = await self.way(server.url)
                output = await run_git(
                    Invocation(
                        (
                            "fetch",
                            "--quiet",
                            f"--depth={depth}",
                            "--no-tags",
                            "--no-prune",
                            "--no-write-fetch-head",
                            "--no-recurse-submodules",
                            "--no-auto-maintenance",
                            "--",
                            server.url,
                            *(f"+{want}:{kept_as[want]}" for want in missing),
                        ),
                        git_directory=location,
                        protocol=server.protocol,
                        config={**way, **authorization(server.origin, token)},
                        limits=GitLimits(wall=self.wall, growth=Growth(location, self.max_bytes)),
                        holds=(lock,),
                    )
                )
                require(output, f"fetch {', '.join(missing)} of {url!r}")
            return {want: await _commit_at(location, ref) for want, ref in kept_as.items()}

    async def forget(self, repository: RepositoryId) -> None:
        """Delete a repository's cache; the caller sees to it that nobody reads it."""
        async with self._locked(repository):
            await asyncio.to_thread(shutil.rmtree, self.location(repository), ignore_errors=True)

    async def _prepare(self, location: Path) -> None:
        await asyncio.to_thread(_tidy, location)
        output = await run_git(Invocation(("init", "--quiet", "--bare", "--template=", "--", str(location))))
        require(output, f"make the cache {str(location)!r}")
        await asyncio.to_thread(write_attributes, location)

    async def _has(self, location: Path, want: str, depth: int) -> bool:
        # A deeper history than the one that is kept can only be had by asking again.
        return depth == 1 and is_commit_sha(want) and (location / _kept_as(want)).exists()

    @asynccontextmanager
    async def _locked(self, repository: RepositoryId) -> AsyncGenerator[int]:
        """Gives the descriptor that the lock is on."""
        # Tried again and again rather than waited for in a thread, so that a cancelled caller leaves no lock behind.
        await asyncio.to_thread(self.directory.mkdir, parents=True, exist_ok=True)
        descriptor = os.open(self.directory / f"{int(repository)}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            while not _try_lock(descriptor):  # noqa: ASYNC110 - its holder may be another process, which sets no event
                await asyncio.sleep(0.05)
            yield descriptor
        finally:
            os.close(descriptor)


def authorization(origin: str, token: str | None) -> Mapping[str, str]:
    """The setting that makes git present an installation token to one server and to no other.

    https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation
    """
    if token is None:
        return {}
    secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return {f"http.{origin}.extraHeader": f"Authorization: Basic {secret}"}


def _kept_as(want: str) -> str:
    # Branches are kept under a digest: `a` and later `a/b` would not fit beside each other as refs.
    if is_commit_sha(want):
        return f"refs/wanted/{want}"
    return f"refs/wanted/ref-{hashlib.sha256(ref_name(want).encode()).hexdigest()[:32]}"


async def _commit_at(location: Path, ref: str) -> CommitSha:
    output = await run_git(
        Invocation(("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"), git_directory=location)
    )
    return commit_sha(require(output, f"find a commit at {ref!r}").decode().strip())


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _tidy(location: Path) -> None:
    """Remove what a fetch that was killed left behind; whoever holds the lock knows that nobody else needs it."""
    for leftover in (*location.glob("*.lock"), *location.glob("refs/**/*.lock"), *location.glob("objects/pack/tmp_*")):
        leftover.unlink(missing_ok=True)


def write_attributes(location: Path) -> None:
    """Make archives of the bare repository at `location` whole, whatever a commit's own attributes say."""
    information = location / "info"
    information.mkdir(exist_ok=True)
    (information / "attributes").write_text(_ATTRIBUTES)
