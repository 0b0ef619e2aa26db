"""A module of our own in a process of its own, with limits: for work on hostile bytes that executes nothing of them.

No isolation is needed where nothing foreign runs; what is needed is an end. A parser that takes all memory or all time
takes its own process with it and nothing else. The limits are set by the child itself before it reads a byte, because
a function between fork and exec is not safe in a process with threads.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import bot
from bot.model.command import Completed, Limits

_BOOT = """
import resource, runpy, sys
module, root, memory, seconds = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
sys.path.insert(0, root)
sys.argv = [module]
runpy.run_module(module, run_name="__main__")
"""
_COMPLAINT_BYTES = 4096
_CHUNK_BYTES = 65536


async def run_module(module: str, stdin: bytes, limits: Limits) -> Completed:
    """Run `module` in a fresh isolated interpreter, feed it `stdin`, and hear it out.

    Beyond `limits` (wall time, address space, output) it is killed: `exit_code` is then None. No process is left when
    this returns or raises, also on cancellation. Raises OSError where no process can be started at all.
    """
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *_argv(module, limits),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={},
        start_new_session=True,
    )
    said = complaint = b""
    timed_out = too_much = False
    try:
        async with asyncio.timeout(limits.wall.total_seconds()):
            said, complaint, _ = await asyncio.gather(
                _first_bytes(process.stdout, limits.output_bytes + 1),
                _last_bytes(process.stderr, _COMPLAINT_BYTES),
                _feed(process.stdin, stdin),
            )
        too_much = len(said) > limits.output_bytes
    except TimeoutError:
        timed_out = True
    finally:
        if timed_out or too_much or sys.exc_info()[0] is not None:
            _kill(process)
        await _buried(process)
    return Completed(
        exit_code=None if timed_out or too_much else process.returncode,
        stdout=said[: limits.output_bytes],
        stderr=complaint,
        seconds=time.monotonic() - started,
        timed_out=timed_out,
        dropped_output_bytes=max(0, len(said) - limits.output_bytes),
        collected={},
    )


def _argv(module: str, limits: Limits) -> tuple[str, ...]:
    root = str(Path(bot.__file__).parent.parent)
    seconds = max(1, round(limits.wall.total_seconds()))
    return (sys.executable, "-I", "-c", _BOOT, module, root, str(limits.address_space_bytes), str(seconds))


async def _first_bytes(stream: asyncio.StreamReader | None, most: int) -> bytes:
    """At most that many; the rest is read and dropped, so that the writer can end."""
    assert stream is not None
    kept = bytearray()
    while chunk := await stream.read(_CHUNK_BYTES):
        kept += chunk[: most - len(kept)]
    return bytes(kept)


async def _last_bytes(stream: asyncio.StreamReader | None, most: int) -> bytes:
    """The end, where a traceback says what it is of."""
    assert stream is not None
    kept = b""
    while chunk := await stream.read(_CHUNK_BYTES):
        kept = (kept + chunk)[-most:]
    return kept


async def _feed(stream: asyncio.StreamWriter | None, content: bytes) -> None:
    assert stream is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it ended early; its exit code says why
        for start in range(0, len(content), _CHUNK_BYTES):
            stream.write(content[start : start + _CHUNK_BYTES])
            await stream.drain()
    stream.close()


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


async def _buried(process: asyncio.subprocess.Process) -> None:
    """Reaped, also where a cancellation comes meanwhile; its pipes are read to the end first, or it never ends."""
    burial = asyncio.ensure_future(process.communicate())
    cancelled = False
    while not burial.done():
        try:
            await asyncio.shield(burial)
        except asyncio.CancelledError:
            _kill(process)
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError
