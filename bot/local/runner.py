"""The local GitHub's Actions: workflows run by `act` in the sandbox, with the repository's own dependencies."""

import io
import os
import tarfile
from datetime import timedelta
from pathlib import Path

from bot.catalog import DataInvalid, find_data, parse_repository_config
from bot.localhub.actions.queue import Execute
from bot.localhub.actions.runner import act_runner
from bot.model.command import Unqualified
from bot.model.environment import EnvironmentFailed, EnvironmentReady
from bot.sandbox import Sandbox
from bot.sandbox.environment import prepare
from bot.sandbox.manifests import find_manifests
from bot.sandbox.package_settings import package_settings

CONFIG = ".github/fractal-rmo.yml"
ACTION = "fractal-rmo/fractal-rmo/.github/actions/validate"
"""What repositories name the program's own validation by."""


def runner(
    sandbox: Sandbox | Unqualified, environments: Path, directory: Path, wall: timedelta, *, network: bool
) -> Execute | None:
    """What runs workflows; None where no sandbox qualified, so that none is run at all.

    `wall` is how long one run may take, `directory` is for the actions that stand in for GitHub's own. Raises
    NeedsHuman where `act` is not installed.
    """
    if isinstance(sandbox, Unqualified):
        return None

    async def installed(_name: str, _sha: str, archive: bytes) -> EnvironmentReady | EnvironmentFailed:
        spec = find_manifests(archive, setup=_setup(archive))
        return await prepare(spec, archive, environments, sandbox, variables=os.environ)

    return act_runner(
        sandbox.run,
        installed,
        directory,
        network="host" if network else "none",
        variables=package_settings(os.environ) if network else None,
        wall=wall,
        actions={ACTION: find_data(".github/actions") / "validate"},
    )


def _setup(archive: bytes) -> str | None:
    """The owner's own command, where the repository has one."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tree:
        try:
            member = tree.extractfile(CONFIG)
            return parse_repository_config(member.read().decode("utf-8", "replace")).setup if member else None
        except (KeyError, DataInvalid):
            return None
