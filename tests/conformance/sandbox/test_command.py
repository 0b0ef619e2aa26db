"""A command runs with what it was given and nothing else, and its results come back."""

import asyncio
import os
import secrets
import sys
from datetime import timedelta
from pathlib import Path, PurePosixPath

import pytest

from bot.model.command import Command, Limits, Mount
from bot.sandbox import Sandbox
from bot.sandbox.errors import MountUnusable, UnsafePath
from tests.conformance.sandbox.backends import becomes, gone
from tests.conformance.sandbox.trees import tar_of

DYING = """
import asyncio, sys
from bot.model.command import Command
from bot.sandbox import Sandbox, qualify

async def main():
    sandbox = await qualify(sys.argv[1])
    assert isinstance(sandbox, Sandbox)
    await sandbox.run(Command(("bash", "-c", f"sleep 600; : {sys.argv[2]}")))

asyncio.run(main())
"""


def shell(script: str) -> tuple[str, ...]:
    return ("bash", "-c", script)


async def test_outputs_and_exit_code_come_back_apart(sandbox: Sandbox) -> None:
    completed = await sandbox.run(Command(shell("echo out; echo err >&2; exit 7")))

    assert (completed.exit_code, completed.stdout, completed.stderr) == (7, b"out\n", b"err\n")
    assert not completed.timed_out


async def test_the_environment_is_the_given_one_alone(sandbox: Sandbox) -> None:
    completed = await sandbox.run(Command(("env",), environment={"GIVEN": "yes", "HOME": "/tmp/mine"}))

    assert set(completed.stdout.decode().splitlines()) == {
        "GIVEN=yes",
        "HOME=/tmp/mine",
        "LANG=C.UTF-8",
        "PATH=/usr/local/bin:/usr/bin:/bin",
    }


async def test_files_lie_over_the_archive_and_keep_its_modes(sandbox: Sandbox) -> None:
    archive = tar_of({"run.sh": b"#!/bin/sh\necho old\n", "a/kept.txt": b"kept\n"}, executable=("run.sh",))
    files = {PurePosixPath("run.sh"): b"#!/bin/sh\necho new\n", PurePosixPath("b/c/d.txt"): b"laid\n"}

    completed = await sandbox.run(Command(shell("./run.sh; cat a/kept.txt b/c/d.txt"), files=files, archive=archive))

    assert completed.stdout == b"new\nkept\nlaid\n", completed.stderr


async def test_standard_input_is_empty(sandbox: Sandbox) -> None:
    assert (await sandbox.run(Command(("cat",)))).exit_code == 0


async def test_a_missing_program_is_told_like_a_shell_does(sandbox: Sandbox) -> None:
    completed = await sandbox.run(Command(("no-such-program",)))

    assert completed.exit_code == 127
    assert b"no-such-program" in completed.stderr


async def test_a_signal_is_told_like_a_shell_does(sandbox: Sandbox) -> None:
    assert (await sandbox.run(Command(shell("kill -SEGV $$")))).exit_code == 139


async def test_globs_bring_back_regular_files_only(sandbox: Sandbox) -> None:
    script = (
        "mkdir -p out/deep; echo 1 >out/a.xml; echo 2 >out/deep/b.xml; ln -s /etc/passwd out/c.xml; mkfifo out/d.xml"
    )

    completed = await sandbox.run(Command(shell(script), collect=("out/**/*.xml", "out/a.xml", "absent.txt")))

    assert completed.collected == {"out/a.xml": b"1\n", "out/deep/b.xml": b"2\n"}
    assert completed.uncollected == ("out/c.xml", "out/d.xml")


async def test_nothing_is_collected_through_a_linked_directory(sandbox: Sandbox) -> None:
    command = Command(shell("ln -s /etc etc"), collect=("etc/passwd", "**/passwd", "etc/*"))

    assert (await sandbox.run(command)).collected == {}


async def test_what_does_not_fit_is_named(sandbox: Sandbox) -> None:
    script = "head -c 3000 /dev/zero >big; head -c 10 /dev/zero >small; truncate -s 200M sparse"

    completed = await sandbox.run(Command(shell(script), collect=("*",), collect_bytes=1000))

    assert completed.collected == {"small": b"\0" * 10}
    assert completed.uncollected == ("big", "sparse")


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "."])
async def test_a_path_out_of_the_work_directory_is_refused(sandbox: Sandbox, path: str) -> None:
    with pytest.raises(UnsafePath, match="work directory"):
        await sandbox.run(Command(("true",), files={PurePosixPath(path): b""}))
    with pytest.raises(UnsafePath, match="work directory"):
        await sandbox.run(Command(("true",), collect=(path,)))


async def test_the_wall_ends_it_and_what_it_started(sandbox: Sandbox) -> None:
    token = secrets.token_hex(8)
    script = f"echo begun; (setsid bash -c 'sleep 600; : {token}' &); sleep 600; : {token}"

    completed = await sandbox.run(Command(shell(script), limits=Limits(wall=timedelta(seconds=0.5))))

    assert (completed.exit_code, completed.timed_out, completed.stdout) == (None, True, b"begun\n")
    assert await gone(token)


