"""Single rules of the linters, as checks ask for them: exactly these, also where nobody else selects them."""

from typing import Final

from bot.model.change import Overlay
from bot.model.command import Command
from bot.model.environment import EnvironmentReady
from bot.sandbox.checks import STATIC_LIMITS, StaticRun, archive_without, written
from bot.sandbox.environment import environment_mounts, environment_variables
from bot.sandbox.select import Sandbox

_RUFF: Final = ".rmo/ruff.json"
_BANDIT: Final = ".rmo/bandit.json"
_SCRIPT: Final = f"""mkdir -p .rmo
ruff=$1
bandit=$2
shift 2
if [ -n "$ruff" ]; then
  ruff check --isolated --ignore-noqa --no-cache --exit-zero --select "$ruff" --exclude .rmo \\
    --output-format json --output-file {_RUFF} -- "$@" || rm -f {_RUFF}
fi
if [ -n "$bandit" ]; then
  bandit --quiet --recursive --ini /dev/null --ignore-nosec --exit-zero --exclude ./.rmo --format json \\
    --tests "$bandit" --output {_BANDIT} -- "$@" || rm -f {_BANDIT}
fi
"""


async def run_rules(
    sandbox: Sandbox,
    environment: EnvironmentReady,
    archive: bytes,
    overlay: Overlay,
    paths: tuple[str, ...],
    *,
    ruff: tuple[str, ...],
    bandit: tuple[str, ...],
) -> StaticRun:
    """Findings of these rules, whatever their severity, on some paths of a tree (tar) with an overlay.

    As for the levels, neither the repository's configuration nor its suppressions are heard; nothing is executed. The
    report of a tool without rules is None. Raises UnsafePath, FilesRefused, MountUnusable or NotStarted.
    """
    targets = tuple(f"./{path}" for path in paths)
    completed = await sandbox.run(
        Command(
            argv=("sh", "-c", _SCRIPT, "sh", ",".join(ruff), ",".join(bandit), *targets),
            archive=archive_without(archive, overlay),
            files=written(overlay),
            mounts=environment_mounts(environment),
            environment=environment_variables(environment),
            limits=STATIC_LIMITS,
            collect=(_RUFF, _BANDIT),
        )
    )
    return StaticRun(
        ruff=completed.collected.get(_RUFF),
        bandit=completed.collected.get(_BANDIT),
        stderr=completed.stderr,
        seconds=completed.seconds,
    )
