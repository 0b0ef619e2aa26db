"""The commands that fill a virtual environment, in order; pure, so that they can be read without running them.

A step that sees a repository also executes it: even with `--no-build`, uv builds what is installed in editable mode
or declares its dependencies dynamically. So such a step has a cache of packages of its own, thrown away afterwards;
in a cache that all repositories share it could plant a package in the environment of another. The shared one serves
the base tools, which are wheels and come first.
"""

import shlex
from dataclasses import dataclass
from typing import Final

from bot.model.environment import EnvironmentSpec
from bot.sandbox.manifests import (
    extras_for_tests,
    groups_for_tests,
    lockfile,
    project_file,
    requirement_files,
)

BASE_TOOLS: Final = ("pip", "setuptools", "wheel", "hatchling", "pytest", "coverage", "ruff", "bandit")
"""What the checks and ordinary workflows need, whatever the project asks for; versions as its own pins allow."""
_EXPORTED: Final = "/tmp/locked-requirements.txt"


@dataclass(frozen=True, slots=True)
class Step:
    """One command of an installation."""

    argv: tuple[str, ...]
    tree: bool
    """Whether it sees the repository, and so may execute its code; only else may it write the shared cache."""


def steps(spec: EnvironmentSpec, *, uv: str, python: str, venv: str) -> tuple[Step, ...]:
    """How to install what a spec asks for into `venv` (made by the first step), with the binary `uv`."""
    make = Step((uv, "venv", "--seed", "--no-project", "--python", python, venv), tree=False)
    base = Step((uv, "pip", "install", "--only-binary", ":all:", *BASE_TOOLS), tree=False)
    if spec.setup is not None:
        return (make, base, Step(("sh", "-c", spec.setup), tree=True))
    project = _project(spec, uv)
    return (make, base) if project is None else (make, base, project)


def _project(spec: EnvironmentSpec, uv: str) -> Step | None:
    """The step for the project's own dependencies; the base tools are named again so that its pins can move them."""
    extras = [word for name in extras_for_tests(spec) for word in ("--extra", name)]
    groups = [word for name in groups_for_tests(spec) for word in ("--group", name)]
    match lockfile(spec):
        case "uv.lock":
            export = (uv, "export", "--frozen", "--quiet", "--no-emit-workspace", "--no-hashes", *extras, *groups)
            install = (uv, "pip", "install", *BASE_TOOLS, "-r", _EXPORTED)
            script = f"{shlex.join((*export, '--output-file', _EXPORTED))}\n{shlex.join(install)}"
            return Step(("sh", "-ec", script), tree=True)
        case str(locked):
            return Step((uv, "pip", "install", "-r", locked), tree=True)
        case None:
            pass
    sources = list(requirement_files(spec))
    declared = project_file(spec)
    if declared is not None:
        sources.append(declared)
    if not sources and not groups:
        return None
    named = [word for source in sources for word in ("-r", source)]
    return Step((uv, "pip", "install", *BASE_TOOLS, *named, *extras, *groups), tree=True)