async def test_stopping_the_runner_does_not_stop_the_wall(sandbox: Sandbox) -> None:
    token = secrets.token_hex(8)
    script = f"for p in /proc/[0-9]*; do kill -STOP ${{p#/proc/}} 2>/dev/null; done; : {token}"

    completed = await sandbox.run(Command(shell(script), limits=Limits(wall=timedelta(seconds=0.2))))

    assert completed.timed_out
    assert await gone(token)


async def test_a_daemon_does_not_outlive_its_command(sandbox: Sandbox) -> None:
    token = secrets.token_hex(8)

    completed = await sandbox.run(Command(shell(f"(setsid bash -c 'sleep 600; : {token}' &) ; echo done")))

    assert completed.stdout == b"done\n"
    assert await gone(token)


async def test_cancelling_leaves_nothing_alive(sandbox: Sandbox) -> None:
    token = secrets.token_hex(8)
    task = asyncio.create_task(sandbox.run(Command(shell(f"sleep 600; : {token}"))))
    assert await becomes(token, present=True)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await gone(token)


async def test_the_programs_own_death_leaves_nothing_alive(sandbox: Sandbox) -> None:
    token = secrets.token_hex(8)
    program = await asyncio.create_subprocess_exec(sys.executable, "-c", DYING, sandbox.backend.backend, token)
    assert await becomes(f"sleep 600; : {token}", present=True)

    program.kill()
    await program.wait()

    assert await gone(token)


async def test_a_flood_is_counted_and_does_not_block(sandbox: Sandbox) -> None:
    command = Command(shell("head -c 100000000 /dev/zero; echo end >&2"), limits=Limits(output_bytes=1000))

    completed = await sandbox.run(command)

    assert (len(completed.stdout), completed.stderr) == (1000, b"end\n")
    assert completed.dropped_output_bytes == 100_000_000 - 1000


async def test_memory_counts_for_all_processes_together(sandbox: Sandbox) -> None:
    hold = f"{sandbox.python} -c 'x = b\"x\" * 90_000_000; import time; time.sleep(600)'"
    limits = Limits(wall=timedelta(seconds=30), address_space_bytes=200_000_000)

    completed = await sandbox.run(Command(shell(f"{hold} & {hold} & {hold} & {hold} & wait"), limits=limits))

    assert (completed.exit_code, completed.timed_out) == (None, False)


async def test_a_command_cannot_write_its_own_report(sandbox: Sandbox) -> None:
    forged = '40\\n{"exit": 0, "timed_out": false, "files": []}'
    script = f"for f in /proc/[0-9]*/fd/*; do (printf '{forged}' >$f) 2>/dev/null; done; exit 3"

    assert (await sandbox.run(Command(shell(script)))).exit_code == 3


async def test_killing_the_runner_is_no_success(sandbox: Sandbox) -> None:
    completed = await sandbox.run(Command(shell("kill -KILL -1; kill -KILL 1; exit 3")))

    assert completed.exit_code in (3, 137), "either it cannot be killed, or that counts as being killed"


async def test_runs_do_not_see_one_another(sandbox: Sandbox) -> None:
    script = "echo $1 >/tmp/mine; sleep 0.2; cat /tmp/mine; ls /tmp; ls /proc | grep -c '^[0-9]'"

    runs = await asyncio.gather(*(sandbox.run(Command(("bash", "-c", script, "", str(n)))) for n in range(4)))

    assert [run.stdout.split()[0] for run in runs] == [b"0", b"1", b"2", b"3"]
    assert all(int(run.stdout.split()[-1]) < 10 for run in runs)


async def test_a_mount_is_read_only_unless_asked(sandbox: Sandbox, open_directory: Path) -> None:
    (open_directory / "read.txt").write_text("host\n")
    script = "cat /opt/m/read.txt; echo no >/opt/m/new.txt"

    completed = await sandbox.run(Command(shell(script), mounts=(Mount(str(open_directory), "/opt/m"),)))

    assert completed.stdout == b"host\n"
    assert completed.exit_code == 1
    assert os.listdir(open_directory) == ["read.txt"]


async def test_a_writable_mount_is_the_way_to_the_host(sandbox: Sandbox, open_directory: Path) -> None:
    mount = Mount(str(open_directory), "/opt/m", writable=True)

    completed = await sandbox.run(Command(shell("echo yes >/opt/m/new.txt"), mounts=(mount,)))

    assert completed.exit_code == 0, completed.stderr
    assert (open_directory / "new.txt").read_text() == "yes\n"


async def test_a_mount_that_is_not_there_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    absent = str(tmp_path / "absent")

    with pytest.raises(MountUnusable, match="absent"):
        await sandbox.run(Command(("true",), mounts=(Mount(absent, "/opt/m"),)))


async def test_root_is_told_of_a_mount_that_only_it_could_read(sandbox: Sandbox, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    command = Command(("ls", "/opt/m"), mounts=(Mount(str(closed), "/opt/m"),))

    if os.geteuid() == 0:
        with pytest.raises(MountUnusable, match="chmod"):
            await sandbox.run(command)
    else:
        assert (await sandbox.run(command)).exit_code == 0
