"""What docker, podman and seatbelt are asked for; only their arguments can be looked at where they are not there."""

import asyncio
import itertools
import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.command import Command, Limits, Mount
from bot.sandbox.bubblewrap import arguments as bubblewrap_arguments
from bot.sandbox.containers import Container, arguments, seccomp_profile
from bot.sandbox.errors import MountUnusable, UnsafePath
from bot.sandbox.seatbelt import Seatbelt, profile
from bot.sandbox.seccomp import REFUSED

LIMITS = Limits(wall=timedelta(seconds=9), address_space_bytes=111, processes=22, scratch_bytes=333)


def pairs(words: list[str]) -> set[tuple[str, str]]:
    return set(itertools.pairwise(words))


def test_a_container_is_closed(tmp_path: Path) -> None:
    mounts = (Mount(str(tmp_path), "/opt/m"), Mount(str(tmp_path), "/opt/w", writable=True))
    words = arguments(Command(("true",), limits=LIMITS, mounts=mounts), image="i", name="n", profile="/p.json")

    assert {
        ("--network", "none"),
        ("--cap-drop", "ALL"),
        ("--security-opt", "no-new-privileges"),
        ("--security-opt", "seccomp=/p.json"),
        ("--pids-limit", "22"),
        ("--memory", "111"),
        ("--memory-swap", "111"),
        ("--pull", "never"),
        ("--mount", f"type=bind,source={tmp_path.resolve()},target=/opt/m,readonly"),
        ("--mount", f"type=bind,source={tmp_path.resolve()},target=/opt/w"),
    } <= pairs(words)
    assert "--read-only" in words
    assert all("size=333" in words[i + 1] for i, word in enumerate(words) if word == "--tmpfs")
    assert "--privileged" not in words


async def test_a_container_is_removed_and_its_client_gets_little(tmp_path: Path) -> None:
    client = {"HOME": str(tmp_path), "DOCKER_HOST": "unix:///d.sock", "GITHUB_TOKEN": "secret"}

    async with Container("docker", "/bin/docker", "i", client).opened(Command(("true",))) as launch:
        name = launch.argv[launch.argv.index("--name") + 1]
        assert launch.stop == ("/bin/docker", "rm", "--force", name)
        assert set(launch.environment) == {"PATH", "HOME", "DOCKER_HOST"}
        assert launch.own_processes
        written = next(word for word in launch.argv if word.startswith("seccomp="))
        profile_text = await asyncio.to_thread(Path(written.removeprefix("seccomp=")).read_text)

    assert json.loads(profile_text) == seccomp_profile()


def test_the_engines_get_the_same_refusals() -> None:
    rules = json.loads(json.dumps(seccomp_profile()))["syscalls"]

    assert set(REFUSED) < {name for rule in rules for name in rule["names"]}
    assert all(rule["action"] == "SCMP_ACT_ERRNO" for rule in rules)


def test_a_seatbelt_profile_denies_all_else() -> None:
    mounts = (Mount("/opt/read", "/opt/read"), Mount("/opt/write", "/opt/write", writable=True))
    lines = profile(Command(("true",), mounts=mounts), work="/w", python_home='/p"y').splitlines()

    assert lines[:2] == ["(version 1)", "(deny default)"]
    assert [line for line in lines if "file-write*" in line] == [
        '(allow file-write* (subpath "/w"))',
        '(allow file-write* (subpath "/opt/write"))',
    ]
    assert '(allow file-read* (subpath "/p\\"y"))' in lines
    assert not any("network" in line for line in lines)


def test_a_seatbelt_profile_opens_the_network_when_asked() -> None:
    assert "(allow network*)" in profile(Command(("true",), network="host"), work="/w", python_home="/p")


async def test_seatbelt_cannot_move_a_mount(tmp_path: Path) -> None:
    command = Command(("true",), mounts=(Mount(str(tmp_path), "/elsewhere"),))

    with pytest.raises(MountUnusable, match="elsewhere"):
        async with Seatbelt("/usr/bin/sandbox-exec").opened(command):
            pass


@pytest.mark.parametrize("inside", ["relative", "/proc/x", "/dev", "/", "/a/../proc"])
def test_bubblewrap_refuses_mount_points_of_its_own(inside: str) -> None:
    mounts = (Mount("/usr", inside),)

    with pytest.raises(UnsafePath, match="mount point"):
        bubblewrap_arguments(Command(("true",)), mounts, {}, ())
