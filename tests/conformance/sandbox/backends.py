"""Which backends this machine can try, and what a test may ask of the host about them."""

import asyncio
import subprocess
from pathlib import Path

from bot.sandbox.containers import find_engine
from bot.sandbox.select import DEFAULT_IMAGE, Choice

DEADLINE_SECONDS = 5.0


def available() -> list[Choice]:
    """bubblewrap always, as the project depends on it; an engine where it answers and has the image."""
    found: list[Choice] = ["bubblewrap"]
    for name in ("docker", "podman"):
        client = find_engine(name)
        if client is None:
            continue
        asked = subprocess.run([client, "image", "inspect", DEFAULT_IMAGE], capture_output=True, check=False)
        if asked.returncode == 0:
            found.append(name)
    return found


def alive(token: str) -> bool:
    """Whether a process of the host has the token in its command line."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if token.encode() in path.read_bytes():
                return True
        except OSError:
            continue
    return False


async def gone(token: str) -> bool:
    """Whether no such process is left, within a moment."""
    return await becomes(token, present=False)


async def becomes(token: str, *, present: bool) -> bool:
    """Whether such a process is there, or not, within a moment."""
    deadline = asyncio.get_running_loop().time() + DEADLINE_SECONDS
    while alive(token) is not present:
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True
