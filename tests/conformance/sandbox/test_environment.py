"""Dependencies are installed inside the sandbox, once, and what is built there can harm neither host nor others."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest
import uv

from bot.model.command import Command
from bot.model.environment import EnvironmentFailed, EnvironmentReady, EnvironmentSpec
from bot.sandbox import Sandbox
from bot.sandbox.environment import environment_key, environment_mounts, environment_variables, prepare
from bot.sandbox.errors import EnvironmentGone
from bot.sandbox.manifests import find_manifests
from tests.conformance.sandbox.trees import tar_of

NOTHING = tar_of({})
PROJECT = b'[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["iniconfig==2.0.0"]\n'


async def installed(sandbox: Sandbox, cache: Path, archive: bytes, setup: str | None = None) -> EnvironmentReady:
    spec = find_manifests(archive, setup=setup)
    outcome = await prepare(spec, archive, cache, sandbox, variables=os.environ)
    assert isinstance(outcome, EnvironmentReady), outcome
    return outcome


async def output(sandbox: Sandbox, environment: EnvironmentReady, script: str) -> str:
    completed = await sandbox.run(
        Command(
            ("sh", "-c", script),
            mounts=environment_mounts(environment),
            environment=environment_variables(environment),
        )
    )
    return completed.stdout.decode()


def left_of(cache: Path, spec: EnvironmentSpec) -> list[str]:
    return sorted(name for name in os.listdir(cache) if name.startswith(environment_key(spec)))


async def test_callers_of_the_same_environment_wait_for_one_installation(sandbox: Sandbox, cache: Path) -> None:
    only_here = tar_of({"requirements.txt": b"# nothing but a key of its own"})

    both = await asyncio.gather(installed(sandbox, cache, only_here), installed(sandbox, cache, only_here))

    assert sorted(ready.cached for ready in both) == [False, True]
    assert both[0].path == both[1].path
    tools = await output(sandbox, both[0], "which pytest ruff bandit coverage pip hatchling; touch $VIRTUAL_ENV/x")
    names = ("pytest", "ruff", "bandit", "coverage", "pip", "hatchling")
    assert tools.split() == [f"{both[0].path}/bin/{name}" for name in names]
    assert "x" not in os.listdir(both[0].path)


async def test_a_locked_project_gets_what_is_locked(sandbox: Sandbox, cache: Path, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(PROJECT)
    subprocess.run([uv.find_uv_bin(), "lock", "--quiet", "--project", tmp_path], check=True)  # noqa: ASYNC221 # set-up
    archive = tar_of({"pyproject.toml": PROJECT, "uv.lock": (tmp_path / "uv.lock").read_bytes()})

    environment = await installed(sandbox, cache, archive)

    assert "iniconfig" in await output(sandbox, environment, "pip list --format=freeze | grep ==2.0.0")


async def test_a_project_that_must_be_built_is_built_inside(sandbox: Sandbox, cache: Path) -> None:
    planting = f"open('{cache}/uv/planted', 'w')"
    setup = (
        "import os, setuptools\n"
        f"for attempt in [{planting!r}, \"open(os.path.expanduser('~root/planted'), 'w')\"]:\n"
        "    try:\n        exec(attempt)\n        planted = True\n"
        "    except OSError:\n        planted = False\n"
        "    assert not planted, attempt\n"
        "assert 'CANARY' not in os.environ\n"
        "setuptools.setup(name='shop', version='1', py_modules=['shop'], install_requires=['six'])\n"
    )
    archive = tar_of({"setup.py": setup.encode(), "requirements.txt": b"-e .\n", "shop.py": b"OPEN = True\n"})
    spec = find_manifests(archive)

    outcome = await prepare(spec, archive, cache, sandbox, variables=dict(os.environ) | {"CANARY": "seen"})

    assert isinstance(outcome, EnvironmentReady), outcome
    assert "six" in await output(sandbox, outcome, "pip list --format=freeze")
    assert not (cache / "uv" / "planted").exists()
    assert not (cache / environment_key(spec) / "uv").exists()


async def test_the_owners_command_sees_the_tree_and_the_environment(sandbox: Sandbox, cache: Path) -> None:
    archive = tar_of({"note.txt": b"from the tree"})
    setup = 'test "$(command -v python)" = "$VIRTUAL_ENV/bin/python" && cp note.txt "$VIRTUAL_ENV/note.txt"'

    environment = await installed(sandbox, cache, archive, setup=setup)

    assert await output(sandbox, environment, "cat $VIRTUAL_ENV/note.txt") == "from the tree"


async def test_what_cannot_be_installed_is_told_and_leaves_nothing(sandbox: Sandbox, cache: Path) -> None:
    archive = tar_of({"requirements.txt": b"iniconfig==0.0.0.1\n"})
    spec = find_manifests(archive)

    outcome = await prepare(spec, archive, cache, sandbox, variables=os.environ)

    assert isinstance(outcome, EnvironmentFailed)
    assert "requirements.txt" in outcome.command
    assert "iniconfig==0.0.0.1" in outcome.output_tail
    assert left_of(cache, spec) == [f"{environment_key(spec)}.lock"]


@pytest.mark.parametrize(
    ("setup", "told"),
    [
        ("echo the reason; exit 3", "the reason"),
        ('rm -rf "$VIRTUAL_ENV"; ln -s /etc "$VIRTUAL_ENV"', "removed"),
    ],
    ids=["failing", "replacing the environment by a link"],
)
async def test_a_bad_command_leaves_nothing(sandbox: Sandbox, cache: Path, setup: str, told: str) -> None:
    spec = find_manifests(NOTHING, setup=setup)

    outcome = await prepare(spec, NOTHING, cache, sandbox, variables=os.environ)

    assert isinstance(outcome, EnvironmentFailed)
    assert told in outcome.output_tail
    assert left_of(cache, spec) == [f"{environment_key(spec)}.lock"]


async def test_a_half_built_one_is_thrown_away(sandbox: Sandbox, cache: Path) -> None:
    spec = find_manifests(NOTHING, setup="true")
    half = cache / environment_key(spec) / "venv"
    half.mkdir(parents=True)
    (half / "half").touch()

    environment = await installed(sandbox, cache, NOTHING, setup="true")

    assert not environment.cached
    assert not (half / "half").exists()


async def test_a_removed_one_is_told(sandbox: Sandbox, cache: Path, tmp_path: Path) -> None:
    ready = await installed(sandbox, cache, NOTHING)
    removed = EnvironmentReady(ready.key, str(tmp_path / "gone" / "venv"), 0.0, cached=True)

    with pytest.raises(EnvironmentGone, match="start the run anew"):
        environment_mounts(removed)
