"""A backend is believed only after an attack; one that lets a single probe through is not used."""

import os
import sys
from pathlib import Path

import pytest

from bot.model.command import Qualified, Unqualified
from bot.sandbox import Sandbox, qualify
from bot.sandbox.bubblewrap import Bubblewrap
from bot.sandbox.inside.attack import EVERYWHERE, LINUX
from bot.sandbox.selftest import canary_directory, qualify_backend
from tests.conformance.sandbox.weakened import executing, real_bwrap, rewriting

NOTHING: list[str] = []
CANARY = str(canary_directory())


async def test_it_names_every_probe_it_withstood(sandbox: Sandbox) -> None:
    probes = {probe.__name__ for probe in EVERYWHERE + (LINUX if sys.platform == "linux" else ())}

    assert set(sandbox.backend.probes) == probes | {"daemon", "flood", "nothing_written", "results", "wall"}


async def test_the_real_program_qualifies_when_named_directly() -> None:
    assert isinstance(await qualify_backend(Bubblewrap(real_bwrap())), Qualified)


async def test_a_program_that_only_executes_is_found_out(tmp_path: Path) -> None:
    verdict = await qualify_backend(executing(tmp_path))

    assert isinstance(verdict, Unqualified)
    assert "did not start" in verdict.reason
    assert verdict.mend


@pytest.mark.parametrize(
    ("edit", "let_through"),
    [
        ((["--seccomp", "*"], NOTHING), {"kernel_calls"}),
        ((["--ro-bind", "*", "/opt/rmo-probe"], ["--bind", "*", "/opt/rmo-probe"]), {"mounted_hooks"}),
        ((["--unshare-net"], NOTHING), {"abstract_socket", "loopback"}),
        ((["--proc", "/proc"], ["--bind", "/proc", "/proc"]), {"host_processes"}),
        ((["--remount-ro", "/"], ["--ro-bind", CANARY, CANARY, "--remount-ro", "/"]), {"home"}),
        ((["--chdir", "/work"], ["--ro-bind", "/tmp", "/tmp", "--chdir", "/work"]), {"path_socket"}),
        ((["--tmpfs", "/work"], ["--tmpfs", "/work", "--size", "99000000", "--tmpfs", "/work"]), {"scratch_limit"}),
    ],
    ids=["filter", "mount", "network", "processes", "home", "temporary files", "scratch"],
)
async def test_a_weakened_one_is_found_out(
    tmp_path: Path, edit: tuple[list[str], list[str]], let_through: set[str]
) -> None:
    verdict = await qualify_backend(rewriting(tmp_path, edit))

    assert isinstance(verdict, Unqualified)
    named = set(verdict.reason.partition(": ")[2].split(", "))
    assert let_through <= named, verdict.reason


async def test_a_program_that_is_not_there_is_told_with_the_mend(tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n")
    broken.chmod(0o755)

    verdict = await qualify_backend(Bubblewrap(str(broken)))

    assert isinstance(verdict, Unqualified)
    assert "setting up uid map" in verdict.reason
    assert verdict.mend


async def test_a_backend_of_another_system_is_unqualified() -> None:
    verdict = await qualify("seatbelt")

    assert isinstance(verdict, Unqualified) is (sys.platform != "darwin")


async def test_an_engine_that_does_not_answer_is_unqualified(tmp_path: Path) -> None:
    client = {"PATH": os.defpath, "DOCKER_HOST": f"unix://{tmp_path}/no.sock", "CONTAINER_HOST": "unix:///no.sock"}

    verdict = await qualify("docker", client=client)

    assert isinstance(verdict, Unqualified)
    assert "docker" in verdict.reason
    assert verdict.mend
