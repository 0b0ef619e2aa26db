"""The commands that fill a virtual environment, in order; pure, so that they can be read without running them.

What is installed from wheels alone executes nobody's code, so those steps share one cache of packages between all
repositories. Only when something must be built does a step run with a cache of its own: a build script that could
write to the shared one could plant a package in another repository's environment.
"""

import shlex
from dataclasses import dataclass
from typing import Final, Literal

from bot.model.environment import EnvironmentSpec
from bot.sandbox.manifests import (
    has_project_table,
    lockfile,
    project_file,
    requirement_files,
    testing_extras,
    testing_groups,
)

BASE_TOOLS: Final = ("pip", "setuptools", "wheel", "hatchling", "pytest", "coverage", "ruff", "bandit")
"""What the checks and ordinary workflows need, whatever the project asks for; versions as its own pins allow."""
_EXPORTED: Final = "/tmp/locked-requirements.txt"


@dataclass(frozen=True, slots=True)
class Step:
    """One command of an installation."""

    argv: tuple[str, ...]
    tree: bool
    """Whether it sees the repository."""
    cache: Literal["shared", "own"]
    """Which cache of packages it may write: `shared` only where nothing of a repository is executed."""
    instead: "Step | None" = None
    """What to run if this fails, because something has to be built."""


def steps(spec: EnvironmentSpec, *, uv: str, python: str, venv: str) -> tuple[Step, ...]:
    """How to install what a spec asks for into `venv` (made by the first step), with the binary `uv`."""
    make = Step((uv, "venv", "--seed", "--no-project", "--python", python, venv), tree=False, cache="shared")
    base = Step((uv, "pip", "install", "--only-binary", ":all:", *BASE_TOOLS), tree=False, cache="shared")
    if spec.setup is not None:
        return (make, base, Step(("sh", "-c", spec.setup), tree=True, cache="own"))
    project = _project(spec, uv)
    return (make, base) if project is None else (make, base, project)


def _project(spec: EnvironmentSpec, uv: str) -> Step | None:
    """The step for the project's own dependencies; the base tools are named again so that its pins can move them."""
    extras = [word for name in testing_extras(spec) for word in ("--extra", name)]
    groups = [word for name in testing_groups(spec) for word in ("--group", name)]
    match lockfile(spec):
        case "uv.lock":
            export = (uv, "export", "--frozen", "--quiet", "--no-emit-workspace", "--no-hashes", *extras, *groups)
            install = (uv, "pip", "install", *BASE_TOOLS, "-r", _EXPORTED)
            return _wheels_first(install, before=(*export, "--output-file", _EXPORTED))
        case str(locked):
            return _wheels_first((uv, "pip", "install", "-r", locked))
        case None:
            pass
    sources = list(requirement_files(spec))
    declared = project_file(spec)
    if declared is not None and (has_project_table(spec) or declared != "pyproject.toml"):
        sources.append(declared)
    if not sources and not groups:
        return None
    named = [word for source in sources for word in ("-r", source)]
    return _wheels_first((uv, "pip", "install", *BASE_TOOLS, *named, *extras, *groups))


def _wheels_first(install: tuple[str, ...], *, before: tuple[str, ...] | None = None) -> Step:
    def argv(command: tuple[str, ...]) -> tuple[str, ...]:
        return command if before is None else ("sh", "-ec", f"{shlex.join(before)}\n{shlex.join(command)}")

    building = Step(argv(install), tree=True, cache="own")
    return Step(argv((*install, "--no-build")), tree=True, cache="shared", instead=building)
