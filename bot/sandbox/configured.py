"""The static tools that a repository has configured for itself, run as it runs them, beside the hardened ones.

They obey what the change under test may have written, so they only add findings to what `checks` finds. mypy may load
plugins from the repository: like everything, they run isolated.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from bot.model.change import Overlay
from bot.model.command import Command, Limits
from bot.model.environment import EnvironmentReady
from bot.sandbox.checks import archive_without, written
from bot.sandbox.environment import environment_mounts, environment_variables
from bot.sandbox.select import Sandbox

Tool = Literal["ruff", "mypy", "pyright", "basedpyright"]

_COMMANDS: Final[Mapping[Tool, str]] = {
    "ruff": "ruff check --no-cache --exit-zero --force-exclude --output-format json",
    "mypy": "mypy --cache-dir=/dev/null --no-color-output --no-pretty --hide-error-context --show-column-numbers "
    "--show-error-codes --error-summary",
    "pyright": "pyright --outputjson",
    "basedpyright": "basedpyright --outputjson",
}
_ABSENT: Final = 127
_LIMITS: Final = Limits(wall=timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class ToolRun:
    """How one configured tool ended."""

    tool: Tool
    exit_code: int | None
    """None when it was ended by a limit."""
    report: bytes
    """What it wrote to standard output."""
    stderr: bytes

    @property
    def installed(self) -> bool:
        """Whether the environment has the tool at all."""
        return self.exit_code != _ABSENT


async def run_configured(
    sandbox: Sandbox,
    environment: EnvironmentReady,
    archive: bytes,
    overlay: Overlay,
    tool: Tool,
    paths: tuple[str, ...] = (),
) -> ToolRun:
    """Run a tool on some paths of a tree (tar) with an overlay, or on what its own configuration names; no network.

    Raises UnsafePath, FilesRefused, MountUnusable or NotStarted.
    """
    place = shlex.quote(f"{environment.path}/bin/{tool}")
    command = _COMMANDS[tool].partition(" ")[2]
    separator = "--" if paths else ""
    script = f'test -x {place} || exit {_ABSENT}\nexec {place} {command} {separator} "$@"'
    completed = await sandbox.run(
        Command(
            argv=("sh", "-c", script, "sh", *(f"./{path}" for path in paths)),
            archive=archive_without(archive, overlay),
            files=written(overlay),
            mounts=environment_mounts(environment),
            environment=environment_variables(environment),
            limits=Limits(wall=_LIMITS.wall, output_bytes=16 * 1024**2),
        )
    )
    return ToolRun(tool, completed.exit_code, completed.stdout, completed.stderr)
