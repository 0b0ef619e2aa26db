"""The user's own clone: looked at before a local run, and given the finished branch after it.

It belongs to somebody who is working in it, so its work tree, its index and the branch it is on are never touched,
and no ref of theirs is ever moved.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.git.cache import authorization
from bot.git.command import GitLimits, Invocation, Output, run_git
from bot.git.diagnosis import failure_of, require
from bot.git.errors import BadName, EmptyRepository, MissingCommit, NotARepository, RefTaken, UnsupportedFormat
from bot.git.names import Remote, commit_sha, ref_name, remote
from bot.model.ids import CommitSha


@dataclass(frozen=True, slots=True)
class LocalRepository:
    """A clone as it is now."""

    path: Path
    head: CommitSha
    branch: str | None
    """Name without `refs/heads/`; None where HEAD is detached."""
    changed: int
    """Tracked files that differ from HEAD in the index or the work tree; a run does not see these changes."""
    untracked: int
    """Files and directories that git neither tracks nor ignores."""

    @property
    def is_dirty(self) -> bool:
        """Whether tracked files hold work that is not committed."""
        return self.changed > 0


async def inspect(path: Path) -> LocalRepository:
    """What a clone is on, and whether work is lying about in it; runs none of its hooks, filters or monitors.

    Raises NotARepository, EmptyRepository, ForeignOwner, UnsupportedFormat.
    """
    top = await _top(path)
    object_format = await _git(top, "rev-parse", "--show-object-format")
    if object_format != "sha1":
        raise UnsupportedFormat(f"{str(path)!r} names its objects by {object_format}; only SHA-1 repositories work")
    resolved = await run_git(Invocation(("rev-parse", "--verify", "--quiet", "HEAD^{commit}"), work_directory=top))
    if resolved.exit_code != 0:
        raise EmptyRepository(f"{str(path)!r} has no commit to start from; commit something first")
    symbolic = await run_git(Invocation(("symbolic-ref", "--quiet", "--short", "HEAD"), work_directory=top))
    states = await _status(top)
    return LocalRepository(
        top,
        commit_sha(resolved.stdout.decode().strip()),
        symbolic.stdout.decode().strip() or None,
        changed=sum(state != "??" for state in states),
        untracked=sum(state == "??" for state in states),
    )


async def import_refs(
    path: Path, source: Path | str, refs: Mapping[str, str], *, token: str | None = None
) -> Mapping[str, CommitSha]:
    """Bring refs of a bare repository (a path) or a server (a URL) into a clone; answers what each new ref holds.

    `refs` maps a full name at the source to one under `refs/heads/` or `refs/rmo/` here. All of them arrive or none.
    One that exists and holds the same is left alone; one under `refs/rmo/` may move forward; anything else raises
    RefTaken. Raises BadName, MissingCommit and what reaching the source can raise, too.
    """
    top = await _top(path)
    for ours in refs.values():
        if not ref_name(ours).startswith(("refs/heads/", "refs/rmo/")):
            raise BadName(f"nothing is imported to {ours!r}; use a name under refs/heads/ or refs/rmo/")
    where = await _source(source)
    offered = await _offered(top, where, token, tuple(refs))
    wanted = {ours: offered[theirs] for theirs, ours in refs.items()}
    if not wanted:
        return wanted
    fetched = await run_git(
        _reaching(
            top,
            where,
            token,
            (
                "fetch",
                "--quiet",
                "--no-tags",
                "--no-prune",
                "--no-write-fetch-head",
                "--no-recurse-submodules",
                "--no-auto-maintenance",
                "--",
                where.url,
                *map(ref_name, refs),
            ),
        )
    )
    require(fetched, f"fetch {', '.join(refs)} from {where.url!r}")
    await _move(top, wanted)
    return wanted


async def _move(top: Path, wanted: Mapping[str, CommitSha]) -> None:
    """One transaction over all refs, each from the value that it was judged by."""
    orders: list[str] = []
    for ref, sha in wanted.items():
        held = await _held(top, ref)
        if held == sha:
            continue
        if held is not None and not (ref.startswith("refs/rmo/") and await _is_ancestor(top, held, sha)):
            raise RefTaken(f"{ref!r} already holds {held[:12]}, not {sha[:12]}; rename or delete it, then try again")
        orders.append(f"update {ref} {sha} {held or '0' * 40}\n")
    if orders:
        arguments = ("update-ref", "-m", "rmo: import", "--stdin")
        moved = await run_git(Invocation(arguments, work_directory=top, stdin="".join(orders).encode()))
        require(moved, f"create {', '.join(wanted)}")


async def _top(path: Path) -> Path:
    if not await asyncio.to_thread(path.is_dir):
        raise NotARepository(f"{str(path)!r} is no directory; pass the top of a git clone")
    output = await run_git(Invocation(("rev-parse", "--show-toplevel"), work_directory=path))
    if output.exit_code != 0:
        if "dubious ownership" in output.stderr:
            raise failure_of(output, f"read {str(path)!r}")
        raise NotARepository(f"{str(path)!r} is no git repository with a work tree; run 'git init' or pass a clone")
    top = Path(os.fsdecode(output.stdout.rstrip(b"\n")))
    if await asyncio.to_thread(os.path.realpath, path) != str(top):
        # A directory inside somebody's larger repository is more often a slip than a wish.
        raise NotARepository(f"{str(path)!r} is not the top of a repository; pass {str(top)!r} if you mean that one")
    return top


async def _source(source: Path | str) -> Remote:
    if isinstance(source, str):
        return remote(source)
    return Remote(os.fspath(await asyncio.to_thread(source.absolute)), "", "file")


async def _status(top: Path) -> list[str]:
    """The two-letter state of each path that differs; https://git-scm.com/docs/git-status"""
    arguments = (
        "status",
        "--porcelain=v1",
        "-z",
        "--untracked-files=normal",
        "--ignore-submodules=all",
        "--no-renames",
    )
    output = await run_git(Invocation(arguments, work_directory=top, limits=GitLimits(output_bytes=256 * 1024**2)))
    listing = require(output, f"read the state of {str(top)!r}")
    return [entry[:2].decode("ascii") for entry in listing.split(b"\0") if entry]


