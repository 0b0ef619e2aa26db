"""The Python of a prepared environment: which version, and what has to be visible for it to start."""

import asyncio
import importlib.util
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from bot.localhub.errors import LocalhubError
from bot.model.command import Mount

PIP = "/run/localhub/pip"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A virtual environment's interpreter."""

    environment: Path
    binary: Path
    """The real one behind the environment's links."""
    version: str
    mounts: tuple[Mount, ...]


async def interpreter_of(environment: Path) -> Interpreter:
    """Look at a virtual environment; raises LocalhubError where it is none."""
    return await asyncio.to_thread(_look, environment)


def _look(environment: Path) -> Interpreter:
    try:
        settings = (environment / "pyvenv.cfg").read_text()
        binary = (environment / "bin" / "python").resolve(strict=True)
    except OSError as error:
        raise LocalhubError(f"{str(environment)!r} is no virtual environment; prepare one anew") from error
    pairs = [line.split("=", 1) for line in settings.splitlines() if "=" in line]
    fields = {name.strip(): value.strip() for name, value in pairs}
    version = fields.get("version") or fields.get("version_info")
    if version is None:
        raise LocalhubError(f"{str(environment / 'pyvenv.cfg')!r} names no version; prepare the environment anew")
    numbers = ".".join(version.split(".")[:3])
    mounts = [Mount(str(environment), str(environment))]
    base = binary.parent.parent
    if not base.is_relative_to("/usr"):
        mounts.append(Mount(str(base), str(base)))
    return Interpreter(environment, binary, numbers, tuple(mounts))


def pip_mounts(interpreter: Interpreter) -> tuple[tuple[Mount, ...], str | None]:
    """Our own pip, for an environment that was made without one, and where it is inside."""
    short = ".".join(interpreter.version.split(".")[:2])
    if (interpreter.environment / "lib" / f"python{short}" / "site-packages" / "pip").is_dir():
        return (), None
    found = importlib.util.find_spec("pip")
    if found is None or found.origin is None:
        return (), None
    package = Path(found.origin).parent
    named = package.parent / f"pip-{metadata.version('pip')}.dist-info"
    return (Mount(str(package), f"{PIP}/pip"), Mount(str(named), f"{PIP}/{named.name}")), PIP
