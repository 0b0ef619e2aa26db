"""Preparing, once for all runs that need the same, the virtual environment a repository's checks run in.

It is built inside the sandbox at the path where it will be used, since a virtual environment cannot be moved, and is
only ever mounted read-only afterwards. A marker next to it, outside what the inside can write, says that it is whole;
without the marker it is thrown away. The installation is the one moment when code of others meets the network: it
sees the repository, the settings of the package index and the caches, no credentials of the program's own and no
other environment. It can reach whatever the host can reach, so an installation of the server belongs where that is
acceptable.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import shlex
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import uv
from pydantic import BaseModel

from bot.model.command import Command, Completed, Limits, Mount
from bot.model.environment import EnvironmentFailed, EnvironmentReady, EnvironmentSpec
from bot.model.ids import EnvironmentKey
from bot.sandbox.errors import EnvironmentGone
from bot.sandbox.identity import outside_uid
from bot.sandbox.installation import BASE_TOOLS, Step, steps
from bot.sandbox.package_settings import package_settings, setting_mounts
from bot.sandbox.select import Sandbox

_FORMAT: Final = 1
"""Counted up when an environment built by an older program would not serve."""
_TOOLS: Final = "/opt/rmo/bin"
_TAIL_LINES: Final = 40
_SHOWN_COMMAND: Final = 400
_LOCK_LOOK_SECONDS: Final = 0.1
_LIMITS: Final = Limits(
    wall=timedelta(minutes=10), file_bytes=4 * 1024**3, scratch_bytes=2 * 1024**3, output_bytes=256 * 1024
)


class _Marker(BaseModel):
    """What the host remembers of a whole environment."""

    python_home: str


@dataclass(frozen=True, slots=True)
class _Interpreter:
    binary: str
    home: str


def environment_key(spec: EnvironmentSpec) -> EnvironmentKey:
    """The name of the installation a spec leads to: equal for equal specs, different for all others."""
    facts = [_FORMAT, BASE_TOOLS, spec.python, spec.setup, spec.files]
    return EnvironmentKey(hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24])


def environment_mounts(environment: EnvironmentReady) -> tuple[Mount, ...]:
    """What a command that uses the environment must see: itself and its interpreter, read-only at their own paths.

    The interpreter's place is the host's memory, never what the environment says of itself.
    Raises EnvironmentGone if it is no longer there.
    """
    try:
        marker = _Marker.model_validate_json(_marker(Path(environment.path).parent).read_bytes())
    except FileNotFoundError as error:
        message = f"the dependencies installed at {environment.path!r} were removed; start the run anew"
        raise EnvironmentGone(message) from error
    home = () if Path(marker.python_home).is_relative_to("/usr") else (Mount(marker.python_home, marker.python_home),)
    return (Mount(environment.path, environment.path), *home)


def environment_variables(environment: EnvironmentReady) -> dict[str, str]:
    """The variables by which a command uses the environment."""
    return {
        "HOME": "/tmp/home",
        "LANG": "C.UTF-8",
        "PATH": f"{environment.path}/bin:/usr/local/bin:/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "VIRTUAL_ENV": environment.path,
    }


async def prepare(
    spec: EnvironmentSpec, archive: bytes, cache: Path, sandbox: Sandbox, *, variables: Mapping[str, str]
) -> EnvironmentReady | EnvironmentFailed:
    """Install what a spec asks for, or find it installed.

    `archive` is the tree the spec was found in (tar), `cache` a directory of the program's own, and `variables` the
    host's environment, of which only the package index's settings are passed on. Callers that need the same
    environment at the same time wait for one another. Raises FilesRefused, MountUnusable or NotStarted.
    """
    started = time.monotonic()
    key = environment_key(spec)
    place = await asyncio.to_thread(_own_directory, cache) / key
    async with _locked(place.with_suffix(".lock")):
        if _marker(place).exists():
            return EnvironmentReady(key, str(place / "venv"), time.monotonic() - started, cached=True)
        await _throw_away(place)
        await asyncio.to_thread(_given_directory, place)
        await asyncio.to_thread(_given_directory, place.parent / "uv")
        interpreter = await _interpreter(spec.python)
        failed = await _install(spec, archive, place, sandbox, interpreter, package_settings(variables))
        if failed is None and (place / "venv").is_dir() and not (place / "venv").is_symlink():
            await _throw_away(place / "uv")
            _marker(place).write_text(_Marker(python_home=interpreter.home).model_dump_json(), encoding="utf-8")
            return EnvironmentReady(key, str(place / "venv"), time.monotonic() - started, cached=False)
        await _throw_away(place)
        return failed or EnvironmentFailed("the set-up command", "it removed the virtual environment it was given")


async def _install(
    spec: EnvironmentSpec,
    archive: bytes,
    place: Path,
    sandbox: Sandbox,
    interpreter: _Interpreter,
    settings: dict[str, str],
) -> EnvironmentFailed | None:
    venv = str(place / "venv")
    for step in steps(spec, uv=f"{_TOOLS}/uv", python=interpreter.binary, venv=venv):
        packages = place / "uv" if step.tree else place.parent / "uv"
        completed = await sandbox.run(
            Command(
                argv=step.argv,
                archive=archive if step.tree else None,
                mounts=_mounts(step, place, interpreter, settings),
                environment=settings
                | {
                    "HOME": "/tmp/home",
                    "LANG": "C.UTF-8",
                    "PATH": f"{venv}/bin:{_TOOLS}:/usr/local/bin:/usr/bin:/bin",
                    "UV_CACHE_DIR": str(packages),
                    "UV_COMPILE_BYTECODE": "1",
                    "UV_LINK_MODE": "copy",
                    "UV_NO_PROGRESS": "1",
                    "UV_PYTHON_DOWNLOADS": "never",
                    "VIRTUAL_ENV": venv,
                },
                limits=_LIMITS,
                network="host",
            )
        )
        if completed.exit_code != 0:
            return _failure(step, completed)
    return None


def _mounts(step: Step, place: Path, interpreter: _Interpreter, settings: dict[str, str]) -> tuple[Mount, ...]:
    shared = place.parent / "uv"
    mounts = [
        Mount(uv.find_uv_bin(), f"{_TOOLS}/uv"),
        Mount(str(place), str(place), writable=True),
        *setting_mounts(settings),
    ]
    if not step.tree:
        mounts.append(Mount(str(shared), str(shared), writable=True))
    if not Path(interpreter.home).is_relative_to("/usr"):
        mounts.append(Mount(interpreter.home, interpreter.home))
    return tuple(mounts)


def _failure(step: Step, completed: Completed) -> EnvironmentFailed:
    text = (completed.stdout + b"\n" + completed.stderr).decode("utf-8", "replace")
    lines = [line for line in text.splitlines() if line.strip()][-_TAIL_LINES:]
    if completed.exit_code is None:
        lines.append("ended by its limit of " + ("time" if completed.timed_out else "memory"))
    return EnvironmentFailed(shlex.join(step.argv)[:_SHOWN_COMMAND], "\n".join(lines))


async def _interpreter(version: str) -> _Interpreter:
    """The interpreter of a version if this host has one, else the one that runs this program."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return _at(sys.executable, sys.base_prefix)
    finder = await asyncio.create_subprocess_exec(
        uv.find_uv_bin(),
        *("python", "find", "--no-project", "--no-config", "--no-python-downloads", "--resolve-links", version),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"HOME": str(Path.home()), "PATH": os.defpath},
    )
    found = (await finder.communicate())[0].decode().strip()
    return _at(found, str(Path(found).parent.parent)) if found else _at(sys.executable, sys.base_prefix)


def _at(binary: str, home: str) -> _Interpreter:
    """An interpreter by its real paths, as only those can be mounted."""
    return _Interpreter(os.path.realpath(binary), os.path.realpath(home))


def _marker(place: Path) -> Path:
    return place.with_suffix(".complete")


def _own_directory(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o755)
    return path.resolve()


def _given_directory(path: Path) -> None:
    """A directory that the sandbox's user may write."""
    path.mkdir(exist_ok=True)
    path.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(path, outside_uid(), outside_uid())


async def _throw_away(path: Path) -> None:
    """Remove a tree that hostile code may have written: never through a link, at any depth."""
    remover = await asyncio.create_subprocess_exec("rm", "-rf", "--one-file-system", "--", str(path))
    await remover.wait()


@contextlib.asynccontextmanager
async def _locked(path: Path) -> AsyncGenerator[None, None]:
    """Hold a lock file, also against other processes; it stays, as removing it would let two hold it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(_LOCK_LOOK_SECONDS)
        yield
    finally:
        os.close(descriptor)
