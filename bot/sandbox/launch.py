"""Running one command through a backend: start, feed, watch, read, end.

A backend only says how to start the runner; everything else is the same for all of them and stands here. The runner
keeps the wall limit itself, so that the outputs so far come back; the host keeps it again, a little later, because
what runs inside might have stopped the runner.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, TypeVar

from bot.model.command import Command, Completed
from bot.sandbox.channel import READY, Refusal, Report, checked_paths, messages, read_report
from bot.sandbox.errors import FilesRefused, NotStarted
from bot.sandbox.memory import children, resident_bytes

Result = TypeVar("Result")

_GRACE_SECONDS: Final = 3.0
_START_SECONDS: Final = 30.0
_MEMORY_LOOK_SECONDS: Final = 0.25
_COMPLAINT_BYTES: Final = 4096
_KILLED: Final = 137
"""What a shell reports for SIGKILL; used when the command took the runner down with it."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start the runner in one backend."""

    argv: tuple[str, ...]
    work: str
    """Where the files are laid in, as the inside sees it."""
    uid: int | None
    """Who the runner must become, if it is started as root of its namespace."""
    own_processes: bool
    """Whether the inside has process numbers of its own, so that the runner may kill all it sees."""
    descriptors: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """For the backend's client program; the inside never sees it."""
    stop: tuple[str, ...] | None = None
    """What ends the sandbox if killing the client program does not."""


class Backend(Protocol):
    """A way to start the runner isolated."""

    @property
    def name(self) -> str: ...

    def mend(self) -> str:
        """What to do on this host when it does not start."""
        ...

    @property
    def python(self) -> str:
        """The interpreter that is there inside, for commands of our own."""
        ...

    def opened(self, command: Command) -> AbstractAsyncContextManager[Launch]:
        """The launch of one command; whatever it holds open is released at the exit."""
        ...


async def execute(backend: Backend, command: Command) -> Completed:
    """Run a command isolated; nothing of it is alive when this returns or raises, also on cancellation.

    Raises UnsafePath, FilesRefused (its files), MountUnusable (its mounts) or NotStarted (the backend).
    How the command itself fails is told by `Completed`.
    """
    checked_paths(command)
    started = time.monotonic()
    async with backend.opened(command) as launch:
        process = await _started(launch)
        async with _ended(process, launch):
            complaint, ended_by_limit, report = await _talk(process, command, launch)
    seconds = time.monotonic() - started
    match report:
        case Refusal():
            raise FilesRefused(f"the files could not be laid in: {report.reason!r}; leave that entry out")
        case "not started":
            text = complaint.decode("utf-8", "replace").strip()
            raise NotStarted(f"{backend.name} did not start the command: {text!r}", backend.mend())
        case None:
            exit_code = None if ended_by_limit else _KILLED
            timed_out = ended_by_limit == "wall"
            return Completed(exit_code, b"", b"", seconds, timed_out, 0, {})
        case Report():
            return Completed(
                exit_code=report.exit_code,
                stdout=report.stdout,
                stderr=report.stderr,
                seconds=seconds,
                timed_out=report.timed_out,
                dropped_output_bytes=report.dropped,
                collected=report.collected,
                uncollected=report.uncollected,
            )


async def _started(launch: Launch) -> asyncio.subprocess.Process:
    """The process; a cancellation meanwhile leaves none behind."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *launch.argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=dict(launch.environment),
            pass_fds=launch.descriptors,
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        process = await starting
        _kill(process)
        await _to_its_end(_cleared_away(process, launch))
        raise


@contextlib.asynccontextmanager
async def _ended(process: asyncio.subprocess.Process, launch: Launch) -> AsyncGenerator[None, None]:
    """Whatever happens, the sandbox is dead and reaped at the exit."""
    try:
        yield
    finally:
        _kill(process)
        await _to_its_end(_cleared_away(process, launch))


async def _cleared_away(process: asyncio.subprocess.Process, launch: Launch) -> None:
    await _buried(process)
    if launch.stop is not None:
        stop = await asyncio.create_subprocess_exec(
            *launch.stop,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=dict(launch.environment),
        )
        await stop.wait()


async def _to_its_end(work: Coroutine[None, None, Result]) -> Result:
    """What `work` comes to; a cancellation waits until it is done, so that it leaves no process behind."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError
    return task.result()


async def _buried(process: asyncio.subprocess.Process) -> None:
    """Wait until it is reaped and its pipes are closed, which the event loop would else do after its own end."""
    # Together: asyncio reports the end of a process only once its pipes are empty and closed.
    await process.communicate()
    if process.stdin is not None:
        process.stdin.close()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await process.stdin.wait_closed()


async def _talk(
    process: asyncio.subprocess.Process, command: Command, launch: Launch
) -> tuple[bytes, Literal["wall", "memory"] | None, Report | Refusal | Literal["not started"] | None]:
    """Feed the runner and hear it out: (what the backend complained of, the limit that ended it, the report)."""
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise NotStarted("the backend was started without its channels", "report this as a fault of the program")
    limit: Literal["wall", "memory"] | None = None
    complaints = asyncio.create_task(_first_bytes(process.stderr))
    feeding = asyncio.create_task(_feed(process.stdin, command, launch))
    watching = asyncio.create_task(_watch_memory(process, command.limits.address_space_bytes))
    try:
        try:
            async with asyncio.timeout(_START_SECONDS):
                ready = await process.stdout.readexactly(len(READY)) == READY
        except (asyncio.IncompleteReadError, TimeoutError):
            ready = False
        if not ready:
            _kill(process)
            return await complaints, None, "not started"
        report = None
        try:
            async with asyncio.timeout(command.limits.wall.total_seconds() + _GRACE_SECONDS):
                report = await read_report(process.stdout, command)
        except TimeoutError:
            limit = "wall"
        if report is None and watching.done() and not watching.cancelled():
            limit = "memory"
        _kill(process)
        return await complaints, limit, report
    finally:
        for task in (complaints, feeding, watching):
            task.cancel()
        await asyncio.gather(complaints, feeding, watching, return_exceptions=True)


def _kill(process: asyncio.subprocess.Process) -> None:
    # Not `process.kill()`: that reaps a child that has just ended, and the event loop then misses it.
    if process.returncode is None:
        # bubblewrap's own child does not notice its parent's death at the beginning of its life: while it is in the
        # parent's group, or has just left that and not yet asked to be told.
        for child in children(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


async def _feed(stdin: asyncio.StreamWriter, command: Command, launch: Launch) -> None:
    try:
        outer = os.readlink("/proc/self/ns/pid") if launch.own_processes else None
        for message in messages(command, work=launch.work, uid=launch.uid, outer_processes=outer):
            stdin.write(message)
            await stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass  # it ended early; the reading side finds out why
    finally:
        stdin.close()


async def _first_bytes(stderr: asyncio.StreamReader) -> bytes:
    """The beginning of what the backend complains of; the rest is read and dropped."""
    kept = b""
    while chunk := await stderr.read(65536):
        kept = (kept + chunk)[:_COMPLAINT_BYTES]
    return kept


async def _watch_memory(process: asyncio.subprocess.Process, most: int) -> None:
    """Return, having killed it, when the sandbox as a whole holds more memory than one process may."""
    while True:
        if resident_bytes(process.pid) > most:
            _kill(process)
            return
        await asyncio.sleep(_MEMORY_LOOK_SECONDS)
