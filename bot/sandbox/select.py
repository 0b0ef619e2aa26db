"""Choosing the sandbox: the first backend that withstands the self-test, or none and nothing is executed."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.model.command import Command, Completed, Qualified, Unqualified
from bot.sandbox.bubblewrap import Bubblewrap, find_bwrap
from bot.sandbox.containers import Container, find_engine
from bot.sandbox.launch import Backend, execute
from bot.sandbox.mend import MISSING_BWRAP, MISSING_ENGINE, NO_SEATBELT
from bot.sandbox.seatbelt import Seatbelt, find_sandbox_exec
from bot.sandbox.selftest import qualify_backend

Choice = Literal["auto", "bubblewrap", "docker", "podman", "seatbelt"]
DEFAULT_IMAGE = "docker.io/library/python:3.13-slim"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A backend that withstood the self-test; only by one of these is anything of a repository executed."""

    backend: Qualified
    runs: Backend

    @property
    def python(self) -> str:
        """The interpreter that is there inside, for commands of our own; standard library only."""
        return self.runs.python

    async def run(self, command: Command) -> Completed:
        """Run a command isolated; nothing of it is alive when this returns or raises, also on cancellation.

        Raises UnsafePath, FilesRefused (its files), MountUnusable (its mounts) or NotStarted (the backend).
        How the command itself fails is told by `Completed`.
        """
        return await execute(self.runs, command)


async def qualify(
    choice: Choice = "auto", *, image: str = DEFAULT_IMAGE, client: Mapping[str, str] | None = None
) -> Sandbox | Unqualified:
    """The chosen backend, if it withstands the self-test (about half a second with bubblewrap).

    `auto` tries bubblewrap, podman and docker, or seatbelt on macOS, and tells of the first one's failure if none
    holds. `image` is what a container engine runs: it needs Python 3.9 or newer and git, and is never fetched here.
    `client` is the environment that leads an engine's client program to its engine.
    """
    order: tuple[Literal["bubblewrap", "docker", "podman", "seatbelt"], ...]
    if choice == "auto":
        order = ("seatbelt", "podman", "docker") if sys.platform == "darwin" else ("bubblewrap", "podman", "docker")
    else:
        order = (choice,)
    first: Unqualified | None = None
    for name in order:
        backend = _found(name, image, client or {})
        verdict = backend if isinstance(backend, Unqualified) else await qualify_backend(backend)
        if isinstance(verdict, Qualified) and not isinstance(backend, Unqualified):
            return Sandbox(verdict, backend)
        if first is None and isinstance(verdict, Unqualified):
            first = verdict
    return first or Unqualified("no sandbox was tried", MISSING_BWRAP)


def _found(
    name: Literal["bubblewrap", "docker", "podman", "seatbelt"], image: str, client: Mapping[str, str]
) -> Backend | Unqualified:
    match name:
        case "bubblewrap":
            binary = find_bwrap()
            return Unqualified("bubblewrap is not installed", MISSING_BWRAP) if binary is None else Bubblewrap(binary)
        case "docker" | "podman":
            engine = find_engine(name)
            missing = Unqualified(f"{name} is not installed", MISSING_ENGINE)
            return missing if engine is None else Container(name, engine, image, client)
        case "seatbelt":
            binary = find_sandbox_exec()
            return Unqualified("sandbox-exec is not there", NO_SEATBELT) if binary is None else Seatbelt(binary)
