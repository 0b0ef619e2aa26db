"""The host's side of the channel to the runner (see `inside/runner.py`): what is sent, and how little is believed.

Whatever comes back has passed through hostile hands, so every length is checked against what was asked for before it
is read, and a report that cannot be believed counts as none.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.model.command import Command
from bot.sandbox.errors import UnsafePath

READY: Final = b"ready\n"
_REPORT_BYTES: Final = 8 * 1024**2
DEFAULTS: Final = {"HOME": "/tmp/home", "LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin"}
"""What a command finds if it brings none of its own; nothing of the host's environment is ever passed on."""


class _Report(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    exit: int | None = Field(ge=0, le=255)
    timed_out: bool
    dropped: int = Field(ge=0)
    outputs: tuple[int, int]
    files: list[tuple[str, int]]
    uncollected: list[str]


class _Refusal(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    refused: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the runner told, its lengths within what was asked for."""

    exit_code: int | None
    timed_out: bool
    dropped: int
    stdout: bytes
    stderr: bytes
    collected: dict[str, bytes]
    uncollected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The files could not be laid in."""

    reason: str


def program() -> str:
    """The Python source that is the runner, whole, for `python -I -S -c`."""
    directory = Path(__file__).with_name("inside")
    modules = [
        (f"bot.sandbox.inside.{name}", (directory / f"{name}.py").read_text(encoding="utf-8"))
        for name in ("files", "process", "runner")
    ]
    return (
        "import sys, types\n"
        f"for name, source in {modules!r}:\n"
        "    module = sys.modules[name] = types.ModuleType(name)\n"
        "    exec(compile(source, name, 'exec'), module.__dict__)\n"
        "module.main()\n"
    )


def checked_paths(command: Command) -> None:
    """Raise UnsafePath if a file to lay in or a pattern to collect is absolute, empty or has `..` in it."""
    for path in (*command.files, *(PurePosixPath(pattern) for pattern in command.collect)):
        if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in str(path):
            raise UnsafePath(f"{str(path)!r} is not a path below the work directory; give a relative one without '..'")


def messages(command: Command, *, work: str, uid: int | None, outer_processes: str | None) -> Iterator[bytes]:
    """What is written to the runner, in order."""
    plan = {
        "argv": command.argv,
        "environment": DEFAULTS | dict(command.environment),
        "work": work,
        "uid": uid,
        "outer_processes": outer_processes,
        "limits": {
            "wall": command.limits.wall.total_seconds(),
            "address_space": command.limits.address_space_bytes,
            "processes": command.limits.processes,
            "file": command.limits.file_bytes,
            "output": command.limits.output_bytes,
        },
        "archive": None if command.archive is None else len(command.archive),
        "files": [(str(path), len(content)) for path, content in command.files.items()],
        "collect": [str(PurePosixPath(pattern)) for pattern in command.collect],
        "collect_bytes": command.collect_bytes,
    }
    text = json.dumps(plan).encode("ascii")
    yield b"%d\n" % len(text)
    yield text
    if command.archive is not None:
        yield command.archive
    yield from command.files.values()


async def read_report(stream: asyncio.StreamReader, command: Command) -> Report | Refusal | None:
    """Read the runner's report; None if it ended without one or told what cannot be.

    Raises nothing on hostile bytes; reads at most what the command's own caps allow.
    """
    try:
        length = int(await stream.readuntil(b"\n"))
        if not 0 < length <= _REPORT_BYTES:
            return None
        text = await stream.readexactly(length)
        if text.startswith(b'{"refused"'):
            return Refusal(_Refusal.model_validate_json(text).refused[:500])
        told = _Report.model_validate_json(text)
        sizes = [*told.outputs, *(size for _, size in told.files)]
        kept = command.limits.output_bytes
        if min(sizes) < 0 or max(told.outputs) > kept or sum(sizes[2:]) > command.collect_bytes:
            return None
        blobs = [await stream.readexactly(size) for size in sizes]
    except (ValueError, ValidationError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None
    return Report(
        exit_code=told.exit,
        timed_out=told.timed_out,
        dropped=told.dropped,
        stdout=blobs[0],
        stderr=blobs[1],
        collected={name: blob for (name, _), blob in zip(told.files, blobs[2:], strict=True)},
        uncollected=tuple(told.uncollected),
    )
