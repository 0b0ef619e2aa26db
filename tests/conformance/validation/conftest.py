"""A workbench with a real sandbox and installed tools, shared by all tests."""

import asyncio
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from bot.jobs.validation import ValidationCache, Workbench
from bot.model.command import Unqualified
from bot.model.environment import EnvironmentReady
from bot.sandbox import Sandbox, qualify
from bot.sandbox.environment import prepare
from bot.sandbox.manifests import find_manifests
from tests.badinput.command import CACHE
from tests.conformance.sandbox.trees import tar_of

MakeBench = Callable[[Mapping[str, str]], Workbench]


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    found = asyncio.run(qualify("auto"))
    assert not isinstance(found, Unqualified), f"{found.reason}: {found.mend}"
    return found


@pytest.fixture(scope="session")
def environment(sandbox: Sandbox) -> EnvironmentReady:
    """The base tools alone."""
    return install(sandbox, {})


def install(sandbox: Sandbox, files: Mapping[str, str]) -> EnvironmentReady:
    """The environment of a repository with these files."""
    archive = tar_of({path: text.encode() for path, text in files.items()})
    made = asyncio.run(prepare(find_manifests(archive), archive, CACHE, sandbox, variables=os.environ))
    assert isinstance(made, EnvironmentReady), made
    return made


@pytest.fixture
def bench_of(sandbox: Sandbox, environment: EnvironmentReady, tmp_path: Path) -> MakeBench:
    """A workbench on a base commit with these files."""

    def make(files: Mapping[str, str]) -> Workbench:
        archive = tar_of({path: text.encode() for path, text in files.items()})
        cache = ValidationCache(tmp_path / "validations")
        return Workbench(sandbox, environment, archive, cache, timedelta(minutes=2))

    return make