async def _offered(top: Path, where: Remote, token: str | None, refs: tuple[str, ...]) -> dict[str, CommitSha]:
    listing = await run_git(
        _reaching(top, where, token, ("ls-remote", "--refs", "--quiet", "--", where.url, *map(ref_name, refs)))
    )
    lines = require(listing, f"list the refs of {where.url!r}").decode("utf-8", "replace").splitlines()
    found = {name: commit_sha(sha) for sha, _, name in (line.partition("\t") for line in lines)}
    for ref in refs:
        if ref not in found:
            raise MissingCommit(f"{where.url!r} has no ref {ref!r}; check that the run has finished")
    return found


def _reaching(top: Path, where: Remote, token: str | None, arguments: tuple[str, ...]) -> Invocation:
    return Invocation(arguments, work_directory=top, protocol=where.protocol, config=authorization(where.origin, token))


async def _held(top: Path, ref: str) -> str | None:
    output = await run_git(Invocation(("rev-parse", "--verify", "--quiet", ref), work_directory=top))
    return output.stdout.decode().strip() or None


async def _is_ancestor(top: Path, older: str, newer: str) -> bool:
    output: Output = await run_git(
        Invocation(("merge-base", "--is-ancestor", commit_sha(older), commit_sha(newer)), work_directory=top)
    )
    return output.exit_code == 0


async def _git(top: Path, *arguments: str) -> str:
    output = await run_git(Invocation(arguments, work_directory=top))
    return require(output, " ".join(arguments)).decode().strip()
