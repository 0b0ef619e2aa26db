"""Starting git for the loopback server: a scrubbed environment, one place that waits for the exit code."""

import asyncio
import os
import signal
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from bot.localhub.errors import GitFailed

GIT_ENVIRONMENT: Mapping[str, str] = {
    "PATH": os.defpath,
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ADVICE": "0",
}
"""No configuration of the machine's user may change what the server answers."""


async def git(
    directory: Path,
    *arguments: str,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    accepted: Collection[int] = (0,),
) -> tuple[int, bytes]:
    """Run git in `directory` and give its exit code and stdout.

    Raises GitFailed where the exit code is not among `accepted`.
    """
    process = await asyncio.create_subprocess_exec(
        "git",
        "-C",
        str(directory),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**GIT_ENVIRONMENT, **(environment or {})},
        start_new_session=True,  # a Ctrl-C is for the server, which ends its own children
    )
    try:
        stdout, stderr = await process.communicate(stdin)
    finally:
        await end(process)
    code = process.returncode or 0
    if code not in accepted:
        raise GitFailed(arguments, code, stderr.decode(errors="replace"))
    return code, stdout


async def end(process: asyncio.subprocess.Process) -> None:
    """Kill it if it is still under way, and wait until it is gone: nobody wants its answer any more."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        await process.communicate()
