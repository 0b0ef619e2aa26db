"""The one way in which git is run: with nothing of our environment, and nothing of anybody's configuration.

A repository is hostile input. Its hooks, its file-system monitor, its filters and its submodules can each be a
command to run, so all of them are switched off on every command line. Credentials travel in the child's
environment, never in the URL or the arguments, where any user of the machine could read them.
"""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import IO, Literal

from bot.git.errors import GitMissing, GitTimedOut, TooLarge
from bot.git.names import Protocol

_FLAGS = (
    "--no-pager",
    "--no-replace-objects",
    *(
        flag
        for setting in (
            "core.hooksPath=/dev/null",
            "core.fsmonitor=false",
            "core.symlinks=false",
            "core.protectNTFS=true",
            "core.protectHFS=true",
            "credential.helper=",
            "fetch.unpackLimit=1",
            "gc.auto=0",
            "http.followRedirects=false",
            # a transfer that nobody watches any more must end by itself
            "http.lowSpeedLimit=1",
            "http.lowSpeedTime=120",
            "maintenance.auto=false",
            "protocol.ext.allow=never",
            "protocol.file.allow=never",
            "safe.bareRepository=explicit",
            "submodule.recurse=false",
            "transfer.credentialsInUrl=die",
            "transfer.fsckObjects=true",
        )
        for flag in ("-c", setting)
    ),
)
_ENVIRONMENT = {
    "GIT_ASKPASS": "true",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_LITERAL_PATHSPECS": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    # curl inside git looks for a .netrc in the home directory.
    "HOME": "/nonexistent",
    "LC_ALL": "C",
}
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Growth:
    """A directory that may not grow beyond a size while the command runs."""

    directory: Path
    max_bytes: int


@dataclass(frozen=True, slots=True)
class GitLimits:
    """What one command may use before it is ended."""

    wall: timedelta = timedelta(seconds=60)
    output_bytes: int = 64 * 1024**2
    growth: Growth | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    """One command: where, what and with which leave."""

    arguments: Sequence[str]
    git_directory: Path | None = None
    """Explicit git directory of a bare repository."""
    work_directory: Path | None = None
    """A directory inside a work tree, instead."""
    stdin: bytes = b""
    protocol: Protocol = "none"
    config: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Settings that only the child's environment may carry, such as an authorization header."""
    overflow: Literal["refuse", "cut"] = "refuse"
    """What to do with output beyond the limit: TooLarge, or the part that fits."""
    limits: GitLimits = GitLimits()
    holds: tuple[int, ...] = ()
    """Descriptors that the command keeps open: a lock on one is held until the command ends, also if we die first."""


@dataclass(frozen=True, slots=True)
class Output:
    """How a command ended by itself."""

    exit_code: int
    stdout: bytes
    stderr: str
    cut: bool
    """Whether the command was ended because the output did not fit the limit."""


@cache
def _git() -> str:
    found = shutil.which("git")
    if found is None:
        raise GitMissing("git was not found; install git 2.39 or newer and put it on the PATH")
    return os.path.abspath(found)


async def run_git(invocation: Invocation) -> Output:
    """Run git once in a session of its own; whatever ends the wait ends the whole session.

    A non-zero exit code is the caller's to judge. Raises GitMissing, GitTimedOut, TooLarge.
    """
    # A file rather than a pipe: git may end before it has read a pipe, and event loops differ in what they then raise.
    with tempfile.TemporaryFile() as stdin:
        await asyncio.to_thread(_fill, stdin, invocation.stdin)
        process = await _started(invocation, stdin)
    limits = invocation.limits
    watch = asyncio.create_task(_outgrown(process, limits.growth)) if limits.growth is not None else None
    try:
        async with asyncio.timeout(limits.wall.total_seconds()):
            (stdout, cut), stderr, exit_code = await asyncio.gather(
                _read(process, limits.output_bytes),
                _read_complaint(process),
                process.wait(),
            )
    except TimeoutError as error:
        raise GitTimedOut(
            f"git {invocation.arguments[0]} took longer than {limits.wall.total_seconds():.0f} s; try again later"
        ) from error
    finally:
        _kill(process)
        await process.communicate()
        if watch is not None:
            watch.cancel()
    if limits.growth is not None and await asyncio.to_thread(_size, limits.growth.directory) > limits.growth.max_bytes:
        raise TooLarge(f"the repository is larger than {limits.growth.max_bytes} bytes; raise the limit or exclude it")
    if cut and invocation.overflow == "refuse":
        raise TooLarge(f"git {invocation.arguments[0]} wrote more than {limits.output_bytes} bytes; ask for less")
    return Output(exit_code, stdout, stderr.decode("utf-8", "replace"), cut)


async def _started(invocation: Invocation, stdin: IO[bytes]) -> asyncio.subprocess.Process:
    """git in a session of its own.

    Whoever gives up while it starts ends the session too: asyncio would kill git alone, and wait for its children.
    """
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            _git(),
            *_FLAGS,
            *_location(invocation),
            *invocation.arguments,
            stdin=stdin,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(invocation),
            start_new_session=True,
            pass_fds=invocation.holds,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        process = await starting
        _kill(process)
        await process.communicate()
        raise


def _location(invocation: Invocation) -> tuple[str, ...]:
    if invocation.git_directory is not None:
        return (f"--git-dir={invocation.git_directory}",)
    if invocation.work_directory is not None:
        return ("-C", str(invocation.work_directory))
    return ()


def _environment(invocation: Invocation) -> dict[str, str]:
    secrets = {"GIT_CONFIG_COUNT": str(len(invocation.config))}
    for index, (key, value) in enumerate(invocation.config.items()):
        secrets |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    return {
        **_ENVIRONMENT,
        "PATH": f"{os.path.dirname(_git())}:/usr/local/bin:/usr/bin:/bin",
        "GIT_ALLOW_PROTOCOL": invocation.protocol,
        **secrets,
    }


def _fill(file: IO[bytes], content: bytes) -> None:
    file.write(content)
    file.seek(0)


async def _read(process: asyncio.subprocess.Process, limit: int) -> tuple[bytes, bool]:
    assert process.stdout is not None
    chunks: list[bytes] = []
    room = limit
    # On to the end even when cut: asyncio reports a process as ended only once its pipes are empty and closed.
    while chunk := await process.stdout.read(_CHUNK):
        if room >= 0:
            chunks.append(chunk[:room])
            room -= len(chunk)
            if room < 0:
                _kill(process)
    return b"".join(chunks), room < 0


async def _read_complaint(process: asyncio.subprocess.Process) -> bytes:
    assert process.stderr is not None
    kept = b""
    while chunk := await process.stderr.read(_CHUNK):
        kept = (kept + chunk)[:_CHUNK]
    return kept


async def _outgrown(process: asyncio.subprocess.Process, growth: Growth) -> None:
    """Ends the command once the directory has outgrown its limit."""
    while await asyncio.to_thread(_size, growth.directory) <= growth.max_bytes:  # noqa: ASYNC110 - a file system sets no event
        await asyncio.sleep(0.25)
    _kill(process)


def _size(directory: Path) -> int:
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except FileNotFoundError:
                # A temporary file of the command that we are watching.
                continue
    return total


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
