"""Deciding whether a backend may execute anything: it is attacked, and must withstand every probe.

The probes run in the very backend that is to be used, on this host, now: a version number proves nothing, and a
`bwrap` that merely executes its command looks like a working one until somebody tries to get out.
"""

import asyncio
import contextlib
import json
import os
import secrets
import socket
import stat
import sys
import tempfile
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Final

from pydantic import TypeAdapter, ValidationError

from bot.model.command import Command, Completed, Limits, Mount, Qualified, Unqualified
from bot.sandbox.channel import DEFAULTS
from bot.sandbox.errors import NotStarted, SandboxError
from bot.sandbox.identity import outside_uid
from bot.sandbox.launch import Backend, execute

_REPORT: Final = TypeAdapter(dict[str, bool])
_PROCESSES: Final = 48
_MEMORY: Final = 1024**3
_SCRATCH: Final = 16 * 1024**2
_FLOOD: Final = 32 * 1024**2
_KEPT: Final = 64 * 1024
_MOUNTED: Final = "/opt/rmo-probe"
_GONE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Bait:
    """What lies outside for the attack to reach."""

    argument: dict[str, object]
    mount: Mount
    directory: Path


async def qualify_backend(backend: Backend) -> Qualified | Unqualified:
    """Attack a backend: Qualified with the probes it withstood, or Unqualified with the first thing to do about it."""
    try:
        async with _bait(backend) as bait:
            attacked, walled = await _both(_attack(backend, bait), _against_the_wall(backend))
            touched = [path.name for path in (bait.directory / ".git" / "hooks").iterdir()]
            touched += [path.name for path in bait.directory.glob("rmo-probe")]
    except NotStarted as error:
        return Unqualified(error.complaint, error.mend)
    except SandboxError as error:
        return Unqualified(str(error), backend.mend())
    withstood = attacked | walled | {"nothing_written": not touched}
    failed = sorted(name for name, held in withstood.items() if not held)
    if failed:
        return Unqualified(
            f"{backend.name} did not withstand: {', '.join(failed)}",
            "replace the program behind it with the real one, or choose another backend, and start again",
        )
    return Qualified(backend.name, tuple(sorted(withstood)))


async def _both(*probes: Coroutine[None, None, dict[str, bool]]) -> list[dict[str, bool]]:
    """What each answers; also where one fails or the wait is cancelled, none of their sandboxes is left."""
    tasks = [asyncio.create_task(probe) for probe in probes]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _attack(backend: Backend, bait: _Bait) -> dict[str, bool]:
    script = Path(__file__).with_name("inside") / "attack.py"
    token = secrets.token_hex(8)
    completed = await execute(
        backend,
        Command(
            argv=(backend.python, "-I", "-S", "attack.py", json.dumps(bait.argument | {"token": token})),
            files={PurePosixPath("attack.py"): script.read_bytes()},
            mounts=(bait.mount,),
            environment=DEFAULTS,
            limits=Limits(
                wall=timedelta(seconds=15),
                address_space_bytes=_MEMORY,
                processes=_PROCESSES,
                scratch_bytes=_SCRATCH,
                output_bytes=_KEPT,
            ),
            collect=("report.json",),
            collect_bytes=_KEPT,
        ),
    )
    return _read(completed) | {
        "flood": len(completed.stdout) == _KEPT and completed.dropped_output_bytes == _FLOOD - _KEPT,
        "daemon": sys.platform != "linux" or await _gone(token),
    }


def _read(completed: Completed) -> dict[str, bool]:
    """The attack's own report; one that did not come back whole counts as a failed probe."""
    try:
        withstood = _REPORT.validate_json(completed.collected.get("report.json", b"{}"))
    except ValidationError:
        withstood = {}
    return withstood | {"results": bool(withstood) and completed.exit_code == 0}


async def _against_the_wall(backend: Backend) -> dict[str, bool]:
    """A command that does not end by itself and has a child in a session of its own."""
    token = secrets.token_hex(8)
    sleep = f"import os, time; os.fork() or os.setsid(); time.sleep(60); {token!r}"
    limits = Limits(wall=timedelta(seconds=0.4))
    completed = await execute(backend, Command((backend.python, "-I", "-S", "-c", sleep), limits=limits))
    return {"wall": completed.timed_out and (sys.platform != "linux" or await _gone(token))}


async def _gone(token: str) -> bool:
    """Whether no process of the host has the token in its command line, within a moment."""
    deadline = asyncio.get_running_loop().time() + _GONE_SECONDS
    while await asyncio.to_thread(_alive, token.encode()):
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


def _alive(token: bytes) -> bool:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if int(path.parent.name) != os.getpid() and token in path.read_bytes():
                return True
    return False


def _born() -> str:
    """When this process started, as /proc tells it: its number alone could be another's inside."""
    try:
        return Path("/proc/self/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[19]
    except OSError:
        return ""


def canary_directory() -> Path:
    """The home directory; another where it cannot be written, or where only root's rights would keep the attack out."""
    home = Path.home()
    guarded = os.geteuid() == 0 and not home.stat().st_mode & stat.S_IXOTH
    return home if os.access(home, os.W_OK) and not guarded else Path(tempfile.gettempdir())


@contextlib.asynccontextmanager
async def _bait(backend: Backend) -> AsyncGenerator[_Bait, None]:
    """Servers that answer and files that everyone may read and write: only the sandbox can keep the attack away."""
    name = f"rmo-probe-{secrets.token_hex(8)}"
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rmo-probe-")))
        hooks = directory / ".git" / "hooks"
        hooks.mkdir(parents=True)
        canary = canary_directory() / f".{name}"
        canary.write_text("canary")
        stack.callback(canary.unlink)
        canary.chmod(0o644)
        for path in (directory, directory / ".git", hooks):
            path.chmod(0o777)
        if os.geteuid() == 0:
            os.chown(hooks, outside_uid(), outside_uid())
        listeners = [socket.socket(socket.AF_INET), socket.socket(socket.AF_UNIX)]
        listeners[0].bind(("127.0.0.1", 0))
        listeners[1].bind(str(directory / "socket"))
        (directory / "socket").chmod(0o777)
        if sys.platform == "linux":
            listeners.append(socket.socket(socket.AF_UNIX))
            listeners[2].bind("\0" + name)
        for listener in listeners:
            stack.enter_context(listener)
            listener.listen()
        mounted = str(directory) if backend.name == "seatbelt" else _MOUNTED
        yield _Bait(
            argument={
                "canary": str(canary),
                "port": listeners[0].getsockname()[1],
                "socket": str(directory / "socket"),
                "abstract": name,
                "writable": str(directory),
                "mounted": mounted,
                "pid": os.getpid(),
                "born": _born(),
                "environment": [f"{name}={value}" for name, value in DEFAULTS.items()],
                "processes": _PROCESSES,
                "memory": _MEMORY,
                "scratch": _SCRATCH,
                "flood": _FLOOD,
            },
            mount=Mount(str(directory), mounted),
            directory=directory,
        )
