"""How git is run: with nothing of ours in reach, and never longer or larger than allowed."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import uvloop

from bot.git.command import GitLimits, Invocation, run_git
from bot.git.errors import GitTimedOut, TooLarge
from tests.conformance.git.served import Workshop


async def test_neither_our_environment_nor_our_configuration_reaches_git(workshop: Workshop) -> None:
    output = await run_git(
        Invocation(
            ("-c", "alias.show-environment=!env", "show-environment"),
            work_directory=workshop.path,
            config={"http.https://example.test/.extraHeader": "Authorization: Basic c2VjcmV0"},
        )
    )
    lines = output.stdout.decode().splitlines()
    names = {line.partition("=")[0] for line in lines}
    assert {name for name in names if not name.startswith("GIT_")} <= {
        "PATH",
        "HOME",
        "LC_ALL",
        "PWD",
        "SHLVL",
        "_",
        "OLDPWD",
    }
    listed = await run_git(Invocation(("config", "--list", "--show-scope"), work_directory=workshop.path))
    scopes = {line.split("\t")[0] for line in listed.stdout.decode().splitlines()}
    assert scopes <= {"command", "local"}


async def test_a_secret_is_not_among_the_arguments(workshop: Workshop) -> None:
    output = await run_git(
        Invocation(
            ("-c", "alias.show-arguments=!tr '\\0' '\\n' < /proc/$PPID/cmdline", "show-arguments"),
            work_directory=workshop.path,
            config={"http.extraHeader": "Authorization: Basic c2VjcmV0"},
        )
    )
    assert "alias.show-arguments" in output.stdout.decode()
    assert "c2VjcmV0" not in output.stdout.decode()


async def test_a_planted_hook_does_not_run(tmp_path: Path, workshop: Workshop) -> None:
    sha = workshop.commit({"a.py": "one\n"})
    hook = workshop.git_directory / "hooks" / "reference-transaction"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    hook.chmod(0o755)
    await run_git(Invocation(("update-ref", "refs/heads/x", sha), work_directory=workshop.path))
    assert not (tmp_path / "sprung").exists()
    workshop.git("update-ref", "refs/heads/y", sha)
    assert (tmp_path / "sprung").exists()


async def test_an_embedded_bare_repository_is_not_entered(workshop: Workshop) -> None:
    workshop.git("init", "--quiet", "--bare", str(workshop.path / "inner"))
    output = await run_git(Invocation(("rev-parse", "--git-dir"), work_directory=workshop.path / "inner"))
    assert output.exit_code != 0


async def test_whoever_stops_waiting_ends_git_and_its_children(tmp_path: Path, workshop: Workshop) -> None:
    pid_file = tmp_path / "pid"
    slow = f"alias.slow=!sh -c 'echo $$ > {pid_file}.new; mv {pid_file}.new {pid_file}; exec sleep 600' & wait"
    waiting = asyncio.create_task(run_git(Invocation(("-c", slow, "slow"), work_directory=workshop.path)))
    await _until(pid_file.exists)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    pid = int(pid_file.read_text())
    await _until(lambda: not _alive(pid))


async def test_whoever_stops_waiting_while_git_starts_ends_it_too(tmp_path: Path, workshop: Workshop) -> None:
    pid_file = tmp_path / "pid"
    slow = f"alias.slow=!sh -c 'echo $$ > {pid_file}.new; mv {pid_file}.new {pid_file}; exec sleep 600' & wait"
    for turns in range(1, 12):
        waiting = asyncio.create_task(run_git(Invocation(("-c", slow, "slow"), work_directory=workshop.path)))
        for _ in range(turns):
            await asyncio.sleep(0)
        waiting.cancel()
        async with asyncio.timeout(60):
            with pytest.raises(asyncio.CancelledError):
                await waiting
        if pid_file.exists():
            pid = int(pid_file.read_text())
            await _until(lambda: not _alive(pid))  # noqa: B023 - waited for before the next round
            pid_file.unlink()


async def test_what_takes_too_long_is_ended(workshop: Workshop) -> None:
    asleep = ("-c", "alias.asleep=!sleep 600", "asleep")
    limits = GitLimits(wall=timedelta(milliseconds=100))
    with pytest.raises(GitTimedOut, match="try again later"):
        await run_git(Invocation(asleep, work_directory=workshop.path, limits=limits))


async def test_output_beyond_the_limit_is_refused_or_cut(workshop: Workshop) -> None:
    endless = ("-c", "alias.endless=!yes", "endless")
    limits = GitLimits(output_bytes=1000)
    with pytest.raises(TooLarge):
        await run_git(Invocation(endless, work_directory=workshop.path, limits=limits))
    cut = await run_git(Invocation(endless, work_directory=workshop.path, limits=limits, overflow="cut"))
    assert (cut.stdout, cut.cut) == (b"y\n" * 500, True)


def test_any_event_loop_of_any_thread_will_do() -> None:
    async def many() -> set[int]:
        outputs = await asyncio.gather(*(run_git(Invocation(("version",), stdin=b"unread")) for _ in range(20)))
        return {output.exit_code for output in outputs}

    assert uvloop.run(many()) == {0}
    with ThreadPoolExecutor(max_workers=1) as threads:
        assert threads.submit(asyncio.run, many()).result() == {0}


async def test_a_command_that_does_not_read_its_input_is_no_error(workshop: Workshop) -> None:
    output = await run_git(Invocation(("version",), work_directory=workshop.path, stdin=b"x" * 5_000_000))
    assert output.exit_code == 0


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.01)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie that nobody has reaped yet is as dead as it gets.
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
